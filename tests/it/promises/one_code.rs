//! One code, one yes, for ever.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::house::{House, Person};

/// Callers that race with one code.
const CALLERS: usize = 64;
const ROUNDS: usize = 5;

/// So many sessions of one person that all wait for a second factor.
async fn waiting_sessions(house: &House, person: &Person) -> Vec<Person> {
    let body = json!({"user_name": person.user_name, "password": person.password});
    let mut sessions = Vec::new();
    for _ in 0..CALLERS {
        let session = house.post("/v1/session").json(&body).send().await.ok(201);
        assert_eq!(session["next"], "verify");
        sessions
            .push(Person { token: session["token"].as_str().expect("a token").to_owned(), ..person.clone() });
    }
    sessions
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_callers_with_the_same_code_exactly_one_is_accepted() {
    let house = House::open().await;
    let jane = house.enrolled("jane", "general-staff").await;
    for round in 0..ROUNDS {
        let sessions = waiting_sessions(&house, &jane).await;
        let body = json!({"code": house.code(&jane)});
        let before = house.records();
        let attempts = sessions
            .iter()
            .map(|session| house.post("/v1/session/second-factor").as_(session).json(&body).send());
        let answers = join_all(attempts).await;
        let accepted = answers.iter().filter(|answer| answer.status.as_u16() == 200).count();
        let refused = answers.iter().filter(|answer| answer.told() == (401, "second-factor-failed")).count();
        assert_eq!((accepted, refused), (1, CALLERS - 1), "round {round}");
        assert_eq!(house.records() - before, CALLERS as u64, "every answer has its record");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enrollment_code_is_not_accepted_again_as_the_first_log_in_code() {
    let house = House::open().await;
    let mut jane = house.admin("jane", "general-staff").await;
    house.log_in(&mut jane).await;
    house.enroll(&mut jane).await;
    // The clock stands still: this is the very code that confirmed the enrollment.
    let body = json!({"code": house.code_at(&jane, house.now())});
    let log_in = json!({"user_name": "jane", "password": jane.password});
    let session = house.post("/v1/session").json(&log_in).send().await.ok(201);
    let token = session["token"].as_str().expect("a token");
    let again = house.post("/v1/session/second-factor").token(token).json(&body).send().await;
    assert_eq!(again.told(), (401, "second-factor-failed"));
    let fresh = json!({"code": house.code(&jane)});
    house.post("/v1/session/second-factor").token(token).json(&fresh).send().await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_32_callers_with_the_same_backup_code_exactly_one_is_accepted() {
    let house = House::open().await;
    let jane = house.enrolled("jane", "general-staff").await;
    let sessions = waiting_sessions(&house, &jane).await;
    let body = json!({"backup_code": jane.backup_codes[3]});
    // Half of them, so that the queue in front of the hash holds all.
    let attempts = sessions
        .iter()
        .take(CALLERS / 2)
        .map(|session| house.post("/v1/session/second-factor").as_(session).json(&body).send());
    let answers = join_all(attempts).await;
    let accepted = answers.iter().filter(|answer| answer.status.as_u16() == 200).count();
    assert_eq!(accepted, 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.status.as_u16() == 200 || answer.told().1 == "second-factor-failed")
    );
}
