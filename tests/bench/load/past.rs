//! A long log: starts, memory, disk, pages of the activity log, counts, an export, and commands on top of it.
//! `MFA_LEDGER_BENCH_EVENTS` events, 1,000,000 unless told otherwise.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use crate::client::rate;
use crate::floors::BareAxum;
use crate::house::{House, Person, Run};
use crate::phases::people;
use crate::{CONNECTIONS, Outcome, PHASE, per_second};
use crate::{history, moments};

const EVENTS: u64 = 1_000_000;
/// Questions of one kind, one after the other.
const QUESTIONS: usize = 200;

pub async fn measure() -> Outcome<()> {
    let events = match std::env::var("MFA_LEDGER_BENCH_EVENTS") {
        Ok(text) => text.parse()?,
        Err(_) => EVENTS,
    };
    let mut house = long_log(events).await?;
    let encoded = std::fs::read_to_string(house.path().join("encoded"))?.parse()?;
    moments::replay(&house.data())?;
    let again = house.start_again().await?;
    println!("start with a snapshot: ready after {} ms, {}", again.as_millis(), memory(&house)?);
    parts(&house.data(), encoded)?;
    moments::ask(&house, events).await?;
    pages(&house).await?;
    counts(&house).await?;
    export(&house, events).await?;
    let callers =
        people(&house, &format!("caller{}-", std::process::id()), "general-staff", CONNECTIONS, false)
            .await?;
    let refused = rate(&house.url, refusals(&house, &callers).await?, PHASE, 403).await?;
    let plain = House::start(8, 1).await?;
    plain.unlimited().await?;
    let others = people(&plain, "caller", "general-staff", CONNECTIONS, false).await?;
    let without = rate(&plain.url, refusals(&plain, &others).await?, PHASE, 403).await?;
    println!("commands: {refused:.0}/s on {events} events, {without:.0}/s on none: {:.2}", refused / without);
    println!("at the end: {}", memory(&house)?);
    Ok(())
}

/// A house with so many events in its log, and snapshots of them; the one of `MFA_LEDGER_BENCH_DIRECTORY`, if that
/// was made before.
async fn long_log(events: u64) -> Outcome<House> {
    let stays = std::env::var_os("MFA_LEDGER_BENCH_DIRECTORY").map(PathBuf::from);
    let mut house = match &stays {
        Some(directory) if directory.exists() => return House::again(directory, 8, 1),
        Some(directory) => House::stay(directory, 8, 1).await?,
        None => House::run(8, 1, Run::Binary, &[]).await?,
    };
    house.unlimited().await?;
    house.end()?;
    let begun = Instant::now();
    let made = history::append(&house.data(), events).await?;
    let took = begun.elapsed();
    std::fs::write(house.path().join("encoded"), made.bytes.to_string())?;
    println!("made: {events} events, {} bytes each, {:.0}/s", made.bytes / events, per_second(events, took));
    let first = house.start_again().await?;
    println!("first start, nothing folded: ready after {} ms, {}", first.as_millis(), memory(&house)?);
    house.end()?;
    Ok(house)
}

async fn refusals(house: &House, callers: &[Person]) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    let body = r#"{"name": "General Staff", "permissions": ["manage-mfa"], "mfa_required": false}"#;
    let request = |caller: &Person| client.request("PUT", "/v1/roles/general-staff", &caller.token, body);
    Ok(callers.iter().map(|caller| vec![request(caller)]).collect())
}

