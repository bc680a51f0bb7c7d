//! Who could reset whom: what is explained is what is decided.

use mfa_ledger::service::command::{ChangeSettings, DeactivateAdministrator};
use mfa_ledger_schemas::{ApprovalPolicy, Position};
use serde_json::{Value, json};

use super::{boss, explain, reset};
use crate::support::house::{House, Person};

fn question(actor: &Person, target: &Person) -> String {
    format!("actor={}&target={}", actor.user_name, target.user_name)
}

/// Explains first, then tries: both say the same. The code, empty where it is allowed, and what the explanation said.
async fn both(house: &House, boss: &Person, actor: &Person, target: &Person) -> (String, Value) {
    let told = explain(house, boss, &question(actor, target)).await;
    let before = house.records();
    let answer = reset(house, actor, target).await;
    let code = told["code"].as_str().unwrap_or_default().to_owned();
    let decided = answer.body["code"].as_str().unwrap_or_default();
    assert_eq!(code, decided, "{} -> {}: {told} {}", actor.user_name, target.user_name, answer.text);
    assert_eq!(told["allowed"], answer.status.as_u16() == 201, "{told}");
    assert_eq!(told["position"], before, "an explanation has no record");
    let record = house.service.activity_records(&[Position(before + 1)]).await.unwrap().remove(0).record;
    let reads: Vec<_> = record
        .reads
        .iter()
        .map(|read| json!({"stream": read.stream.to_string(), "position": read.position}))
        .collect();
    assert_eq!(told["rests_on"], json!(reads), "it rests on what the record rests on");
    (code, told)
}

#[tokio::test]
async fn what_is_explained_is_what_is_decided() {
    let house = House::open().await;
    let mut boss = boss(&house).await;
    let desk = house.enrolled("desk", "help-desk").await;
    let mut bare = house.admin("bare", "help-desk").await;
    house.log_in(&mut bare).await;
    let staff = house.enrolled("staff", "general-staff").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let plain = house.admin("plain", "general-staff").await;
    let gone = house.enrolled("gone", "general-staff").await;
    house.step_up(&boss).await;
    let path = format!("/v1/administrators/{}/deactivate", gone.id);
    house.post(&path).as_(&boss).json(&json!({})).send().await.ok(200);
    house.step_up(&desk).await;
    house.step_up(&staff).await;
    for (actor, target, code) in [
        (&desk, &desk, "self-reset"),
        (&desk, &boss, "super-admin-required"),
        (&staff, &dana, "permission-denied"),
        (&desk, &plain, "mfa-not-enabled"),
        (&desk, &gone, "administrator-inactive"),
        (&bare, &dana, "actor-mfa-required"),
    ] {
        let (told, answer) = both(&house, &boss, actor, target).await;
        assert_eq!(told, code, "{answer}");
        assert!(!answer["explanation"].as_str().unwrap().contains("a rule refuses"), "{answer}");
        assert_eq!(answer["assumed"].as_array().unwrap().len(), 5);
    }
    let then = house.records();
    house.pass(1);
    let (told, _) = both(&house, &boss, &desk, &dana).await;
    assert_eq!(told, "", "the help desk resets general staff");
    let (told, _) = both(&house, &boss, &desk, &dana).await;
    assert_eq!(told, "mfa-not-enabled");
    // Before the reset it was allowed, and still is then.
    let past = explain(&house, &boss, &format!("{}&as_of={then}", question(&desk, &dana))).await;
    assert_eq!(
        (&past["allowed"], &past["code"], &past["position"]),
        (&json!(true), &Value::Null, &json!(then))
    );
    assert_eq!(past["actor"], json!({"administrator": desk.id, "user_name": "desk"}));
    let by_id = format!("actor={}&target={}&as_of={then}", desk.id, dana.id);
    assert_eq!(explain(&house, &boss, &by_id).await, past, "ids are names, too");
    house.log_in(&mut boss).await;
    house.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() }).await;
    assert_eq!(both(&house, &boss, &desk, &staff).await.0, "mfa-not-available");
}

#[tokio::test]
async fn limits_and_approvals_are_those_of_the_moment() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let desk = house.enrolled("desk", "help-desk").await;
    let other = house.enrolled("other", "help-desk").await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    let change = ChangeSettings { resets_per_target_per_day: Some(1), ..ChangeSettings::default() };
    house.settings(change).await;
    house.step_up(&desk).await;
    assert_eq!(both(&house, &boss, &desk, &dana).await.0, "");
    house.log_in(&mut dana).await;
    house.enroll(&mut dana).await;
    let (code, told) = both(&house, &boss, &desk, &dana).await;
    assert_eq!(code, "reset-rate-limited");
    assert!(told["retry_at"].is_string(), "{told}");

    let change = ChangeSettings {
        resets_per_target_per_day: Some(0),
        approval: Some(ApprovalPolicy::All),
        approver_hours: Some(0),
        ..ChangeSettings::default()
    };
    house.settings(change).await;
    let (code, _) = both(&house, &boss, &desk, &dana).await;
    assert_eq!(code, "approval-required");
    let unapproved = house.records();
    let body = json!({
        "administrator": dana.id, "reason": "new_phone", "verification": "video_call", "requester_name": "Dana",
        "requester_contact": "+1 555 0100", "requested_at": house.now().to_string(),
    });
    let filed = house.post("/v1/reset-requests").as_(&desk).json(&body).send().await.ok(201);
    let id =
        filed["reset_request"].as_str().or_else(|| filed["id"].as_str()).unwrap_or_else(|| panic!("{filed}"));
    let path = format!("/v1/reset-requests/{id}/approve");
    house.step_up(&other).await;
    house.post(&path).as_(&other).json(&json!({})).send().await.ok(200);
    let told = explain(&house, &boss, &question(&desk, &dana)).await;
    assert_eq!((&told["allowed"], &told["reset_request"]), (&json!(true), &json!(id)), "{told}");
    let told = explain(&house, &boss, &question(&other, &dana)).await;
    assert_eq!(told["code"], "approval-required", "who approved does not perform it: {told}");
    let past = format!("{}&as_of={unapproved}", question(&desk, &dana));
    assert_eq!(explain(&house, &boss, &past).await["code"], "approval-required");
    // An approval that no longer holds is none: what is said is what to do next.
    house
        .operate(DeactivateAdministrator { administrator: other.id.parse().expect("an id"), note: None })
        .await;
    let told = explain(&house, &boss, &question(&desk, &dana)).await;
    assert_eq!(
        (&told["code"], &told["reset_request"]),
        (&json!("approval-required"), &json!(null)),
        "{told}"
    );
}

