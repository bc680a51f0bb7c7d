//! `make bench`: the real binary under load, each figure next to the floor it is measured against, all
//! in one run on the same machine. What is printed is a table in Markdown; `BENCHMARKS.md` holds one.
//!
//! Client and server share the machine's cores, as they would not in production.

mod client;
mod detection;
mod floors;
mod history;
mod house;
mod moments;
mod past;
mod phases;
mod publishing;
mod sealing;

use std::time::Duration;

/// Connections of the main figures.
const CONNECTIONS: usize = 64;
/// How long each phase is measured.
const PHASE: Duration = Duration::from_secs(4);
/// Every phase is measured so many times, floors in between; the median counts.
const ROUNDS: usize = 3;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One line of the table.
struct Line {
    what: &'static str,
    ours: f64,
    floor_is: &'static str,
    floor: f64,
    wanted: &'static str,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // The floor for pages runs in a process of its own, as the server does.
    if arguments.get(1).is_some_and(|argument| argument == "bare-axum") {
        return runtime.block_on(floors::serve_bare_axum());
    }
    if let [_, how, data] = arguments.as_slice()
        && ["sealed", "unsealed"].contains(&how.as_str())
    {
        return runtime.block_on(sealing::serve(data.as_ref(), how == "sealed"));
    }
    // `cargo bench --bench load -- publishing`: what NATS costs, and how far behind it is; `long`: ten minutes of it.
    if arguments.iter().any(|argument| argument == "publishing") {
        let long = arguments.iter().any(|argument| argument == "long");
        return runtime.block_on(publishing::measure(long));
    }
    if arguments.iter().any(|argument| argument == "past") {
        return runtime.block_on(past::measure());
    }
    if arguments.iter().any(|argument| argument == "detection") {
        print(&[detection::measure()?]);
        return Ok(());
    }
    let sealing = runtime.block_on(sealing::measure())?;
    if arguments.iter().any(|argument| argument == "sealing") {
        print(&[sealing]);
        return Ok(());
    }
    let mut lines = runtime.block_on(phases::measure())?;
    lines.push(sealing);
    lines.push(detection::measure()?);
    print(&lines);
    Ok(())
}

fn print(lines: &[Line]) {
    println!("| what | a second | floor | a second | ratio | wanted |");
    println!("|---|---:|---|---:|---:|---|");
    for Line { what, ours, floor_is, floor, wanted } in lines {
        println!("| {what} | {ours:.0} | {floor_is} | {floor:.0} | {:.2} | {wanted} |", ours / floor);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "a count of requests, to be printed without decimals")]
fn per_second(count: u64, lasting: Duration) -> f64 {
    count as f64 / lasting.as_secs_f64()
}
