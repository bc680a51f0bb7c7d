//! Publishing: how old a record is when it reaches a reader, how fast a stream is filled up, and whether commands
//! are slower while NATS is away. A nats-server of its own, as `.ci/install` brings it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::{self, consumer::DeliverPolicy};
use futures_util::StreamExt;
use mfa_ledger::clock::Clock;
use tokio::time::Instant;

use crate::client::{Client, rate};
use crate::house::{House, Person, Run};
use crate::phases::people;
use crate::{CONNECTIONS, Outcome, PHASE, median, per_second};

/// Commands a second while the lag is measured.
const COMMANDS: u32 = 3_000;
/// How long it is measured.
const LAG_PHASE: Duration = Duration::from_secs(10);
/// How long there is load while NATS is away, before the stream is filled up.
const AWAY: Duration = Duration::from_secs(10);
/// Slices of this length, so many of each, tell whether commands are slower while NATS is away.
const SLICE: Duration = Duration::from_secs(1);
const PAIRS: usize = 12;
/// The same for ten minutes.
const LONG_PAIRS: usize = 300;
/// The status of a command that is not allowed.
const REFUSED: u16 = 403;
/// A port that nothing else here uses.
const PORT: u16 = 14_999;

struct Nats {
    store: tempfile::TempDir,
    child: Option<Child>,
}

impl Nats {
    async fn start() -> Outcome<Self> {
        let store = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let mut nats = Self { store, child: None };
        nats.again().await?;
        Ok(nats)
    }

