//! Commands that change who gets in, or who may reset, ask the same proof as a reset, and the same rank.

use serde_json::{Value, json};

use super::{reset, story};
use crate::support::house::{House, Person};

/// Commands beside the reset, each of which would open a way to it.
fn ways(whom: &Person) -> Vec<(&'static str, String, Value)> {
    let account = format!("/v1/administrators/{}", whom.id);
    let new = json!({
        "user_name": "mallory", "display_name": "Mallory", "emails": ["m@example.org"],
        "role": "it-administrator", "super_administrator": false,
    });
    let role = json!({ "name": "General Staff", "permissions": ["manage-mfa"], "mfa_required": false });
    let hook = json!({
        "url": "https://hooks.example.org/x", "actions": ["mfa.reset"], "form": "cloudevents",
        "signing": "hmac", "description": "x",
    });
    vec![
        ("POST", "/v1/administrators".to_owned(), new),
        ("PATCH", account.clone(), json!({ "emails": ["elsewhere@example.org"] })),
        ("PATCH", account.clone(), json!({ "role": "auditor" })),
        ("POST", format!("{account}/password-reset"), json!({})),
        ("POST", format!("{account}/sessions/revoke"), json!({})),
        ("POST", format!("{account}/deactivate"), json!({ "note": "x" })),
        ("PUT", "/v1/roles/general-staff".to_owned(), role),
        ("PATCH", "/v1/settings".to_owned(), json!({ "mfa_available": false })),
        ("PATCH", "/v1/settings".to_owned(), json!({ "step_up_minutes": 240 })),
        ("POST", "/v1/service-accounts".to_owned(), json!({ "name": "x", "scopes": ["request-reset"] })),
        ("POST", "/v1/webhooks".to_owned(), hook),
    ]
}

async fn told(house: &House, by: &Person, (method, path, body): &(&str, String, Value)) -> (u16, String) {
    let method = method.parse().expect("a method");
    let answer = house.ask(method, path).as_(by).json(body).send().await;
    let (status, code) = answer.told();
    (status, code.to_owned())
}

#[tokio::test]
async fn a_session_whose_proof_has_lapsed_opens_no_way_beside_the_reset() {
    let house = House::open().await;
    let dana = house.enrolled("dana", "general-staff").await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    for way in ways(&dana) {
        assert_eq!(told(&house, &root, &way).await, (403, "actor-mfa-required".to_owned()), "{way:?}");
    }
    house.enroll(&mut root).await;
    house.pass(16 * 60);
    for way in ways(&dana) {
        assert_eq!(told(&house, &root, &way).await, (403, "step-up-required".to_owned()), "{way:?}");
    }
    house.step_up(&root).await;
    let (status, _) = told(&house, &root, &ways(&dana)[1]).await;
    assert_eq!(status, 200, "with a fresh code it is done");
}

#[tokio::test]
async fn nothing_is_changed_of_somebody_who_may_do_more() {
    let house = House::open().await;
    let clerk = house.enrolled("clerk", "it-administrator").await;
    let officer = house.enrolled("officer", "security-officer").await;
    for way in ways(&officer).into_iter().skip(1).take(5) {
        let (status, code) = told(&house, &clerk, &way).await;
        let refused = ["privilege-too-high", "permission-denied"].contains(&&*code);
        assert!(status == 403 && refused, "{way:?}: {status} {code}");
    }
    let answer = reset(&house, &clerk, &officer, &story(&house, "officer")).await;
    assert_eq!(answer.told(), (403, "privilege-too-high"));
}

#[tokio::test]
async fn while_mfa_is_off_all_that_is_left_is_to_switch_it_on() {
    let house = House::open().await;
    let dana = house.enrolled("dana", "general-staff").await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    house.patch("/v1/settings").as_(&root).json(&json!({ "mfa_available": false })).send().await.ok(200);
    for way in ways(&dana).into_iter().filter(|(_, path, _)| path != "/v1/settings") {
        assert_eq!(told(&house, &root, &way).await, (422, "mfa-not-available".to_owned()), "{way:?}");
    }
    let more = json!({ "mfa_available": true, "step_up_minutes": 240 });
    let answer = house.patch("/v1/settings").as_(&root).json(&more).send().await;
    assert_eq!(answer.told(), (422, "mfa-not-available"), "and nothing else with it");
    house.patch("/v1/settings").as_(&root).json(&json!({ "mfa_available": true })).send().await.ok(200);
}

#[tokio::test]
async fn a_repeated_key_answers_only_callers_who_may_still_ask() {
    let house = House::open().await;
    let mut desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let path = format!("/v1/administrators/{}/mfa/reset", dana.id);
    let body = super::with(story(&house, "dana"), json!({ "confirmation": "dana" }));
    let ask = || house.post(&path).header("idempotency-key", "k").json(&body);
    let first = ask().as_(&desk).send().await.ok(201);
    assert_eq!(ask().as_(&desk).send().await.ok(201)["position"], first["position"]);
    let credentials = json!({ "user_name": "desk", "password": desk.password });
    let half = house.post("/v1/session").json(&credentials).send().await.ok(201);
    let half = Person { token: half["token"].as_str().expect("a token").to_owned(), ..desk.clone() };
    assert_eq!(ask().as_(&half).send().await.told(), (403, "second-factor-required"));
    house.log_in(&mut desk).await;
    assert_eq!(
        ask().as_(&desk).send().await.ok(201)["position"],
        first["position"],
        "the key keeps its answer"
    );
    let role = mfa_ledger::service::command::AssignRole {
        administrator: desk.id.parse().expect("an id"),
        role: "general-staff".parse().expect("a role id"),
    };
    house.operate(role).await;
    assert_eq!(ask().as_(&desk).send().await.told(), (403, "permission-denied"));
}
