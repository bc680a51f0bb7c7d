//! What is told when mail is switched on, and what is given up: with a clock that is set by hand.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::react::notify::schedule::GIVE_UP_HOURS;
use mfa_ledger::react::notify::{Mail, Notifier, Protection, Setup};
use mfa_ledger::service::command;
use mfa_ledger_projections::notices::OWED_HOURS;

use super::post::Post;
use crate::anchors::until;
use crate::support::house::{House, Person};

fn notifier(house: &House, port: u16) -> Notifier {
    let mail = Mail {
        host: "localhost".to_owned(),
        port,
        tls: Protection::None,
        credentials: None,
        sender: "mfa@example.org".to_owned(),
        ca_file: None,
        timeout: Duration::from_secs(2),
    };
    let setup = Setup {
        service: Arc::clone(&house.service),
        mail,
        public_url: None,
        reminder_hours: 12,
        deactivate_hours: 0,
    };
    Notifier::start(setup).expect("it is well configured")
}

async fn reset_password(house: &House, person: &Person) {
    house.operate(command::ResetPassword { administrator: person.id.parse().expect("an id") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_is_older_than_the_limit() {
    let (post, house) = (Post::plain(), House::open().await);
    let (old, edge) = (house.admin("old", "auditor").await, house.admin("edge", "auditor").await);
    reset_password(&house, &old).await;
    house.pass(1);
    reset_password(&house, &edge).await;
    // The log stands still meanwhile, so that the fold has dropped nothing of it.
    house.pass(OWED_HOURS * 3_600);
    assert_eq!(house.service.peek(|state| state.notices.len()), 2);
    let notifier = notifier(&house, post.port);
    let mail = &post.wait_for("Your password was reset", 1).await[0];
    assert_eq!(mail["to"], serde_json::json!(["edge@example.org"]));
    let text = mail["text"].as_str().expect("text");
    assert!(text.contains("Done by: root, at the server's command line"), "{text}");
    reset_password(&house, &old).await;
    let mails = post.wait_for("Your password was reset", 2).await;
    assert_eq!((mails.len(), &mails[1]["to"]), (2, &serde_json::json!(["old@example.org"])));
    notifier.close(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_for_a_day_has_failed() {
    let (mut post, house) = (Post::plain(), House::open().await);
    post.close();
    let ann = house.admin("ann", "auditor").await;
    let _notifier = notifier(&house, post.port);
    reset_password(&house, &ann).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    house.pass(GIVE_UP_HOURS * 3_600 - 30);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(house.service.peek(|state| (state.notices.len(), state.notices.failed())), (1, 0));
    house.pass(60);
    let failed = async || house.service.peek(|state| state.notices.failed()) == 1;
    until("it has failed", failed).await;
    assert_eq!(house.service.peek(|state| state.notices.len()), 0);
    post.open();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(post.subjects(), [] as [&str; 0]);
}
