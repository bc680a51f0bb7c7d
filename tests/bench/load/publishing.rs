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
use crate::house::{House, Run};
use crate::phases::{forbidden, people};
use crate::table::{Figure, Unit};
use crate::{CONNECTIONS, Outcome, PHASE, median, per_second};

/// Commands a second while the lag is measured.
const COMMANDS: u32 = 3_000;
/// How long it is measured.
const LAG_PHASE: Duration = Duration::from_secs(10);
/// How long there is load while NATS is away, before the stream is filled up.
const AWAY: Duration = Duration::from_secs(10);
/// Slices of this length, so many of each, tell whether commands are slower while NATS is away.
const SLICE: Duration = Duration::from_secs(1);
pub const PAIRS: usize = 12;
/// The same for ten minutes.
pub const LONG_PAIRS: usize = 300;
/// The status of a command that is not allowed.
const REFUSED: u16 = 403;
/// How many records NATS lacks.
const BEHIND: &str = "mfa_ledger_nats_lag_records";
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

pub async fn measure(pairs: usize) -> Outcome<Vec<Figure>> {
    let mut nats = Nats::start().await?;
    let url = format!("nats://127.0.0.1:{PORT}");
    let house = House::run(8, 1, Run::Binary, &["--nats", &url]).await?;
    house.unlimited().await?;
    let callers = people(&house, "caller", "general-staff", CONNECTIONS, false).await?;
    let requests = forbidden(&house, &callers).await?;
    let [half, most, _] = lag(&house, &url, &requests).await?;
    let age = |part, ms, wanted| {
        let what = format!("age of a record at a NATS reader, {COMMANDS} commands a second: {part}");
        Figure::new(what, ms, Unit::Milliseconds, wanted)
    };
    let mut figures = vec![age("p50", half, ""), age("p99", most, "50 ms")];

    nats.stop()?;
    rate(&house.url, requests.clone(), AWAY, REFUSED).await?;
    nats.again().await?;
    let filled = fill_up(&house).await?;
    figures.push(Figure::per_second("filling up a stream after NATS was away", filled, "20,000/s"));

    let plain = House::start(8, 1).await?;
    plain.unlimited().await?;
    let others = people(&plain, "caller", "general-staff", CONNECTIONS, false).await?;
    let without = forbidden(&plain, &others).await?;
    // As many records as the other one has.
    rate(&plain.url, without.clone(), LAG_PHASE + AWAY, REFUSED).await?;
    nats.stop()?;
    let (mut none, mut away) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        // In turns, and each first in turn: other work on the machine hits both alike.
        for plain_now in [pair % 2 == 0, pair % 2 != 0] {
            if plain_now {
                none.push(rate(&plain.url, without.clone(), SLICE, REFUSED).await?);
            } else {
                away.push(rate(&house.url, requests.clone(), SLICE, REFUSED).await?);
            }
        }
    }
    caught_up_again(&house, &mut nats).await?;
    let what = format!("commands while NATS is away, {pairs} slices of a second");
    let figure = Figure::per_second(what, median(away), "ratio 0.95");
    figures.push(figure.against("commands without NATS", median(none)));
    Ok(figures)
}

/// Events a second, from when the publisher goes on: until then it waits for its next attempt.
async fn fill_up(house: &House) -> Outcome<f64> {
    let before = metric(house, BEHIND).await?;
    let left = loop {
        let left = metric(house, BEHIND).await?;
        if left < before {
            break left;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let filling = Instant::now();
    while metric(house, BEHIND).await? > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(per_second(left, filling.elapsed()))
}

/// Nothing that was done without NATS is lost to it.
async fn caught_up_again(house: &House, nats: &mut Nats) -> Outcome<()> {
    let (behind, ready) = (metric(house, BEHIND).await?, page(house, "/readyz").await?);
    assert!(behind > 0 && ready.contains("degraded"), "{behind} behind, {ready}");
    nats.again().await?;
    while metric(house, BEHIND).await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Milliseconds from the time of a record to its arrival at a reader: the middle, all but a hundredth, the worst.
async fn lag(house: &House, url: &str, requests: &[Vec<Vec<u8>>]) -> Outcome<[f64; 3]> {
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
    let at = |hundredths: usize| {
        f64::from(i32::try_from(ages[(ages.len() - 1) * hundredths / 100]).unwrap_or(i32::MAX))
    };
    Ok([at(50), at(99), at(100)])
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
