//! A session that nobody uses is over: who finds an open screen an hour later finds it closed.

use std::sync::Arc;

use mfa_ledger::http::Options;
use mfa_ledger::http::idle::Idle;

use crate::support::house::{House, Person};

const MINUTES: u16 = 60;

async fn house() -> (House, Person) {
    let house =
        House::open_with(Options { idle: Arc::new(Idle::after(MINUTES)), ..Options::default() }).await;
    let desk = house.enrolled("desk", "help-desk").await;
    (house, desk)
}

async fn status(house: &House, person: &Person) -> u16 {
    house.get("/v1/me").as_(person).send().await.status.as_u16()
}

#[tokio::test]
async fn an_hour_without_a_request_ends_a_session_and_a_request_prolongs_it() {
    let (house, mut desk) = house().await;
    for _ in 0..3 {
        house.pass(i64::from(MINUTES) * 60 - 1);
        assert_eq!(status(&house, &desk).await, 200, "used in time");
    }
    house.pass(i64::from(MINUTES) * 60);
    assert_eq!(status(&house, &desk).await, 401);
    assert_eq!(status(&house, &desk).await, 401, "to ask again does not revive it");
    let answer = house.post("/v1/session/second-factor").as_(&desk).json(&serde_json::json!({ "code": "0" }));
    assert_eq!(answer.send().await.told(), (401, "unauthenticated"));
    house.log_in(&mut desk).await;
    assert_eq!(status(&house, &desk).await, 200);
}

#[tokio::test]
async fn one_session_that_is_used_keeps_no_other_alive() {
    let (house, mut desk) = house().await;
    let other = desk.token.clone();
    house.log_in(&mut desk).await;
    house.pass(i64::from(MINUTES) * 30);
    assert_eq!(status(&house, &desk).await, 200);
    house.pass(i64::from(MINUTES) * 30);
    assert_eq!(status(&house, &desk).await, 200);
    desk.token = other;
    assert_eq!(status(&house, &desk).await, 401);
}
