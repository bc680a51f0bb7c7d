//! A long log: starts, memory, disk, pages of the activity log, counts, the past, an export, and commands on top
//! of it. `MFA_LEDGER_BENCH_EVENTS` events, 1,000,000 unless told otherwise.

pub mod events;
mod export;
mod history;
mod made;
mod moments;
mod pages;
pub mod resident;
mod weight;

use crate::client::rate;
use crate::house::House;
use crate::phases::{forbidden, people};
use crate::table::{Figure, Unit};
use crate::{CONNECTIONS, Outcome, PHASE, ROUNDS, float, median};

const EVENTS: u64 = 1_000_000;
/// Events of the short log, which pages of the long one are held against.
const SHORT: u64 = 10_000;
/// What a log a tenth as long takes tells how it grows.
const TENTH: u64 = 10;

/// How many events the long log has.
pub fn events() -> Outcome<u64> {
    match std::env::var("MFA_LEDGER_BENCH_EVENTS") {
        Ok(text) => Ok(text.parse()?),
        Err(_) => Ok(EVENTS),
    }
}

pub async fn measure() -> Outcome<Vec<Figure>> {
    let events = events()?;
    let short = started(SHORT).await?;
    let few = pages::ask(&short).await?;
    drop(short);
    let tenth = weight::of(&mut started(events / TENTH).await?).await?;

    let mut house = made::log(events).await?;
    let mut figures = vec![moments::replay(&house.data())?];
    figures.push(ready(&mut house).await?);
    figures.extend(weight::figures(&weight::of(&mut house).await?, &tenth));
    figures.extend(moments::ask(&house, events).await?);
    figures.extend(pages::figures(&pages::ask(&house).await?, &few));
    figures.extend(pages::throughput(&house).await?);
    figures.extend(pages::counts(&house).await?);
    figures.extend(export::measure(&house, events).await?);
    figures.push(commands(&house).await?);
    figures.push(Figure::new(
        "memory at the end, most",
        weight::memory(house.pid())?.1,
        Unit::MiB,
        "1,536 MiB",
    ));
    Ok(figures)
}

/// A house with a log of so many events and a snapshot of them, started from that.
async fn started(events: u64) -> Outcome<House> {
    let mut house = made::fresh(events).await?;
    house.start_again().await?;
    house.settle().await?;
    Ok(house)
}

/// How long a start takes that follows an orderly end of a run that had nothing more to look over.
async fn ready(house: &mut House) -> Outcome<Figure> {
    let mut seconds = Vec::new();
    for _ in 0..ROUNDS {
        house.end()?;
        seconds.push(house.start_again().await?.as_secs_f64());
        house.settle().await?;
    }
    Ok(Figure::new("ready with a snapshot", median(seconds), Unit::Seconds, "1 s"))
}

/// Commands on top of the log, and on one that has just begun, in turns.
async fn commands(house: &House) -> Outcome<Figure> {
    let names = format!("caller{}-", std::process::id());
    let callers = people(house, &names, "general-staff", CONNECTIONS, false).await?;
    let plain = House::start(8, 1).await?;
    plain.unlimited().await?;
    let others = people(&plain, "caller", "general-staff", CONNECTIONS, false).await?;
    let (here, there) = (forbidden(house, &callers).await?, forbidden(&plain, &others).await?);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        with.push(rate(&house.url, here.clone(), PHASE, 403).await?);
        without.push(rate(&plain.url, there.clone(), PHASE, 403).await?);
    }
    let figure = Figure::per_second("commands on top of it", median(with), "ratio 1");
    Ok(figure.against("commands on an empty log", median(without)))
}

/// A share of something in a figure.
fn times(bytes: u64, of: u64) -> f64 {
    float(bytes) / float(of)
}
