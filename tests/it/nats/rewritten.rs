//! The stream is deleted and filled again by whoever runs NATS, ids kept: what `events verify` and `events replay`
//! say, and what the server that publishes does.

use serde_json::Value;

use super::server::Nats;
use super::{
    EVENTS, alerts, caught_up, check, metric, publishing_to, python, records, run, the_stream_is_the_log,
    until,
};
use crate::support::client::Client;
use crate::support::server::{Place, Server, text};

/// Messages on a stream before it is rewritten.
const MESSAGES: u64 = 63;

/// Rewrites the stream, with a client that is not ours.
fn tamper(nats: &Nats, what: &[&str]) {
    let output = python("tamper.py", &[&[&nats.url, EVENTS], what].concat()).output().expect("it starts");
    assert!(output.status.success(), "{what:?}: {}", text(&output.stderr));
}

/// A server that has published as many messages, and everything that it has signed for them.
async fn published(nats: &Nats) -> Server {
    let server = publishing_to(nats);
    let client = server.client();
    let begun = usize::try_from(super::head(&client).await).expect("a few");
    let wanted = usize::try_from(MESSAGES).expect("a few");
    records(&client, wanted - begun).await;
    assert_eq!(caught_up(&client).await, MESSAGES);
    until("it is signed for", || async {
        metric(&client, "mfa_ledger_nats_checkpoint").await == Some(MESSAGES)
    })
    .await;
    server
}

fn again(nats: &Nats, place: Place, password: String) -> Server {
    Server::on(place, password, &[("MFA_LEDGER__NATS__URLS", &nats.url)])
}

/// The public key of a ledger, as it is handed out.
fn key(place: &Place) -> String {
    text(&place.run(&["log", "keys"]).stdout).trim().to_owned()
}

/// `events verify` somewhere else, with nothing but the public key: exit code, report and standard error.
fn verify(nats: &Nats, key: &str, arguments: &[&str]) -> (Option<i32>, Value, String) {
    verify_on(&Place::empty(), nats, &[&["--key", key], arguments].concat())
}

fn verify_on(place: &Place, nats: &Nats, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let output = run(place, nats, &[&["events", "verify", "--output", "json"], arguments].concat());
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), report, text(&output.stderr))
}

/// The server has stopped publishing, says why everywhere, and takes commands; the alert.
async fn stopped(server: &Server, position: u64, why: &str) -> Value {
    until(why, || async { server.told().contains(why) }).await;
    let told = server.told();
    let line = told.lines().find(|line| line.contains(why) && line.contains("publishing has stopped"));
    let line: Value = serde_json::from_str(line.expect("a line")).expect("it is JSON");
    assert_eq!((&line["level"], &line["position"]), (&"ERROR".into(), &position.into()), "{line}");
    let client = server.client();
    until("it is told", || async { metric(&client, "mfa_ledger_nats_stream_differs").await == Some(1) })
        .await;
    let (status, detail) = check(&client).await;
    assert_eq!(status, "degraded");
    assert_eq!(detail, "publishing has stopped: the stream differs from the log");
    assert_eq!(metric(&client, "mfa_ledger_nats_stopped").await, Some(1));
    assert!(metric(&client, "mfa_ledger_nats_verified_position").await < Some(position));
    records(&client, 3).await;
    until("there is an alert", || async { !alerts(server, "stream-differs").await.is_empty() }).await;
    let raised = alerts(server, "stream-differs").await;
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert_eq!(raised[0]["severity"], "critical");
    raised[0].clone()
}

