//! A stream with a setting by which events could be lost: nothing is published, nothing is altered, the setting
//! is named, and commands go on.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use super::server::Nats;
use super::{EVENTS, caught_up, check, metric, records, until};
use crate::support::server::{Place, Server};

type Change = fn(&mut Config);

/// The name of the setting, and what makes it wrong.
const WRONG: &[(&str, Change)] = &[
    ("retention", |it| it.retention = RetentionPolicy::WorkQueue),
    ("retention", |it| it.retention = RetentionPolicy::Interest),
    ("max_age", |it| it.max_age = Duration::from_hours(1)),
    ("subjects", |it| it.subjects = vec!["mfa.v1.administrator.>".to_owned()]),
    ("subjects", |it| it.subjects.push("other".to_owned())),
    ("max_msgs", |it| it.max_messages = 1_000),
    ("max_bytes", |it| it.max_bytes = 1_000_000),
    ("max_msgs_per_subject", |it| it.max_messages_per_subject = 1),
    ("max_msg_size", |it| it.max_message_size = 100),
    ("storage", |it| it.storage = StorageType::Memory),
    ("discard", |it| it.discard = DiscardPolicy::Old),
    ("deny_delete", |it| it.deny_delete = false),
    ("deny_purge", |it| it.deny_purge = false),
    ("first_seq", |it| it.first_sequence = Some(1_000)),
    ("no_ack", |it| it.no_ack = true),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_stops_publishing_and_is_named() {
    let nats = Nats::start();
    let (mut place, mut password) = Place::initialised();
    for (field, change) in WRONG {
        let made = nats.make_stream(change).await;
        let server = Server::on(place, password, &[("MFA_LEDGER__NATS__URLS", &nats.url)]);
        let client = server.client();
        let told = format!("the setting {field} of the stream {EVENTS} is ");
        until(&told, || async { server.told().contains(&told) }).await;
        records(&client, 3).await;
        let (status, detail) = check(&client).await;
        assert_eq!((status.as_str(), detail.contains("stopped")), ("degraded", true), "{field}: {detail}");
        assert_eq!(metric(&client, "mfa_ledger_nats_stopped").await, Some(1), "{field}");
        let context = nats.jetstream().await;
        let now = context.get_stream(EVENTS).await.expect("it is there").cached_info().clone();
        assert_eq!(now.config, made, "{field}: nothing was altered");
        assert_eq!(now.state.messages, 0, "{field}: nothing was published");
        context.delete_stream(EVENTS).await.expect("it can be deleted");
        let status;
        (status, place, password) = server.end();
        assert!(status.success(), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_goes_on_once_the_setting_is_right() {
    let nats = Nats::start();
    let mut config = nats.make_stream(|it| it.max_messages = 1_000).await;
    let server = super::publishing_to(&nats);
    until("it is told", || async { server.told().contains("the setting max_msgs of the stream") }).await;
    config.max_messages = -1;
    nats.jetstream().await.update_stream(&config).await.expect("it can be updated");
    caught_up(&server.client()).await;
    assert_eq!(metric(&server.client(), "mfa_ledger_nats_stopped").await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_shall_not_be_made_is_not() {
    let nats = Nats::start();
    let environment = [("MFA_LEDGER__NATS__URLS", &*nats.url), ("MFA_LEDGER__NATS__CREATE_STREAM", "false")];
    let server = Server::start_with(&environment);
    let told = "there is no stream MFA_EVENTS, and nats.create_stream is false";
    until(told, || async { server.told().contains(told) }).await;
    assert!(nats.jetstream().await.get_stream(EVENTS).await.is_err(), "it was made all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stream_that_has_the_subjects_is_told_of() {
    let nats = Nats::start();
    nats.make_stream(|it| it.name = "OTHER".to_owned()).await;
    let server = super::publishing_to(&nats);
    until("it is told", || async { server.told().contains("another one has some of its subjects") }).await;
    assert_eq!(check(&server.client()).await.0, "degraded");
}
