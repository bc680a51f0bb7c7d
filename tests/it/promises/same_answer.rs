//! An unknown user, a wrong password and an account that may not log in cannot be told apart.

use mfa_ledger::service::Intent;
use serde_json::{Value, json};

use crate::support::house::{Answer, House};

/// Headers that name the single request or its moment.
const OWN_TO_A_REQUEST: &[&str] = &["x-request-id", "date"];

fn face(answer: &Answer) -> (u16, Value, Vec<(String, String)>) {
    let headers = answer.headers.iter().filter(|(name, _)| !OWN_TO_A_REQUEST.contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
    (answer.status.as_u16(), answer.body.clone(), headers.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_inactive_get_the_same_bytes_up_to_the_throttle() {
    let house = House::open().await;
    let jane = house.admin("jane", "general-staff").await;
    let gone = house.admin("gone", "general-staff").await;
    let id = gone.id.parse().expect("an id");
    house.operate(Intent::DeactivateAdministrator { administrator: id, note: None }).await;
    // More than the free failures: the delays must begin at the same attempt for all of them.
    for attempt in 1..=8 {
        let mut faces = Vec::new();
        for (user_name, password) in
            [("nobody", "wrong password"), ("jane", "wrong password"), ("gone", gone.password.as_str())]
        {
            let body = json!({"user_name": user_name, "password": password});
            faces.push(face(&house.post("/v1/session").json(&body).send().await));
        }
        let expected = if attempt <= 5 { 401 } else { 429 };
        assert_eq!(faces[0].0, expected, "attempt {attempt}");
        assert_eq!(faces[0], faces[1], "attempt {attempt}");
        assert_eq!(faces[0], faces[2], "attempt {attempt}");
    }
    assert!(!jane.password.is_empty());
}
