//! What a long log costs whoever folds all of it, or asks about a moment of the past.

use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger::config::Config;
use mfa_ledger::data_dir;
use mfa_ledger::service::past;
use tokio::time::Instant;

use super::events::person;
use crate::client::Client;
use crate::house::House;
use crate::table::{Figure, Unit};
use crate::{Outcome, ROUNDS, median, per_second};

/// Moments that are asked about.
const MOMENTS: u64 = 40;

/// Records a second: read from sled and nothing else, and folded from the journal, in turns. Nobody may have the log
/// open.
pub fn replay(data: &Path) -> Outcome<Figure> {
    let (mut scans, mut replays) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        scans.push(scan(data)?);
        let config = Config { data_dir: data.to_owned(), ..Config::default() };
        let begun = Instant::now();
        let last = data_dir::history(&config, |_| ControlFlow::Continue(()))?;
        replays.push(per_second(last.0, begun.elapsed()));
    }
    let figure = Figure::per_second("full replay", median(replays), "ratio 0.7");
    Ok(figure.against("a bare scan of sled", median(scans)))
}

fn scan(data: &Path) -> Outcome<f64> {
    let (copy, packed) = opened(&data.join("sled"))?;
    let (begun, mut count, mut bytes) = (Instant::now(), 0_u64, 0);
    for entry in &copy {
        let (_, value) = entry?;
        bytes += value.len();
        let mut rest = &value[..];
        count += u64::from(!packed);
        while packed && let Some((length, after)) = rest.split_first_chunk() {
            rest = &after[usize::try_from(u32::from_be_bytes(*length))?..];
            count += 1;
        }
    }
    assert!(bytes > 0, "there are records");
    Ok(per_second(count, begun.elapsed()))
}

/// The tree of a reading copy, and whether it has several records to a value. sled opens nothing with segments of another
/// size than it was made with, and tells nobody which that is.
fn opened(copy: &Path) -> Outcome<(sled::Tree, bool)> {
    let conf = std::fs::read(copy.join("conf"))?;
    let conf = String::from_utf8_lossy(&conf);
    let size = conf.lines().find_map(|line| line.strip_prefix("segment_size: ")).ok_or("no size is told")?;
    let db = sled::Config::new().path(copy).segment_size(size.parse()?).open()?;
    let packed = !db.tree_names().iter().any(|name| name == b"log");
    Ok((db.open_tree(if packed { "packed" } else { "log" })?, packed))
}

/// One administrator, and all of them, as of moments spread over the log without order.
pub async fn ask(house: &House, events: u64) -> Outcome<Vec<Figure>> {
    let mut client = house.client().await?;
    let id = person(77);
    let moments = |step: u64| (1..=MOMENTS).map(move |number| number * step % events + 1);
    let far = events / 3 + 12_345;
    let mut one = Vec::new();
    for position in moments(far) {
        let path = format!("/v1/administrators/{id}/security?as_of={position}");
        one.push(timed(&mut client, &path, house).await?);
    }
    // A slider: the snapshot near by was read for the moment before.
    let mut near = Vec::new();
    for position in moments(911).map(|at| events / 2 + at % 50_000) {
        let path = format!("/v1/administrators/{id}/security?as_of={position}");
        near.push(timed(&mut client, &path, house).await?);
    }
    let mut all = Vec::new();
    for position in moments(far) {
        all.push(timed(&mut client, &format!("/v1/administrators?limit=50&as_of={position}"), house).await?);
    }
    let mut figures = Vec::new();
    for (what, mut times, wanted) in [
        ("one administrator as of a moment anywhere", one, "5 ms"),
        ("one administrator as of a moment near the last", near, "5 ms"),
        ("all administrators as of a moment anywhere", all, "2,000 ms"),
    ] {
        times.sort_by(f64::total_cmp);
        figures.push(Figure::new(format!("{what}: p50"), times[times.len() / 2], Unit::Milliseconds, wanted));
        figures.push(Figure::new(format!("{what}: most"), times[times.len() - 1], Unit::Milliseconds, ""));
    }
    let seconds = from_nothing(&mut client, house, events).await? / 1_000.0;
    let what = "all administrators as of the last moment, without any snapshot";
    figures.push(Figure::new(what, seconds, Unit::Seconds, "20 s"));
    Ok(figures)
}

/// Everything folded from the first record, since there is no snapshot for a while.
async fn from_nothing(client: &mut Client, house: &House, events: u64) -> Outcome<f64> {
    let path = |position| format!("/v1/administrators?limit=50&as_of={position}");
    // The moments that stay folded are the first ones now.
    for position in 1..=past::MOMENTS as u64 {
        timed(client, &path(position), house).await?;
    }
    let (kept, aside) = (house.data().join("snapshots"), house.data().join("aside"));
    std::fs::rename(&kept, &aside)?;
    let answered = timed(client, &path(events), house).await;
    std::fs::rename(&aside, &kept)?;
    answered
}

/// Milliseconds at the client. Who was not there yet is an answer as well.
async fn timed(client: &mut Client, path: &str, house: &House) -> Outcome<f64> {
    let request = client.request("GET", path, &house.root.token, "");
    let begun = Instant::now();
    let answer = client.send(&request).await?;
    match answer.status {
        200 | 404 => Ok(begun.elapsed().as_secs_f64() * 1_000.0),
        status => Err(format!("{path}: {status}").into()),
    }
}
