//! NATS is away, or comes back without what it had.

use std::time::Duration;

use tokio::time::Instant;

use super::server::Nats;
use super::{EVENTS, caught_up, check, metric, publishing_to, records, the_stream_is_the_log, until};

#[tokio::test(flavor = "multi_thread")]
async fn commands_go_on_without_nats_and_everything_is_published_later() {
    let mut nats = Nats::not_started();
    let server = publishing_to(&nats);
    let client = server.client();
    records(&client, 50).await;
    assert_eq!(check(&client).await.0, "degraded");
    assert_eq!(metric(&client, "mfa_ledger_nats_connected").await, Some(0));
    let lag = metric(&client, "mfa_ledger_nats_lag_records").await.expect("it is told");
    assert!(lag >= 50, "{lag}");
    until("the message says why", || async { server.told().contains("the NATS server cannot be reached") })
        .await;
    nats.restart();
    caught_up(&client).await;
    until("nothing lags", || async { metric(&client, "mfa_ledger_nats_lag_records").await == Some(0) }).await;
    until("it is ready", || async { check(&client).await.0 == "ready" }).await;

    nats.kill();
    records(&client, 50).await;
    until("it is degraded", || async { check(&client).await.0 == "degraded" }).await;
    assert!(metric(&client, "mfa_ledger_nats_lag_records").await >= Some(50));
    nats.restart();
    caught_up(&client).await;
    let (status, place, _) = server.end();
    assert!(status.success());
    the_stream_is_the_log(&nats, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_holds_up_neither_commands_nor_the_end() {
    let mut nats = Nats::start();
    let server = publishing_to(&nats);
    let client = server.client();
    caught_up(&client).await;
    nats.signal("STOP");
    records(&client, 20).await;
    let begun = Instant::now();
    let (status, place, password) = server.end();
    assert!(status.success(), "what could not be published is no failure");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    nats.kill();
    nats.restart();
    let server =
        crate::support::server::Server::on(place, password, &[("MFA_LEDGER__NATS__URLS", &nats.url)]);
    caught_up(&server.client()).await;
    let (_, place, _) = server.end();
    the_stream_is_the_log(&nats, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_lost_is_filled_up_again() {
    let mut nats = Nats::start();
    let server = publishing_to(&nats);
    let client = server.client();
    records(&client, 20).await;
    caught_up(&client).await;
    // As after a disk was lost.
    nats.kill();
    std::fs::remove_dir_all(nats.dir.path().join("store")).expect("it is there");
    records(&client, 5).await;
    nats.restart();
    until("the loss is told", || async { server.told().contains("the stream has lost messages") }).await;
    caught_up(&client).await;

    // As when somebody deletes it while it is used.
    nats.jetstream().await.delete_stream(EVENTS).await.expect("it can be deleted");
    records(&client, 5).await;
    until("it is there again", || async { nats.jetstream().await.get_stream(EVENTS).await.is_ok() }).await;
    caught_up(&client).await;
    let (status, place, _) = server.end();
    assert!(status.success());
    the_stream_is_the_log(&nats, &place).await;
}
