//! `make bench`: the real binary under load, each figure next to the floor it is measured against, all
//! in one run on the same machine. One table is printed; with `--write` it goes into `BENCHMARKS.md`.
//!
//! `cargo bench --bench load -- past pages` measures parts of it. Client and server share the machine's
//! cores, as they would not in production.

mod client;
mod detection;
mod floors;
mod house;
mod index;
mod inner;
mod machine;
mod past;
mod phases;
mod publishing;
mod sealing;
mod table;
mod verify;

use std::time::Duration;

use machine::Machine;
use table::Figure;

/// Connections of the main figures.
const CONNECTIONS: usize = 64;
/// How long each phase is measured.
const PHASE: Duration = Duration::from_secs(4);
/// Every phase is measured so many times, floors in between; the median counts.
const ROUNDS: usize = 3;

/// What is measured unless parts are named, in this order.
const PARTS: [&str; 7] = ["commands", "sealing", "publishing", "detection", "verify", "past", "inner"];
/// What is measured only when it is named.
const ON_REQUEST: [&str; 2] = ["index", "publishing-long"];

/// The program's own: what is measured in this process is measured as it would run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // The floor for pages runs in a process of its own, as the server does.
        ["bare-axum"] => return runtime.block_on(floors::serve_bare_axum()),
        ["weigh", data] => return runtime.block_on(past::resident::weigh(data.as_ref())),
        [how @ ("sealed" | "unsealed"), data] => {
            return runtime.block_on(sealing::serve(data.as_ref(), *how == "sealed"));
        }
        _ => {}
    }
    let writes = arguments.iter().any(|it| it == "--write");
    let mut parts: Vec<_> = arguments.iter().map(String::as_str).filter(|it| *it != "--write").collect();
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part) && !ON_REQUEST.contains(part)) {
        return Err(format!("there is no part {unknown}; there are {PARTS:?} and {ON_REQUEST:?}").into());
    }
    if parts.is_empty() {
        parts.extend(PARTS);
    }
    let machine = Machine::look()?.told(past::events()?);
    let mut figures = Vec::new();
    for part in parts {
        let measured = runtime.block_on(measure(part))?;
        eprint!("{}", table::table(&measured));
        figures.extend(measured);
    }
    println!("{machine}\n\n{}", table::table(&figures));
    if writes { table::write_book(&figures, &machine) } else { Ok(()) }
}

async fn measure(part: &str) -> Outcome<Vec<Figure>> {
    match part {
        "commands" => phases::measure().await,
        "sealing" => Ok(vec![sealing::measure().await?]),
        "publishing" => publishing::measure(publishing::PAIRS).await,
        "publishing-long" => publishing::measure(publishing::LONG_PAIRS).await,
        "detection" => Ok(vec![detection::measure()?]),
        "verify" => verify::measure(),
        "past" => past::measure().await,
        "index" => index::measure(),
        _ => inner::measure(),
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// For figures that are printed: what a float does not hold of them, nobody would read.
#[expect(clippy::cast_precision_loss, reason = "it is printed with few digits")]
fn float(count: u64) -> f64 {
    count as f64
}

fn per_second(count: u64, lasting: Duration) -> f64 {
    float(count) / lasting.as_secs_f64()
}
