//! What a clock set by hand can show: silences, and the end of a secret that was replaced.

use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::disk::Disk;
use mfa_ledger::react::deliver::{Deliveries, Reach, Setup};
use mfa_ledger::service::{Caller, command};
use mfa_ledger_schemas::bodies::{AlertRaised, Commitment};
use mfa_ledger_schemas::{AlertId, Position, Severity, WebhookForm, WebhookId, WebhookSigning};
use serde_json::{Value, json};

use super::{Receiver, body, header};
use crate::support::house::House;

fn deliver(house: &House, dir: &std::path::Path) -> Deliveries {
    let networks = vec!["127.0.0.0/8".parse().expect("a network")];
    let setup = Setup {
        service: Arc::clone(&house.service),
        dir: dir.to_owned(),
        disk: Disk::real(),
        clock: Arc::new(Clock::System),
        chance: Arc::new(Chance::System),
        reach: Reach { allow_http: true, networks, authorities: None },
    };
    Deliveries::start(setup).expect("a client")
}

async fn webhook(house: &House, url: String) -> (WebhookId, String) {
    let (form, signing) = (WebhookForm::CloudEvents, WebhookSigning::Hmac);
    let (actions, description) = (vec!["alert.".to_owned()], "x".to_owned());
    let done = house.operate(command::CreateWebhook { url, actions, form, signing, description }).await;
    let event = &done.event;
    (event.webhook, done.shown.secret().expect("a key").expose().to_owned())
}

async fn raise(house: &House, id: u8, group: &str) {
    let alert = AlertRaised {
        alert: AlertId::from_bytes([id; 16]),
        rule: "many-resets".parse().expect("an id"),
        rule_sha256: Commitment([3; 32]),
        title: "Many resets".into(),
        severity: Severity::High,
        group: group.into(),
        positions: vec![Position(1)],
    };
    house.execute(Caller::System("detect"), command::RaiseAlert(alert)).await;
}

#[tokio::test]
async fn silenced_alerts_and_what_is_done_with_them_are_not_delivered() {
    let (receiver, house) = (Receiver::start(), House::open().await);
    let dir = tempfile::tempdir().expect("a directory");
    webhook(&house, receiver.url("/ok")).await;
    let deliveries = deliver(&house, dir.path());
    let (rule, group) = ("many-resets".parse().expect("an id"), Some("bob".to_owned()));
    house.operate(command::SilenceRule { rule, group, hours: 1, note: None }).await;
    raise(&house, 1, "bob").await;
    let alert = AlertId::from_bytes([1; 16]);
    house.operate(command::AcknowledgeAlert { alert, note: None }).await;
    raise(&house, 2, "eve").await;
    let alert = AlertId::from_bytes([2; 16]);
    house.operate(command::ResolveAlert { alert, false_positive: false, note: None }).await;
    let seen = receiver.wait_for("/ok", 2).await;
    let told: Vec<Value> = seen
        .iter()
        .map(|seen| serde_json::from_slice::<Value>(&body(seen)).expect("JSON")["data"].take())
        .map(|data| json!([data["action"], data["details"]["alert"]]))
        .collect();
    assert_eq!(told, [json!(["alert.raised", alert]), json!(["alert.resolved", alert])]);
    deliveries.close(super::PATIENCE).await;
    assert_eq!(receiver.seen("/ok").await.len(), 2);
}

/// After a day, the new secret signs alone, and the old one is gone from the vault.
#[tokio::test]
async fn a_replaced_secret_signs_for_a_day_and_is_destroyed() {
    let (receiver, house) = (Receiver::start(), House::open().await);
    let dir = tempfile::tempdir().expect("a directory");
    let (id, old) = webhook(&house, receiver.url("/ok")).await;
    let done = house.operate(command::RotateWebhookSecret { webhook: id }).await;
    let new = done.shown.secret().expect("a key");
    receiver.knows(&[&old, new.expose()]).await;
    let signed = |at: i64| house.service.sign_delivery(id, "msg_1", at, b"x").known();
    let both = signed(1).expect("signed");
    house.pass(24 * 3_600 - 1);
    assert_eq!(signed(1), Some(both.clone()));
    house.pass(1);
    let alone = signed(1).expect("signed");
    assert_eq!(both.split(' ').next(), Some(&*alone));

    let deliveries = deliver(&house, dir.path());
    raise(&house, 1, "eve").await;
    let seen = receiver.wait_for("/ok", 1).await;
    assert_eq!(seen[0]["verified"], json!([new.expose()]));
    assert!(!header(&seen[0], "webhook-signature").contains(' '));
    deliveries.close(super::PATIENCE).await;
    // Were the clock set back, it would not sign again.
    house.pass(-3_600);
    assert_eq!(signed(1), Some(alone));
}