    async fn again(&mut self) -> Outcome<()> {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/nats-server");
        let mut command = Command::new(installed);
        command.args(["-a", "127.0.0.1", "-p", &PORT.to_string(), "-js", "-sd"]).arg(self.store.path());
        self.child = Some(command.stderr(Stdio::null()).spawn()?);
        while tokio::net::TcpStream::connect(("127.0.0.1", PORT)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    fn stop(&mut self) -> Outcome<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _gone = self.stop();
    }
}

pub async fn measure(long: bool) -> Outcome<()> {
    let mut nats = Nats::start().await?;
    let url = format!("nats://127.0.0.1:{PORT}");
    let house = House::run(8, 1, Run::Binary, &["--nats", &url]).await?;
    house.unlimited().await?;
    let callers = people(&house, "caller", "general-staff", CONNECTIONS, false).await?;
    let requests = refusals(&house, &callers).await?;

    let (count, [half, most, worst]) = lag(&house, &url, &requests).await?;
    println!(
        "lag at {COMMANDS} commands/s, {count} events: p50 {half} ms, p99 {most} ms, greatest {worst} ms"
    );

    nats.stop()?;
    rate(&house.url, requests.clone(), AWAY, REFUSED).await?;
    let before = metric(&house, "mfa_ledger_nats_lag_records").await?;
    nats.again().await?;
    let begun = Instant::now();
    // The publisher may just have begun to wait for its next attempt: that is no part of the speed.
    let left = loop {
        let left = metric(&house, "mfa_ledger_nats_lag_records").await?;
        if left < before {
            break left;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let (waited, filling) = (begun.elapsed(), Instant::now());
    while metric(&house, "mfa_ledger_nats_lag_records").await? > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let speed = per_second(left, filling.elapsed());
    println!(
        "catch-up: {left} of {before} events, {speed:.0}/s, begun {} ms after NATS was back",
        waited.as_millis()
    );

    let plain = House::start(8, 1).await?;
    plain.unlimited().await?;
    let others = people(&plain, "caller", "general-staff", CONNECTIONS, false).await?;
    let without = refusals(&plain, &others).await?;
    // As many records as the other one has.
    rate(&plain.url, without.clone(), LAG_PHASE + AWAY, REFUSED).await?;
    nats.stop()?;
    let (mut none, mut away) = (Vec::new(), Vec::new());
    for pair in 0..if long { LONG_PAIRS } else { PAIRS } {
        // In turns, and each first in turn: other work on the machine hits both alike.
        for plain_now in [pair % 2 == 0, pair % 2 != 0] {
            if plain_now {
                none.push(rate(&plain.url, without.clone(), SLICE, REFUSED).await?);
            } else {
                away.push(rate(&house.url, requests.clone(), SLICE, REFUSED).await?);
            }
        }
    }
    let (behind, ready) =
        (metric(&house, "mfa_ledger_nats_lag_records").await?, page(&house, "/readyz").await?);
    println!("before NATS is back: {behind} records behind, /readyz says {ready}");
    nats.again().await?;
    while metric(&house, "mfa_ledger_nats_lag_records").await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("and then: 0 behind, /readyz says {}", page(&house, "/readyz").await?);
    let there = rate(&house.url, requests, PHASE, REFUSED).await?;
    let (none, away) = (median(none), median(away));
    println!(
        "commands: {none:.0}/s without NATS, {away:.0}/s while it is away, {there:.0}/s while it is there"
    );
    println!("ratio while it is away: {:.2}", away / none);
    Ok(())
}

/// The least that is one command and one record: somebody asks for what they may not do.
async fn refusals(house: &House, callers: &[Person]) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    let body = r#"{"name": "General Staff", "permissions": ["manage-mfa"], "mfa_required": false}"#;
    let request = |caller: &Person| client.request("PUT", "/v1/roles/general-staff", &caller.token, body);
    Ok(callers.iter().map(|caller| vec![request(caller)]).collect())
}

/// Milliseconds from the time of a record to its arrival at a reader: the middle, all but a hundredth, the worst.
async fn lag(house: &House, url: &str, requests: &[Vec<Vec<u8>>]) -> Outcome<(usize, [i64; 3])> {
    let stream = jetstream::new(async_nats::connect(url).await?).get_stream("MFA_EVENTS").await?;
    let config = OrderedConfig {
        name: Some("bench".to_owned()),
        deliver_policy: DeliverPolicy::New,
        ..OrderedConfig::default()
    };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    let ends = Instant::now() + LAG_PHASE;
    let reading = tokio::spawn(async move {
        let mut ages = Vec::new();
        while let Ok(Some(Ok(message))) = tokio::time::timeout_at(ends + PHASE, messages.next()).await {
            let event: serde_json::Value = serde_json::from_slice(&message.payload)?;
            let time = event["time"].as_str().ok_or("no time")?.parse::<mfa_ledger_schemas::Instant>()?;
            ages.push(Clock::System.unix_ms() - time.unix_ms());
        }
        Outcome::Ok(ages)
    });
    let every = Duration::from_secs(1) * u32::try_from(requests.len())? / COMMANDS;
    let mut callers = Vec::new();
    for list in requests {
        let (mut client, list) = (Client::connect(&house.url).await?, list.clone());
        callers.push(tokio::spawn(async move {
            let mut ticks = tokio::time::interval(every);
            for request in list.iter().cycle() {
                ticks.tick().await;
                if Instant::now() > ends {
                    break;
                }
                client.send(request).await?;
            }
            Outcome::Ok(())
        }));
    }
    for caller in callers {
        caller.await??;
    }
    let mut ages = reading.await??;
    ages.sort_unstable();
    let at = |hundredths: usize| ages[(ages.len() - 1) * hundredths / 100];
    Ok((ages.len(), [at(50), at(99), at(100)]))
}

async fn metric(house: &House, name: &str) -> Outcome<u64> {
    let page = page(house, "/metrics").await?;
    let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(value.ok_or("it is not told")?.trim().parse()?)
}

async fn page(house: &House, path: &str) -> Outcome<String> {
    let mut client = Client::connect(&house.url).await?;
    let request = client.request("GET", path, "", "");
    Ok(String::from_utf8_lossy(client.send(&request).await?.body).into_owned())
}