async fn differs(client: &Client) -> bool {
    metric(client, "mfa_ledger_nats_stream_differs").await == Some(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_message_is_found_by_everybody_and_told_once() {
    let nats = Nats::start();
    let (_, place, password) = published(&nats).await.end();
    let key = key(&place);
    tamper(&nats, &["alter", "28"]);

    // From the public key alone: between two checkpoints.
    let (code, report, told) = verify(&nats, &key, &[]);
    assert_eq!(
        (code, &report["result"], &report["kind"]),
        (Some(10), &"tampered".into(), &"other_root".into())
    );
    let within: Vec<u64> =
        report["where"].as_str().expect("a range").split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(within[0] <= 28 && 28 <= within[1], "{report:#}");
    assert!(told.contains("THE STREAM IS NOT WHAT IT WAS"), "{told}");
    assert!(told.contains("a checkpoint on the stream MFA_CHECKPOINTS"), "{told}");
    // Without even the key, which proves less.
    assert_eq!(verify_on(&Place::empty(), &nats, &["--unsigned"]).0, Some(10));
    // Where the tiles are, by its position.
    let (code, report, told) = verify_on(&place, &nats, &[]);
    assert_eq!((code, &report["where"]), (Some(10), &"position 28".into()), "{told}");

    // Whoever only reads is told as well, at the end.
    let read = run(&place, &nats, &["events", "replay"]);
    assert_eq!(read.status.code(), Some(10), "{}", text(&read.stderr));
    assert!(text(&read.stderr).contains("not those that were signed for"), "{}", text(&read.stderr));
    assert_eq!(text(&read.stdout).lines().count() as u64, MESSAGES);
    let part = run(&place, &nats, &["events", "replay", "--from-sequence", "20"]);
    assert!(part.status.success());
    assert!(text(&part.stderr).contains("were read, not verified"), "{}", text(&part.stderr));

    let why = format!("message 28 of the stream {EVENTS} is not what was published");
    let server = again(&nats, place, password);
    let alert = stopped(&server, 28, &why).await;
    assert_eq!(alert["positions"], serde_json::json!([28]));
    assert!(
        alert["group"].as_str().is_some_and(|group| group.starts_with("MFA_EVENTS, created ")),
        "{alert}"
    );
    // By the tiles of the server, from anywhere.
    let (code, report, told) = verify(&nats, &key, &["--url", &server.url]);
    assert_eq!((code, &report["where"]), (Some(10), &"position 28".into()), "{told}");

    // The same again after a restart, without another alert.
    let (status, place, password) = server.end();
    assert!(status.success());
    let server = again(&nats, place, password);
    until("it has stopped again", || async { differs(&server.client()).await }).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let raised = alerts(&server, "stream-differs").await;
    assert_eq!((raised.len(), &raised[0]["id"]), (1, &alert["id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_missing_at_the_end_is_found_and_published_again() {
    let nats = Nats::start();
    let (_, place, password) = published(&nats).await.end();
    let key = key(&place);
    tamper(&nats, &["cut"]);
    let (code, report, told) = verify(&nats, &key, &[]);
    assert_eq!((code, &report["kind"]), (Some(10), &"shorter".into()), "{told}");
    assert_eq!(report["first_bad_position"], MESSAGES);
    let server = again(&nats, place, password);
    caught_up(&server.client()).await;
    let (_, place, _) = server.end();
    assert_eq!(verify(&nats, &key, &[]).0, Some(0));
    the_stream_is_the_log(&nats, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_that_changed_places_are_found() {
    let nats = Nats::start();
    let (_, place, password) = published(&nats).await.end();
    let key = key(&place);
    tamper(&nats, &["swap", "40", "50"]);
    let (code, report, told) = verify(&nats, &key, &[]);
    assert_eq!((code, &report["kind"]), (Some(10), &"other_root".into()), "{told}");
    let (code, report, told) = verify_on(&place, &nats, &[]);
    assert_eq!((code, &report["where"]), (Some(10), &"position 40".into()), "{told}");
    assert_eq!(run(&place, &nats, &["events", "replay"]).status.code(), Some(10));
    let server = again(&nats, place, password);
    let alert =
        stopped(&server, 40, &format!("message 40 of the stream {EVENTS} is not what was published")).await;
    assert_eq!(alert["positions"], serde_json::json!([40]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_would_hide_a_message_is_found() {
    let nats = Nats::start();
    let (_, place, password) = published(&nats).await.end();
    let key = key(&place);
    tamper(&nats, &["mark", "33"]);
    let header = "its header \"Mfa-Ledger-Replay\" is not one that the ledger sends";
    let (code, report, told) = verify(&nats, &key, &[]);
    assert_eq!(
        (code, &report["kind"], &report["where"]),
        (Some(10), &"message".into(), &"position 33".into())
    );
    assert!(told.contains(header), "{told}");
    let read = run(&place, &nats, &["events", "replay", "--from-sequence", "30"]);
    assert_eq!(read.status.code(), Some(10), "{}", text(&read.stderr));
    assert!(text(&read.stderr).contains(header), "{}", text(&read.stderr));
    assert_eq!(text(&read.stdout).lines().count(), 3, "what is before it is read");
    let server = again(&nats, place, password);
    stopped(&server, 33, "Mfa-Ledger-Replay").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_deleted_under_a_running_server_is_told_and_filled_again() {
    let nats = Nats::start();
    let server = published(&nats).await;
    let client = server.client();
    let key = key(&server.place);
    tamper(&nats, &["empty"]);
    // Nothing is published meanwhile: it is found all the same.
    let why = format!("the stream {EVENTS} was deleted and created again at ");
    until(&why, || async { server.told().contains(&why) }).await;
    caught_up(&client).await;
    let recreated = "mfa_ledger_nats_stream_recreated";
    assert_eq!(metric(&client, recreated).await, Some(1));
    until("it is degraded", || async {
        check(&client).await.1
            == "keeps up with the log; its stream was deleted and created again since the start"
    })
    .await;
    assert_eq!(check(&client).await.0, "degraded");
    assert_eq!(metric(&client, "mfa_ledger_nats_stopped").await, Some(0), "what is missing can be filled");
    until("there is an alert", || async { !alerts(&server, "stream-recreated").await.is_empty() }).await;
    let raised = alerts(&server, "stream-recreated").await;
    assert_eq!((raised.len(), &raised[0]["severity"]), (1, &"high".into()), "{raised:?}");
    assert!(alerts(&server, "stream-differs").await.is_empty());
    let (_, place, password) = server.end();
    assert_eq!(verify(&nats, &key, &[]).0, Some(0));

    let server = again(&nats, place, password);
    let client = server.client();
    until("it is ready", || async { check(&client).await.0 == "ready" }).await;
    assert_eq!(metric(&client, recreated).await, Some(0));
    assert_eq!(alerts(&server, "stream-recreated").await.len(), 1);
    caught_up(&client).await;
    let (_, place, _) = server.end();
    the_stream_is_the_log(&nats, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_rewritten_under_a_running_server_stops_it() {
    let nats = Nats::start();
    let server = published(&nats).await;
    tamper(&nats, &["alter", "28"]);
    records(&server.client(), 1).await;
    stopped(&server, 28, &format!("message 28 of the stream {EVENTS} is not what was published")).await;
    assert_eq!(alerts(&server, "stream-recreated").await.len(), 1);
}