/// Pages of 50 by filter: how long one takes, and how many a second 64 connections get, held against a bare
/// axum answer.
async fn pages(house: &House) -> Outcome<()> {
    let floor = BareAxum::start()?;
    println!("| page of 50 | bytes | p50, ms | p99, ms | a second | bare axum | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for filter in [
        "",
        "action=mfa.reset",
        "actor=help.desk1990",
        "target=person.77",
        "outcome=refused",
        "ip=10.0.77.7",
        "ticket=INC-0004711",
        "q=INC-00047",
        "q=nothing-like-it",
        "q=person.77",
        "action=mfa.reset&actor=help.desk1990&target=person.77",
        "outcome=failed&actor=person.77",
        "action=session.started&outcome=refused",
        "since=2023-05-01T00:00:00Z&until=2023-05-02T00:00:00Z&action=mfa.reset",
    ] {
        let path = format!("/v1/activity?limit=50&{filter}");
        let mut client = house.client().await?;
        let request = client.request("GET", &path, &house.root.token, "");
        let (mut times, mut bytes) = (Vec::new(), 0);
        for _ in 0..QUESTIONS {
            let begun = Instant::now();
            let answer = client.send(&request).await?;
            times.push(begun.elapsed());
            bytes = answer.body.len();
            if answer.status != 200 {
                return Err(format!("{path}: {}", answer.status).into());
            }
        }
        times.sort();
        let requests = vec![vec![request]; CONNECTIONS];
        let a_second = rate(&house.url, requests, Duration::from_secs(2), 200).await?;
        let same = vec![vec![client.request("GET", &format!("/bytes/{bytes}"), "", "")]; CONNECTIONS];
        let bare = rate(&floor.url, same, Duration::from_secs(2), 200).await?;
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        println!(
            "| {filter} | {bytes} | {:.2} | {:.2} | {a_second:.0} | {bare:.0} | {:.2} |",
            ms(times[QUESTIONS / 2]),
            ms(times[QUESTIONS * 99 / 100]),
            a_second / bare
        );
    }
    Ok(())
}

async fn counts(house: &House) -> Outcome<()> {
    for by in ["action", "hour", "weekday", "performer", "reason"] {
        let mut client = house.client().await?;
        let begun = Instant::now();
        let path = format!("/v1/activity/stats?tz=Europe/Prague&by={by}");
        client.call("GET", &path, &house.root.token, "").await?;
        println!("counted by {by}: {} ms", begun.elapsed().as_millis());
    }
    Ok(())
}

async fn export(house: &House, events: u64) -> Outcome<()> {
    mfa_ledger::tls::install();
    for format in ["application/x-ndjson", "text/csv"] {
        let begun = Instant::now();
        let client = reqwest::Client::new();
        let request = client.get(format!("{}/v1/activity?order=asc", house.url));
        let request = request.bearer_auth(&house.root.token).header("accept", format);
        let mut answer = request.send().await?.error_for_status()?;
        let mut bytes = 0;
        while let Some(chunk) = answer.chunk().await? {
            bytes += chunk.len();
        }
        let speed = per_second(events, begun.elapsed());
        println!("export as {format}: {speed:.0} events/s, {bytes} bytes, {}", memory(house)?);
    }
    Ok(())
}

/// What the server has in memory, and what it had at most.
fn memory(house: &House) -> Outcome<String> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", house.pid()))?;
    let mib = |name: &str| -> Outcome<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("it is not told")?;
        Ok(line.trim_matches([':', '\t', ' ', 'k', 'B']).parse::<u64>()? / 1_024)
    };
    Ok(format!("{} MiB in memory, {} at most", mib("VmRSS")?, mib("VmHWM")?))
}

/// Disk by part, in hundredths of the encoded bytes.
fn parts(data: &Path, encoded: u64) -> Outcome<()> {
    let mut all = 0;
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        let bytes = size(&entry.path())?;
        all += bytes;
        if bytes > encoded / 1_000 {
            let name = entry.file_name().display().to_string();
            println!("disk, {name}: {} MiB, {} % of the encoded bytes", bytes >> 20, bytes * 100 / encoded);
        }
    }
    println!("disk: {} MiB, {} % of the encoded bytes", all >> 20, all * 100 / encoded);
    Ok(())
}

fn size(path: &Path) -> Outcome<u64> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::symlink_metadata(path)?;
    let mut bytes = meta.blocks() * 512;
    if meta.is_dir() {
        for entry in std::fs::read_dir(path)? {
            bytes += size(&entry?.path())?;
        }
    }
    Ok(bytes)
}
