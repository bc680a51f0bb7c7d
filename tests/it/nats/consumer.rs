//! A client that is not ours gets every event once and in order, while both servers are killed over and over.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::server::Nats;
use super::{caught_up, nobody, python, run, the_stream_is_the_log};
use crate::support::client::Client;
use crate::support::server::{Place, Server, text};

/// So many times each server is killed.
const KILLS: usize = 10;
/// Callers at the same time.
const CALLERS: usize = 8;

/// Commands in all: 100,000 where there is time for it.
fn commands() -> usize {
    if std::env::var_os("MFA_LEDGER_SOAK").is_some() { 100_000 } else { 5_000 }
}

/// Each caller has its share on record, or its server was killed.
async fn call(client: &Client, count: usize) {
    let calls = (0..CALLERS).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            for _ in 0..count / CALLERS {
                let answer = client.try_ask(reqwest::Method::POST, "/v1/session", &[], Some(&nobody())).await;
                match answer {
                    Ok(answer) => assert_eq!(answer.status, 401, "{}", answer.text),
                    Err(_) => return,
                }
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("a caller does not panic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_client_gets_every_event_once_and_in_order_while_both_servers_are_killed() {
    let mut nats = Nats::start();
    let (mut place, mut password) = Place::initialised();
    let url = nats.url.clone();
    let environment = [("MFA_LEDGER__NATS__URLS", &*url)];
    let mut server = Server::on(place, password, &environment);
    caught_up(&server.client()).await;
    let made = run(&server.place, &nats, &["consumers", "add", "foreign"]);
    assert!(made.status.success(), "{}", text(&made.stderr));

    let (end, received) = (nats.dir.path().join("end"), nats.dir.path().join("received"));
    let shown = |path: &Path| path.display().to_string();
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/json");
    let arguments = [&*nats.url, super::EVENTS, "foreign", &shown(&end), &shown(&received), &shown(&schemas)];
    let mut reader = python("reader.py", &arguments);
    let reader = reader.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");

    for _ in 0..KILLS {
        let client = server.client();
        let share = commands() / KILLS;
        let calling = tokio::spawn(async move { call(&client, share).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        nats.kill();
        tokio::time::sleep(Duration::from_millis(100)).await;
        nats.restart();
        calling.await.expect("the callers do not panic");
        // Killed in the middle of other calls, and most likely of publishing.
        let client = server.client();
        let cut_off = tokio::spawn(async move { call(&client, share).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        (place, password) = server.kill();
        cut_off.await.expect("the callers do not panic");
        server = Server::on(place, password, &environment);
    }
    let last = caught_up(&server.client()).await;
    let (status, place, _) = server.end();
    assert!(status.success());
    let leaves = super::leaves(&place).await;
    assert!(leaves.len() >= commands() && leaves.len() as u64 >= last, "{} records", leaves.len());
    std::fs::write(&end, leaves.len().to_string()).expect("a file can be made");

    let output =
        tokio::task::spawn_blocking(move || reader.wait_with_output()).await.expect("it is waited for");
    let output = output.expect("it ends");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    println!("{} records; the reader: {seen}", leaves.len());
    assert_eq!((&seen["events"], &seen["invalid"]), (&leaves.len().into(), &json!([])), "{seen}");
    let received = std::fs::read_to_string(&received).expect("it was written");
    let mut lines = received.lines();
    for (index, leaf) in leaves.iter().enumerate() {
        assert_eq!(
            lines.next(),
            Some(format!("{}\t{leaf}", index + 1).as_str()),
            "once, in order, byte for byte"
        );
    }
    assert_eq!(lines.next(), None);
    the_stream_is_the_log(&nats, &place).await;
}
