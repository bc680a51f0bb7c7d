//! `events verify`: what is sound, what cannot be verified, and what is said about it.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy};
use serde_json::Value;

use super::server::Nats;
use super::{EVENTS, caught_up, metric, publishing_to, records, run, until};
use crate::support::client::Client;
use crate::support::server::{Place, Server, text};

const CHECKPOINTS: &str = "MFA_CHECKPOINTS";

/// The public key of a ledger, as it is handed out.
fn key(place: &Place) -> String {
    text(&place.run(&["log", "keys"]).stdout).trim().to_owned()
}

/// The command somewhere else: exit code, report and standard error.
fn verify(nats: &Nats, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let arguments = [&["events", "verify", "--output", "json"], arguments].concat();
    let output = run(&Place::empty(), nats, &arguments);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), report, text(&output.stderr))
}

/// Everything so far is on NATS, and signed for there.
async fn signed_for(client: &Client) -> u64 {
    let head = caught_up(client).await;
    until("it is signed for", || async {
        metric(client, "mfa_ledger_nats_checkpoint").await.is_some_and(|size| size >= head)
    })
    .await;
    head
}

async fn some_past(nats: &Nats) -> (Server, String, u64) {
    let server = publishing_to(nats);
    records(&server.client(), 20).await;
    let (head, key) = (signed_for(&server.client()).await, key(&server.place));
    (server, key, head)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_stream_is_sound_also_while_events_are_published() {
    let nats = Nats::start();
    let (server, key, head) = some_past(&nats).await;
    let client = server.client();
    let (code, report, told) = verify(&nats, &["--key", &key]);
    assert_eq!((code, &report["result"]), (Some(0), &"sound".into()), "{told}");
    assert_eq!((&report["records"], &report["covered"]), (&head.into(), &head.into()), "{report:#}");
    assert_eq!(report["not_covered"], 0);
    assert_eq!(report["signatures_checked"], true);
    assert!(report["checkpoints"].as_u64() >= Some(1), "{report:#}");
    until("all of it was compared", || async {
        metric(&client, "mfa_ledger_nats_verified_position").await >= Some(head)
    })
    .await;
    // As a table, too.
    let output = run(&Place::empty(), &nats, &["events", "verify", "--key", &key]);
    assert!(text(&output.stdout).contains("sound"), "{}", text(&output.stdout));

    let publishing = tokio::spawn({
        let client = client.clone();
        async move {
            loop {
                records(&client, 1).await;
            }
        }
    });
    for round in 0..8 {
        let url = ["--url", &*server.url];
        let more = if round % 2 == 0 { url.as_slice() } else { &[] };
        let (code, report, told) = verify(&nats, &[&["--key", &key], more].concat());
        assert_eq!((code, &report["result"]), (Some(0), &"sound".into()), "{told}");
    }
    publishing.abort();
    // What the kept checkpoint of the data directory says is true of the stream as well.
    signed_for(&client).await;
    let (_, place, _) = server.end();
    let kept = place.data_dir().join("checkpoint").display().to_string();
    assert_eq!(verify(&nats, &["--key", &key, "--checkpoint", &kept]).0, Some(0));
    let read = run(&place, &nats, &["events", "replay"]);
    assert!(read.status.success(), "{}", text(&read.stderr));
    let told = text(&read.stderr);
    assert!(told.contains("events were read, and fit ") && !told.contains("not checked"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_signed_nothing_is_told() {
    let nats = Nats::start();
    let (server, key, _) = some_past(&nats).await;
    let other = self::key(&Place::initialised().0);
    // Of another ledger, and one that bears this ledger's name.
    let (code, _, told) = verify(&nats, &["--key", &other]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("there is no checkpoint"), "{told}");
    let (name, _) = key.split_once('+').expect("a key");
    let named = forged(name);
    let (code, report, told) = verify(&nats, &["--key", &named]);
    assert_eq!((code, &report["kind"]), (Some(10), &"signature".into()), "{told}");
    assert!(told.contains("no known key has signed it"), "{told}");
    let (code, _, told) = verify(&nats, &["--key", &key, "--key", &other]);
    assert_eq!(code, Some(2), "{told}");
    let output = run(&Place::empty(), &nats, &["events", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("there is no key"), "{}", text(&output.stderr));
    drop(server);
}

/// A public key with a name of choice.
fn forged(name: &str) -> String {
    use mfa_ledger::tlog::{SigningKey, key::KeyType};
    SigningKey::from_seed(name, KeyType::Ed25519, &[9; 32]).expect("a key").verifier().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_reached_is_told_with_codes_of_their_own() {
    let mut nats = Nats::start();
    let (server, key, head) = some_past(&nats).await;
    let (_, place, _) = server.end();
    let context = nats.jetstream().await;
    // Without checkpoints nothing can be said; with one from elsewhere it can.
    context.delete_stream(CHECKPOINTS).await.expect("it can be deleted");
    let (code, _, told) = verify(&nats, &["--key", &key]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("there is no checkpoint to verify the stream with"), "{told}");
    let kept = place.data_dir().join("checkpoint").display().to_string();
    let (code, report, told) = verify(&nats, &["--key", &key, "--checkpoint", &kept]);
    assert_eq!((code, &report["covered"]), (Some(0), &head.into()), "{told}");

    let (code, _, told) = verify(&nats, &["--key", &key, "--nats", "nats://127.0.0.1:1"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("the NATS server cannot be reached"), "{told}");
    context.delete_stream(EVENTS).await.expect("it can be deleted");
    let (code, _, told) = verify(&nats, &["--key", &key, "--checkpoint", &kept]);
    assert_eq!(code, Some(5), "{told}");
    nats.kill();
    assert_eq!(verify(&nats, &["--key", &key]).0, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_limits_dropped_are_named() {
    let nats = Nats::start();
    let (server, key, head) = some_past(&nats).await;
    let (_, place, _) = server.end();
    let context = nats.jetstream().await;
    let stream = context.get_stream(EVENTS).await.expect("it is there");
    let config = stream.cached_info().config.clone();
    let limited = Config { max_messages: 10, discard: DiscardPolicy::Old, ..config };
    context.update_stream(&limited).await.expect("it can be changed");
    until("the oldest are gone", || async {
        let stream = nats.jetstream().await.get_stream(EVENTS).await.expect("it is there");
        stream.cached_info().state.messages == 10
    })
    .await;
    let gone = head - 10;
    let (code, report, told) = verify(&nats, &["--key", &key]);
    assert_eq!((code, &report["kind"]), (Some(10), &"gap".into()), "{told}");
    assert!(told.contains(&format!("messages 1 to {gone} are gone: the limits")), "{told}");
    let read = run(&place, &nats, &["events", "replay"]);
    assert_eq!(read.status.code(), Some(10), "{}", text(&read.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_are_never_ahead_of_the_events() {
    let mut nats = Nats::start();
    let (server, key, _) = some_past(&nats).await;
    let client = server.client();
    for _ in 0..3 {
        nats.kill();
        records(&client, 200).await;
        nats.restart();
        // While the stream is filled: what is signed for there is there.
        for _ in 0..3 {
            let (code, _, told) = verify(&nats, &["--key", &key]);
            assert_eq!(code, Some(0), "{told}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    caught_up(&client).await;
}