/// Explains an approval, then tries it: both say the same.
async fn approval(house: &House, boss: &Person, actor: &Person, request: &str) -> String {
    let path = format!("/v1/explain/approve?actor={}&reset_request={request}", actor.user_name);
    let told = house.get(&path).as_(boss).send().await.ok(200);
    let answer = house.post(&format!("/v1/reset-requests/{request}/approve")).as_(actor).send().await;
    let code = told["code"].as_str().unwrap_or_default().to_owned();
    assert_eq!(code, answer.body["code"].as_str().unwrap_or_default(), "{told} {}", answer.text);
    assert_eq!((&told["target"]["user_name"], &told["reset_request"]), (&json!("dana"), &json!(request)));
    assert!(!told["explanation"].as_str().expect("words").contains("a rule refuses"), "{told}");
    code
}

#[tokio::test]
async fn who_can_approve_is_who_may() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let desk = house.enrolled("desk", "help-desk").await;
    let staff = house.enrolled("staff", "general-staff").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let early = house.records();
    let body = json!({
        "administrator": dana.id, "reason": "new_phone", "verification": "video_call", "requester_name": "Dana",
        "requester_contact": "+1 555 0100", "requested_at": house.now().to_string(),
    });
    let filed = house.post("/v1/reset-requests").as_(&desk).json(&body).send().await.ok(201);
    let request = filed["reset_request"].as_str().expect("an id");
    house.step_up(&staff).await;
    let other = house.enrolled("other", "help-desk").await;
    for (actor, code) in [(&desk, "own-request"), (&staff, "permission-denied"), (&other, "approver-too-new")]
    {
        house.step_up(actor).await;
        assert_eq!(approval(&house, &boss, actor, request).await, code);
    }
    house.settings(ChangeSettings { approver_hours: Some(0), ..ChangeSettings::default() }).await;
    house.step_up(&other).await;
    assert_eq!(approval(&house, &boss, &other, request).await, "");
    assert_eq!(approval(&house, &boss, &other, request).await, "reset-request-closed");
    let path = format!("/v1/explain/approve?actor=desk&reset_request={request}&as_of={early}");
    let told = house.get(&path).as_(&boss).send().await.ok(200);
    assert_eq!(told["code"], "reset-request-not-found", "it was filed later: {told}");
}

#[tokio::test]
async fn who_can_change_an_account_is_who_may() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let clerk = house.enrolled("clerk", "it-administrator").await;
    let officer = house.enrolled("officer", "security-officer").await;
    let dana = house.enrolled("dana", "general-staff").await;
    for (actor, target, code) in [
        (&clerk, &dana, ""),
        (&clerk, &officer, "privilege-too-high"),
        (&clerk, &boss, "super-admin-required"),
        (&officer, &dana, "permission-denied"),
    ] {
        let path = format!("/v1/explain/change?actor={}&target={}", actor.user_name, target.user_name);
        let told = house.get(&path).as_(&boss).send().await.ok(200);
        house.step_up(actor).await;
        let path = format!("/v1/administrators/{}", target.id);
        let answer = house.patch(&path).as_(actor).json(&json!({ "emails": ["x@example.org"] })).send().await;
        assert_eq!(told["code"].as_str().unwrap_or_default(), code, "{told}");
        assert_eq!(answer.body["code"].as_str().unwrap_or_default(), code, "{}", answer.text);
        assert_eq!(told["allowed"], answer.status == 200);
        assert!(!told["explanation"].as_str().expect("words").contains("a rule refuses"), "{told}");
    }
}

#[tokio::test]
async fn who_could_not_log_in_could_not_reset() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let dana = house.enrolled("dana", "general-staff").await;
    let early = house.records();
    let desk = house.enrolled("desk", "help-desk").await;
    let query = question(&desk, &dana);
    assert_eq!(explain(&house, &boss, &query).await["allowed"], true);
    let told = explain(&house, &boss, &format!("{query}&as_of={early}")).await;
    assert_eq!((&told["allowed"], &told["code"]), (&json!(false), &json!("unauthenticated")), "{told}");
    let told = explain(&house, &boss, &format!("actor=dana&target=desk&as_of={early}")).await;
    assert_eq!(told["code"], "permission-denied");
    let told = explain(&house, &boss, &format!("actor=boss&target=desk&as_of={early}")).await;
    assert_eq!(told["code"], "administrator-not-found", "{told}");
    house.step_up(&boss).await;
    let path = format!("/v1/administrators/{}/deactivate", desk.id);
    house.post(&path).as_(&boss).json(&json!({})).send().await.ok(200);
    assert_eq!(explain(&house, &boss, &query).await["code"], "unauthenticated");
}
