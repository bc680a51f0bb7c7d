//! `GET /v1/activity/stream`.

use std::time::Duration;

use mfa_ledger::http::Options;
use mfa_ledger::service::command;
use mfa_ledger::service::command::DefineRole;
use tokio_util::sync::CancellationToken;

use super::signed;
use crate::support::house::{House, Person};

/// A client that listens.
struct Ear {
    response: reqwest::Response,
    heard: String,
}

impl Ear {
    async fn open(house: &House, person: &Person, query: &str, last: Option<u64>) -> Self {
        let url = format!("{}/v1/activity/stream{query}", house.base);
        let mut request = crate::support::http().get(url).bearer_auth(&person.token);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        Self { response, heard: String::new() }
    }

    /// Listens until it hears this.
    async fn hear(&mut self, text: &str) {
        while !self.heard.contains(text) {
            let chunk = tokio::time::timeout(Duration::from_secs(5), self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("{text} is not heard: {}", self.heard));
            let chunk = chunk.expect("the stream holds").expect("the stream goes on");
            self.heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// Listens until the stream ends.
    async fn end(&mut self) {
        let all = async {
            while let Ok(Some(chunk)) = self.response.chunk().await {
                self.heard.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        tokio::time::timeout(Duration::from_secs(5), all).await.expect("the stream ends");
    }
}

async fn define(house: &House, role: &str) -> u64 {
    let role = DefineRole {
        role: role.parse().expect("a role id"),
        name: "A role".to_owned(),
        permissions: [].into(),
        mfa_required: false,
    };
    house.operate(role).await.receipt.position.0
}

#[tokio::test]
async fn what_happens_is_heard_with_position_action_and_entry() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let mut ear = Ear::open(&house, &auditor, "?action=role.defined", None).await;
    assert_eq!(ear.response.status(), 200);
    assert_eq!(ear.response.headers()["content-type"], "text/event-stream");
    ear.hear("listening").await;
    let position = define(&house, "new-role").await;
    ear.hear("new-role").await;
    assert!(ear.heard.contains(&format!("id: {position}")), "{}", ear.heard);
    assert!(ear.heard.contains("event: role.defined"));
    assert!(!ear.heard.contains("activity.read"), "the filter holds");
    assert!(!ear.heard.contains("help-desk"), "nothing from before");
}

#[tokio::test]
async fn last_event_id_goes_on_where_it_was() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let first = define(&house, "first-role").await;
    let second = define(&house, "second-role").await;
    let mut ear = Ear::open(&house, &auditor, "?action=role.defined", Some(first)).await;
    ear.hear(&format!("id: {second}")).await;
    assert!(!ear.heard.contains("first-role"));
    for wrong in ["x", "999999"] {
        let answer =
            house.get("/v1/activity/stream").as_(&auditor).header("last-event-id", wrong).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"));
    }
}

#[tokio::test]
async fn every_minute_that_delivers_is_a_reading() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let before = house.records();
    let mut ear = Ear::open(&house, &auditor, "?action=role.defined", None).await;
    define(&house, "role-a").await;
    ear.hear("role-a").await;
    assert_eq!(house.records(), before + 2);
    house.pass(60);
    define(&house, "role-b").await;
    ear.hear("role-b").await;
    assert_eq!(house.records(), before + 4);
}

#[tokio::test]
async fn it_ends_with_the_session() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let mut ear = Ear::open(&house, &auditor, "", None).await;
    ear.hear("listening").await;
    let administrator = auditor.id.parse().expect("an id");
    house.operate(command::RevokeSessions { administrator }).await;
    define(&house, "secret-role").await;
    ear.end().await;
    assert!(!ear.heard.contains("secret-role"), "{}", ear.heard);
}

#[tokio::test]
async fn it_ends_with_the_server_and_takes_so_many_clients() {
    let shutdown = CancellationToken::new();
    let options =
        Options { sse_clients: 1, attempts_per_second: 0, shutdown: shutdown.clone(), ..Options::default() };
    let house = House::open_with(options).await;
    let auditor = signed(&house, "ada", "auditor").await;
    let mut ear = Ear::open(&house, &auditor, "", None).await;
    ear.hear("listening").await;
    let answer = house.get("/v1/activity/stream").as_(&auditor).send().await;
    assert_eq!(answer.told(), (503, "busy"));
    shutdown.cancel();
    ear.end().await;
}
