//! Clocks that jump by days, either way, while people are at work and between two starts: the order of records
//! holds, a code is accepted once, and nobody is kept out for longer than rules say.

use std::collections::BTreeSet;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::data_dir::{Means, Opened, init_with, open_with};
use mfa_ledger::disk::Disk;
use mfa_ledger::service::{Caller, SecretText};
use serde_json::json;

use super::ledger::{config, first, goes_on, records};
use super::whole::people::execute;
use crate::support::draws::{Draws, seeds};
use crate::support::house::{House, MORNING, Person};
use crate::support::ram;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const JUMPS: &[i64] = &[-30 * DAY, -3 * DAY, -DAY, -HOUR, -40, -1, 1, 40, HOUR, DAY, 3 * DAY, 30 * DAY];
/// Longer than any delay after failures, in seconds, at the slowest pace of the house.
const BEYOND_DELAYS: i64 = 2 * 900 + 60;

async fn verify(house: &House, person: &Person, code: &str) -> (u16, String) {
    let body = json!({ "code": code });
    let answer = house.post("/v1/session/second-factor").as_(person).json(&body).send().await;
    (answer.told().0, answer.told().1.to_owned())
}

fn moments_are_in_order(house: &House) {
    let moments = house.service.peek(|state| state.activity.iter().map(|(_, it)| it.at).collect::<Vec<_>>());
    assert!(moments.is_sorted(), "{moments:?}");
}

#[tokio::test]
async fn a_code_is_accepted_once_wherever_the_clock_jumps() {
    for seed in seeds(8, 400) {
        let draws = Draws::new(seed);
        let house = House::open().await;
        let mut jane = house.enrolled("jane", "general-staff").await;
        let mut accepted = BTreeSet::new();
        for _ in 0..12 {
            house.pass(*draws.pick(JUMPS));
            let log_in = json!({"user_name": "jane", "password": jane.password});
            let session = house.post("/v1/session").json(&log_in).send().await;
            if session.status.as_u16() == 201 {
                session.body["token"].as_str().expect("a token").clone_into(&mut jane.token);
            }
            let moment = house.now().unix_seconds() / 30;
            let code = house.code_at(&jane, house.now());
            let (status, _) = verify(&house, &jane, &code).await;
            if status == 200 {
                assert!(accepted.insert(moment), "one code was accepted twice");
                assert_eq!(accepted.last(), Some(&moment), "an older code than one that was accepted");
            }
            assert_ne!(verify(&house, &jane, &code).await.0, 200, "one code was accepted twice");
            moments_are_in_order(&house);
        }
    }
}

#[tokio::test]
async fn a_lockout_from_a_wrong_clock_ends_when_the_clock_is_right_again() {
    let house = House::open().await;
    let mut jane = house.enrolled("jane", "general-staff").await;
    house.log_in(&mut jane).await;
    // Her generated password is good for three days.
    house.pass(2 * DAY);
    let wrong = json!({"user_name": "jane", "password": "wrong"});
    for _ in 0..8 {
        house.post("/v1/session").json(&wrong).send().await;
    }
    house.pass(-2 * DAY);
    let right = json!({"user_name": "jane", "password": jane.password});
    assert_ne!(house.post("/v1/session").json(&right).send().await.status.as_u16(), 201, "the delay holds");
    house.pass(BEYOND_DELAYS);
    // As anybody else's request would.
    house.admin("joe", "general-staff").await;
    let session = house.post("/v1/session").json(&right).send().await.ok(201);
    session["token"].as_str().expect("a token").clone_into(&mut jane.token);
    let code = house.code(&jane);
    assert_eq!(verify(&house, &jane, &code).await.0, 200, "her app shows the true time");
    moments_are_in_order(&house);
}

#[tokio::test]
async fn a_session_ends_even_where_the_clock_went_back() {
    let house = House::open().await;
    house.pass(30 * DAY);
    let mut jane = house.admin("jane", "general-staff").await;
    house.log_in(&mut jane).await;
    house.pass(-30 * DAY);
    house.get("/v1/session").as_(&jane).send().await.ok(200);
    let hours = house.service.peek(|state| state.directory.settings().map(|it| it.session_hours));
    let hours = i64::from(hours.expect("settings"));
    house.pass(hours * HOUR);
    house.get("/v1/session").as_(&jane).send().await.ok(200);
    house.pass(hours * HOUR + 2);
    let over = house.get("/v1/session").as_(&jane).send().await;
    assert_eq!(over.status.as_u16(), 401, "twice as late at the latest: {}", over.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_between_two_starts_keeps_the_order_of_records() {
    for seed in seeds(4, 200) {
        let (draws, dir) = (Draws::new(seed), ram::dir());
        let config = config(dir.path());
        let clock = Arc::new(Clock::manual(MORNING));
        let means = Means { disk: Disk::real(), clock: Arc::clone(&clock), chance: Arc::new(Chance::System) };
        let begun = init_with(&config, first(), &means).await.unwrap();
        let mut number = 0;
        for _ in 0..6 {
            clock.set(clock.unix_ms() + *draws.pick(JUMPS) * 1_000);
            let opened = open_with(&config, &means).await.unwrap();
            for _ in 0..3 {
                number += 1;
                clock.set(clock.unix_ms() + *draws.pick(JUMPS) * 1_000);
                log_in(&opened, begun.password.expose(), &number.to_string()).await;
            }
            opened.close().await.unwrap();
        }
        let records = records(&config.data_dir);
        assert!(records.iter().map(|it| it.at).is_sorted());
        let requests: Vec<_> = records.iter().filter_map(|it| it.request.parse::<u64>().ok()).collect();
        assert_eq!(requests, (1..=number).collect::<Vec<_>>(), "in the order in which they were asked");
        goes_on(&config, &super::ledger::Told::default()).await;
    }
}

async fn log_in(opened: &Opened, password: &str, request: &str) {
    let command = opened.service.log_in("root".to_owned(), SecretText::new(password.to_owned()));
    execute(opened, Caller::Anonymous, request, command).await.outcome.unwrap();
}
