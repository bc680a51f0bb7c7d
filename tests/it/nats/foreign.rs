//! The stream holds what is not ours, or the log is not what it was: publishing stops, and says what is wrong.

use super::server::Nats;
use super::{EVENTS, alerts, caught_up, check, metric, publishing_to, records, run, until};
use crate::anchors::{copy, put_back};
use crate::support::server::{Place, Server, text};

/// Publishing has stopped for this reason, and commands go on.
async fn stopped(server: &Server, why: &str) {
    until(why, || async { server.told().contains(why) }).await;
    let client = server.client();
    assert_eq!(check(&client).await.0, "degraded", "{why}");
    assert_eq!(metric(&client, "mfa_ledger_nats_stopped").await, Some(1), "{why}");
    assert_eq!(metric(&client, "mfa_ledger_nats_stream_differs").await, Some(1), "{why}");
    until("an alert is raised", || async { alerts(server, "stream-differs").await.len() == 1 }).await;
    records(&client, 3).await;
}

fn again(nats: &Nats, place: Place, password: &str) -> Server {
    Server::on(place, password.to_owned(), &[("MFA_LEDGER__NATS__URLS", &nats.url)])
}

async fn count(nats: &Nats) -> u64 {
    nats.jetstream().await.get_stream(EVENTS).await.expect("it is there").cached_info().state.messages
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ledgers_messages_stop_it() {
    let nats = Nats::start();
    let first = publishing_to(&nats);
    caught_up(&first.client()).await;
    let (_, first, _) = first.end();
    let before = count(&nats).await;
    let second = publishing_to(&nats);
    let theirs = super::ledger(&first);
    stopped(&second, &format!("is not of this log: its Nats-Msg-Id is \\\"{theirs}/{before}\\\"")).await;
    assert_eq!(count(&nats).await, before, "nothing was added");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_message_stops_it_and_whoever_reads_is_told() {
    let nats = Nats::start();
    let server = publishing_to(&nats);
    let client = server.client();
    let position = caught_up(&client).await;
    let context = nats.jetstream().await;
    let stored = context.publish("mfa.v1.alert.x.raised", "{\"poison\": 1}".into()).await;
    let sequence = stored.expect("it is sent").await.expect("it is stored").sequence;
    assert_eq!(sequence, position + 1);
    records(&client, 3).await;
    stopped(&server, &format!("message {sequence} of the stream {EVENTS} is not of this log")).await;
    assert_eq!(count(&nats).await, sequence, "nothing was put behind it");
    let read = run(&server.place, &nats, &["events", "replay"]);
    assert_eq!(read.status.code(), Some(10), "{}", text(&read.stderr));
    assert_eq!(text(&read.stdout).lines().count() as u64, position, "what is before it is read");
    let told = format!("message {sequence} of the stream is no event of a ledger");
    assert!(text(&read.stderr).contains(&told), "{}", text(&read.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_rolled_back_stops_it_and_is_never_published_over() {
    let nats = Nats::start();
    let server = publishing_to(&nats);
    caught_up(&server.client()).await;
    let (_, place, password) = server.end();
    let old = copy(&place, "old");
    let server = again(&nats, place, &password);
    records(&server.client(), 20).await;
    let ahead = caught_up(&server.client()).await;
    let (_, place, _) = server.end();
    put_back(&place, &old);

    let server = again(&nats, place, &password);
    stopped(&server, "the log is behind its copy: it ends at position").await;
    // Long enough that it has as many records as were published once.
    records(&server.client(), 40).await;
    let (_, place, _) = server.end();
    let server = again(&nats, place, &password);
    stopped(&server, &format!("the log and its copy have parted: message {ahead} of the stream")).await;
    assert_eq!(count(&nats).await, ahead, "nothing was put behind it");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_were_removed_stop_it() {
    let nats = Nats::start();
    let server = publishing_to(&nats);
    records(&server.client(), 5).await;
    caught_up(&server.client()).await;
    let (_, place, password) = server.end();
    // The server keeps its word not to remove messages, so the stream is made anew with one missing.
    let mut messages = nats.messages(EVENTS).await;
    nats.jetstream().await.delete_stream(EVENTS).await.expect("it can be deleted");
    let stream = nats.make_stream(|it| it.deny_delete = false).await;
    let context = nats.jetstream().await;
    for message in messages.drain(..) {
        let sent = context.publish_with_headers(message.subject, message.headers, message.payload).await;
        sent.expect("it is sent").await.expect("it is stored");
    }
    let made = context.get_stream(EVENTS).await.expect("it is there");
    made.delete_message(2).await.expect("it can be deleted");
    let closed = async_nats::jetstream::stream::Config { deny_delete: true, ..stream };
    context.update_stream(&closed).await.expect("it can be updated");
    let server = again(&nats, place, &password);
    stopped(&server, &format!("messages were removed from the stream {EVENTS}")).await;
    let read = run(&server.place, &nats, &["events", "replay"]);
    assert_eq!(read.status.code(), Some(10));
    assert!(text(&read.stderr).contains("message 2 of the stream is missing"), "{}", text(&read.stderr));
}
