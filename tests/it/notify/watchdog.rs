//! Whoever was reset and has not enrolled again: reminded, then, by policy, deactivated.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::react::notify::{Mail, Notifier, Protection, Setup};
use mfa_ledger::react::watchdog::{LOOKS_BACK_HOURS, watch};
use mfa_ledger::service::command;
use mfa_ledger::service::command::Documented;
use mfa_ledger_schemas::{
    AdministratorId, NotificationChannel, Position, ResetReason, VerificationMethod, Words,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::post::Post;
use crate::anchors::until;
use crate::support::house::{House, Person};

pub(super) async fn reset(house: &House, person: &Person) {
    let documented = Documented {
        reason: Some(ResetReason::NewPhone),
        verification: Some(VerificationMethod::VideoCall),
        words: Words {
            requester_name: Some(person.user_name.clone()),
            requester_contact: Some("+1 555 0100".to_owned()),
            text: None,
        },
        requested_at: Some(house.now()),
        ..Documented::default()
    };
    let confirmation = Some(person.user_name.clone());
    house.operate(command::ResetMfa { administrator: id(person), documented, confirmation }).await;
}

fn id(person: &Person) -> AdministratorId {
    person.id.parse().expect("an id")
}

fn is_active(house: &House, person: &Person) -> bool {
    house.service.peek(|state| state.directory.administrator(id(person)).is_some_and(|it| it.active))
}

/// The watchdog, looking anew: it takes a quarter of a minute for a second look.
fn watching(house: &House, hours: u16) -> DropGuard {
    let ending = CancellationToken::new();
    tokio::spawn(watch(Arc::clone(&house.service), hours, ending.clone()));
    ending.drop_guard()
}

fn mail(post: &Post) -> Mail {
    Mail {
        host: "localhost".to_owned(),
        port: post.port,
        tls: Protection::None,
        credentials: None,
        sender: "mfa@example.org".to_owned(),
        ca_file: None,
        timeout: Duration::from_secs(2),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_comes_once_and_names_the_day() {
    let (post, house) = (Post::plain(), House::open().await);
    let ann = house.enrolled("ann", "auditor").await;
    let mut bob = house.enrolled("bob", "auditor").await;
    reset(&house, &ann).await;
    reset(&house, &bob).await;
    house.log_in(&mut bob).await;
    house.enroll(&mut bob).await;
    let service = Arc::clone(&house.service);
    let setup =
        Setup { service, mail: mail(&post), public_url: None, reminder_hours: 12, deactivate_hours: 24 };
    let _notifier = Notifier::start(setup).expect("it is well configured");
    post.wait_for("Your MFA Has Been Reset", 2).await;
    house.pass(11 * 3_600);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(post.wait_for("Please enable MFA again", 0).await.len(), 0);
    house.pass(3_600);
    let mail = &post.wait_for("Please enable MFA again", 1).await[0];
    assert_eq!(mail["to"], serde_json::json!(["ann@example.org"]), "bob has enrolled again");
    let text = mail["text"].as_str().expect("text");
    assert!(text.contains("your account is deactivated on Tuesday, 5 May 2026, 09:"), "{text}");
    assert!(text.contains("call the help desk now"), "without a public address there is no link: {text}");
    for _ in 0..3 {
        house.pass(60);
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    assert_eq!(post.wait_for("Please enable MFA again", 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_performer_says_keeps_no_reminder_from_the_person() {
    let (post, house) = (Post::plain(), House::open().await);
    let ann = house.enrolled("ann", "auditor").await;
    reset(&house, &ann).await;
    let position = Position(house.records());
    let start = || {
        let (service, mail) = (Arc::clone(&house.service), mail(&post));
        let setup = Setup { service, mail, public_url: None, reminder_hours: 12, deactivate_hours: 0 };
        Notifier::start(setup).expect("it is well configured")
    };
    let notifier = start();
    post.wait_for("Your MFA Has Been Reset", 1).await;
    until("it is on record", async || house.records() > position.0).await;
    notifier.close(Duration::from_secs(10)).await;
    house.pass(12 * 3_600);
    let by_mail = Some(NotificationChannel::Email);
    house.operate(command::RecordFollowUp { reset: position, notified: by_mail, note: None }).await;
    let _notifier = start();
    post.wait_for("Please enable MFA again", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_policy_an_account_is_deactivated_once() {
    let house = House::open().await;
    let ann = house.enrolled("ann", "auditor").await;
    reset(&house, &ann).await;
    house.pass(24 * 3_600 - 60);
    let early = watching(&house, 24);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(is_active(&house, &ann));
    drop(early);
    house.pass(60);
    let guard = watching(&house, 24);
    until("she is deactivated", async || !is_active(&house, &ann)).await;
    drop(guard);
    let note = Some("she is on leave".to_owned());
    house.operate(command::ReactivateAdministrator { administrator: id(&ann), note }).await;
    let before = house.records();
    let _again = watching(&house, 24);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(is_active(&house, &ann) && house.records() == before, "somebody has looked at it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_super_administrator_and_old_history_are_left_alone() {
    let house = House::open().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let old = house.enrolled("old", "auditor").await;
    reset(&house, &old).await;
    house.pass((LOOKS_BACK_HOURS + 24) * 3_600);
    reset(&house, &root).await;
    house.pass(24 * 3_600);
    let before = house.records();
    let _guard = watching(&house, 24);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(is_active(&house, &root) && is_active(&house, &old));
    assert_eq!(house.records(), before);
}
