//! An unknown user, a wrong password and an account that may not log in cannot be told apart.

use std::time::Duration;

use mfa_ledger::config;
use mfa_ledger::service::command;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::client::Client;
use crate::support::house::{Answer, House};
use crate::support::server::Server;

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
    house.operate(command::DeactivateAdministrator { administrator: id, note: None }).await;
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

/// Accounts of each kind; each fails no more often than is free, since a delayed attempt is not hashed.
const ACCOUNTS: usize = 5;
const TRIES_OF_EACH: usize = 3;
/// How far apart the medians may lie. One hash more or less would be a factor of two or more.
const APART: f64 = 1.6;

/// The password of somebody new.
async fn register(root: &Client, user_name: &str) -> (String, String) {
    let who = json!({
        "user_name": user_name, "display_name": user_name, "emails": ["u@example.org"], "role": "general-staff",
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let own = |key: &str| made[key].as_str().expect("text").to_owned();
    (own("administrator"), own("password"))
}

/// How long a log-in takes to be answered so.
async fn time(client: &Client, user_name: &str, password: &str, status: u16) -> Duration {
    let body = json!({"user_name": user_name, "password": password});
    let began = Instant::now();
    client.post("/v1/session", &body).await.ok(status);
    began.elapsed()
}

/// No benchmark: how fast the machine is does not matter, nor that other tests run beside this one. The kinds
/// take turns, so that whatever slows one slows all, and only how their medians compare is judged. What it
/// would notice is the one mistake that matters here: a kind of failure that is answered without a hash.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_inactive_take_the_same_time_as_each_other_and_no_less_than_a_success() {
    let cost = config::Hashing::default();
    let (memory_kib, passes) = (cost.memory_kib.to_string(), cost.passes.to_string());
    let server = Server::start_with(&[
        ("MFA_LEDGER__HASHING__MEMORY_KIB", &memory_kib),
        ("MFA_LEDGER__HASHING__PASSES", &passes),
    ]);
    let (root, _) = server.root().await;
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        let (_, here) = register(&root, &format!("here{number}")).await;
        let (id, gone) = register(&root, &format!("gone{number}")).await;
        root.post(&format!("/v1/administrators/{id}/deactivate"), &json!({})).await.ok(200);
        accounts.push((here, gone));
    }
    let client = server.client();
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..TRIES_OF_EACH {
        for (number, (here, gone)) in accounts.iter().enumerate() {
            let wrong = "a wrong password";
            times[0].push(time(&client, &format!("nobody{number}"), wrong, 401).await);
            times[1].push(time(&client, &format!("here{number}"), wrong, 401).await);
            times[2].push(time(&client, &format!("gone{number}"), gone, 401).await);
            times[3].push(time(&client, &format!("here{number}"), here, 201).await);
        }
    }
    let medians = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64()
    });
    let [failures @ .., success] = medians;
    let (least, most) =
        failures.iter().fold((f64::MAX, 0_f64), |(least, most), it| (least.min(*it), most.max(*it)));
    assert!(most / least < APART, "unknown, wrong, inactive: {failures:?} s");
    assert!(least > success / 2.0, "unknown, wrong, inactive: {failures:?} s; a success {success} s");
}
