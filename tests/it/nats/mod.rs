//! Publishing, with the real binary and a real nats-server: what is on the stream is the log, whatever happens
//! to either of them.

mod access;
mod away;
mod cluster;
mod consumer;
mod consumers;
mod credentials;
mod foreign;
mod published;
mod reading;
mod replay;
mod rewritten;
pub mod server;
mod settings;
mod tls;
mod verify;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::jetstream::message::StreamMessage;
use futures_util::StreamExt;
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::Embedded;
use mfa_ledger::log::{Log, Position};
use mfa_ledger_schemas::{LedgerId, codec};
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{Place, Server};
use server::Nats;

pub use crate::anchors::{head, metric, until};

pub const EVENTS: &str = "MFA_EVENTS";

/// Serves a new ledger, publishing there.
fn publishing_to(nats: &Nats) -> Server {
    Server::start_with(&[("MFA_LEDGER__NATS__URLS", &nats.url)])
}

/// The check of NATS at `/readyz`: status and detail.
async fn check(client: &Client) -> (String, String) {
    let ready = client.get("/readyz?verbose").await.ok(200);
    let checks = ready["checks"].as_array().expect("checks").clone();
    let check = checks.into_iter().find(|check| check["name"] == "nats").expect("a check of NATS");
    (
        check["status"].as_str().expect("a status").to_owned(),
        check["detail"].as_str().expect("a detail").to_owned(),
    )
}

/// Waits until everything that is recorded by now is published.
pub async fn caught_up(client: &Client) -> u64 {
    let wanted = head(client).await;
    until("everything is published", || async {
        metric(client, "mfa_ledger_nats_position").await.is_some_and(|position| position >= wanted)
    })
    .await;
    wanted
}

/// The alerts of a rule.
async fn alerts(server: &Server, rule: &str) -> Vec<Value> {
    let (root, _) = server.root().await;
    let page = root.get("/v1/alerts").await.ok(200);
    let items = page["data"].as_array().expect("alerts").clone();
    items.into_iter().filter(|alert| alert["rule"] == rule).collect()
}

/// Records, as cheap as can be: log-ins of nobody.
pub async fn records(client: &Client, count: usize) {
    for _ in 0..count {
        assert_eq!(client.post("/v1/session", &nobody()).await.status, 401);
    }
}

/// A log-in of somebody who was never heard of: the same name would soon be held up.
pub fn nobody() -> Value {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("nobody-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    json!({"user_name": name, "password": "wrong"})
}

/// Every leaf in a data directory that nobody holds, in order.
async fn leaves(place: &Place) -> Vec<String> {
    let (ledger, dir) = (ledger(place), place.data_dir());
    let (log, opening) = Embedded::open(&dir, ledger.bytes(), Disk::real()).expect("it opens");
    let count = usize::try_from(opening.head.0).expect("they fit");
    let entries: Vec<_> = log.read(Position::START).take(count).collect().await;
    let leaf =
        |entry: &mfa_ledger::log::Entry| codec::halves(&entry.record).expect("a record").leaf.to_owned();
    let leaves = entries.iter().map(|entry| leaf(entry.as_ref().expect("it can be read"))).collect();
    log.close().await.expect("it closes");
    leaves
}

fn ledger(place: &Place) -> LedgerId {
    let meta: Value =
        serde_json::from_slice(&std::fs::read(place.data_dir().join("ledger.json")).expect("meta"))
            .expect("it is JSON");
    meta["ledger"].as_str().expect("a ledger").parse().expect("an id")
}

/// The whole stream is the whole log: one message a record, at its position, byte for byte.
async fn the_stream_is_the_log(nats: &Nats, place: &Place) {
    let (messages, leaves, ledger) = (nats.messages(EVENTS).await, leaves(place).await, ledger(place));
    assert_eq!(messages.len(), leaves.len(), "one message a record");
    for (index, (StreamMessage { sequence, headers, payload, .. }, leaf)) in
        messages.iter().zip(&leaves).enumerate()
    {
        assert_eq!(*sequence, index as u64 + 1);
        assert_eq!(payload, leaf.as_bytes(), "position {sequence}");
        let id = headers.get("Nats-Msg-Id").map(async_nats::HeaderValue::as_str);
        assert_eq!(id, Some(format!("{ledger}/{sequence}").as_str()));
    }
}

/// A script of this directory in the Python that `.ci/install` set up, to its end.
fn python(script: &str, arguments: &[&str]) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = root.join("target/tools/bin/python");
    assert!(installed.exists(), "{} is missing: run .ci/install test", installed.display());
    let mut command = Command::new(installed);
    command.arg(root.join("tests/it/nats").join(script)).args(arguments).stdin(Stdio::null());
    command
}

/// The program on a place, with a NATS server.
pub fn run(place: &Place, nats: &Nats, arguments: &[&str]) -> Output {
    let mut command = place.command(arguments);
    command.env("MFA_LEDGER__NATS__URLS", &nats.url).output().expect("it starts")
}
