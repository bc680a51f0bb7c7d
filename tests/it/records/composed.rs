//! Answers that are made of others: they say what those say, to those who may ask for those.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::http::Options;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::react::detect::Rules;
use mfa_ledger::service::Guard;
use mfa_ledger::service::command::{ChangeSettings, CreateServiceAccount};
use mfa_ledger_schemas::Scope;
use serde_json::{Value, json};

use super::signed;
use crate::support::house::{House, Person};
use crate::support::server::Server;

/// The lists of the overview.
const LISTS: [(&str, &str); 4] = [
    ("resets", "/v1/resets"),
    ("administrators_without_mfa", "/v1/administrators?mfa=not_enabled"),
    ("open_reset_requests", "/v1/reset-requests?stage=open"),
    ("open_alerts", "/v1/alerts?stage=open"),
];

async fn watched() -> House {
    let options = Options { attempts_per_second: 0, ..Options::default() };
    House::open_watched(Arc::new(Memory::new()), options, Guard::off(), Some(Rules::pack())).await
}

/// A reset by somebody who never reset anybody, and the alert that it raises.
async fn reset(house: &House, desk: &Person, dana: &Person, officer: &Person) -> Value {
    house.step_up(desk).await;
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana Whitfield",
        "requester_contact": "+1 555 0100", "requested_at": "2026-05-04T08:45:00.000Z",
        "confirmation": dana.user_name,
    });
    let path = format!("/v1/administrators/{}/mfa/reset", dana.id);
    house.post(&path).as_(desk).json(&story).send().await.ok(201);
    for _ in 0..300 {
        let page = house.get("/v1/alerts?rule=unexpected-performer").as_(officer).send().await.ok(200);
        if page["data"][0].is_object() {
            return page["data"][0].clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no alert");
}

/// What a single endpoint says; `null` where it refuses.
async fn seen(house: &House, person: &Person, path: &str) -> Value {
    let answer = house.get(path).as_(person).send().await;
    if answer.status == 200 {
        return answer.body;
    }
    assert_eq!(answer.status, 403, "{path}: {}", answer.text);
    Value::Null
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_has_the_lists_that_its_caller_may_see() {
    let house = watched().await;
    let officer = house.enrolled("officer", "security-officer").await;
    let (desk, dana) =
        (house.enrolled("desk", "help-desk").await, house.enrolled("dana", "general-staff").await);
    reset(&house, &desk, &dana, &officer).await;
    let olga = house.enrolled("olga", "general-staff").await;
    let filed = json!({ "administrator": olga.id, "reason": "new_phone", "verification": "video_call",
        "requester_name": "Olga", "requester_contact": "+1 555 0100", "requested_at": "2026-05-04T08:45:00.000Z" });
    house.post("/v1/reset-requests").as_(&desk).json(&filed).send().await.ok(201);
    let (auditor, staff) =
        (signed(&house, "ada", "auditor").await, signed(&house, "bob", "general-staff").await);
    let overview = async |person: &Person| house.get("/v1/overview").as_(person).send().await.ok(200);
    for (person, lists) in [(&officer, 4), (&desk, 3), (&auditor, 1), (&staff, 0)] {
        let before = house.records();
        let all = overview(person).await;
        for (member, path) in LISTS {
            assert_eq!(all[member], seen(&house, person, path).await, "{member} of {}", person.user_name);
        }
        let shown = LISTS.iter().filter(|(member, _)| all[*member]["data"][0].is_object()).count();
        assert_eq!(shown, lists, "{}: {all}", person.user_name);
        assert_eq!(house.records(), before, "no list is recorded as reading");
    }
    assert_eq!(house.get("/v1/overview").send().await.told(), (401, "unauthenticated"));
    let half = json!({ "user_name": desk.user_name, "password": desk.password });
    let half = house.post("/v1/session").json(&half).send().await.ok(201);
    let half = house.get("/v1/overview").token(half["token"].as_str().expect("a token")).send().await;
    assert_eq!(half.told(), (403, "second-factor-required"));
    house.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() }).await;
    let all = overview(&officer).await;
    assert_eq!((&all["administrators_without_mfa"], all["resets"].is_object()), (&Value::Null, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_has_its_rule_and_names_whom_it_is_about_to_those_who_see_accounts() {
    let house = watched().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let role = json!({ "name": "Watcher", "permissions": ["manage-alerts"], "mfa_required": false });
    house.put("/v1/roles/watcher").as_(&root).json(&role).send().await.ok(200);
    let watcher = signed(&house, "watcher", "watcher").await;
    let officer = house.enrolled("officer", "security-officer").await;
    let (desk, dana) =
        (house.enrolled("desk", "help-desk").await, house.enrolled("dana", "general-staff").await);
    let listed = reset(&house, &desk, &dana, &officer).await;
    assert_eq!((&listed["group"], &listed["user_name"]), (&json!(dana.id), &json!("dana")));
    let path = format!("/v1/alerts/{}", listed["id"].as_str().expect("an id"));
    let mut shown = house.get("/v1/rules/unexpected-performer").as_(&officer).send().await.ok(200);
    shown.as_object_mut().expect("an object").remove("text");
    for (person, name) in [(&officer, json!("dana")), (&watcher, Value::Null)] {
        let alert = house.get(&path).as_(person).send().await.ok(200);
        assert_eq!((&alert["rule_in_force"], &alert["user_name"]), (&shown, &name), "{}", person.user_name);
        let page = house.get("/v1/alerts?rule=unexpected-performer").as_(person).send().await.ok(200);
        assert_eq!(page["data"][0]["user_name"], name, "{}", person.user_name);
    }
    assert_eq!(seen(&house, &watcher, "/v1/administrators").await, Value::Null);
    assert_eq!(house.get(&path).as_(&desk).send().await.told(), (403, "permission-denied"));
    let tried = json!({ "rule": "unexpected-performer" });
    let report = house.post("/v1/rules/backtest").as_(&officer).json(&tried).send().await.ok(200);
    let found = &report["would_raise"][0];
    assert_eq!((&found["group"], &found["user_name"]), (&json!(dana.id), &json!("dana")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_security_section_has_the_resets_for_those_who_may_see_resets() {
    let house = watched().await;
    let officer = house.enrolled("officer", "security-officer").await;
    let (desk, dana) =
        (house.enrolled("desk", "help-desk").await, house.enrolled("dana", "general-staff").await);
    let before = house.now();
    house.pass(60);
    reset(&house, &desk, &dana, &officer).await;
    house.pass(60);
    let path = format!("/v1/administrators/{}/security", dana.id);
    let listed = seen(&house, &desk, &format!("/v1/resets?administrator={}", dana.id)).await;
    let section = house.get(&path).as_(&desk).send().await.ok(200);
    assert_eq!((&section["resets"], section["resets"][0].is_object()), (&listed["data"], true));
    let of_desk = format!("/v1/administrators/{}/security", desk.id);
    assert_eq!(house.get(&of_desk).as_(&desk).send().await.ok(200)["resets"], json!([]));
    for (moment, count) in [(before, 0), (house.now(), 1)] {
        let then = house.get(&format!("{path}?as_of={moment}")).as_(&desk).send().await.ok(200);
        assert_eq!(then["resets"].as_array().map(Vec::len), Some(count), "{then}");
    }
    let (name, scopes) = ("directory".to_owned(), [Scope::ViewMfa].into());
    let account = house.operate(CreateServiceAccount { name, scopes, expires: None }).await;
    let token = account.shown.token.as_ref().expect("a token").expose();
    assert_eq!(house.get("/v1/resets").token(token).send().await.told(), (403, "permission-denied"));
    assert_eq!(house.get(&path).token(token).send().await.ok(200)["resets"], Value::Null);
}

#[tokio::test]
async fn an_entry_with_its_proof_takes_the_right_to_read_and_is_recorded_as_reading() {
    let house = House::open().await;
    let (auditor, staff) =
        (signed(&house, "ada", "auditor").await, signed(&house, "bob", "general-staff").await);
    let (path, before) = ("/v1/activity/1/with-proof", house.records());
    let all = house.get(path).as_(&auditor).send().await.ok(200);
    assert_eq!(all["entry"], house.get("/v1/activity/1").as_(&auditor).send().await.ok(200));
    assert_eq!(all["leaf"], house.get("/v1/activity/1/leaf").as_(&auditor).send().await.text);
    assert_eq!((&all["sealed"], &all["proof"]), (&Value::Null, &Value::Null), "this house seals nothing");
    assert_eq!(house.records(), before + 1, "once a minute");
    let last = house.get(&format!("/v1/activity/{}", house.records())).as_(&auditor).send().await.ok(200);
    assert_eq!((&last["action"], &last["details"]["query"]), (&json!("activity.read"), &json!("position=1")));
    let nothing = house.get("/v1/activity/999999/with-proof").as_(&auditor).send().await;
    assert_eq!(nothing.told(), (404, "not-found"));
    let refused = house.get(path).as_(&staff).send().await;
    assert_eq!((refused.told(), &refused.body["position"]), ((403, "permission-denied"), &json!(before + 2)));
}

#[tokio::test]
async fn what_was_verified_is_for_those_who_may_read_the_log() {
    let house = House::open().await;
    let (auditor, staff) =
        (signed(&house, "ada", "auditor").await, signed(&house, "bob", "general-staff").await);
    for person in [&auditor, &staff] {
        let before = house.records();
        let all = house.get("/v1/log/integrity").as_(person).send().await.ok(200);
        assert_eq!(all["verified"], seen(&house, person, "/v1/log/verification").await);
        assert_eq!(all["readiness"], house.get("/readyz?verbose").send().await.ok(200));
        assert_eq!((&all["sealed"], &all["anchors"]), (&Value::Null, &json!([])));
        assert_eq!(house.records(), before, "as the single answers, it is not recorded");
    }
    assert_eq!(house.get("/v1/log/integrity").send().await.told(), (401, "unauthenticated"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_log_is_shown_with_what_the_single_answers_say() {
    let server = Server::start();
    let (root, _) = server.root().await;
    for _ in 0..100 {
        let checkpoint = root.get("/v1/log/checkpoint").await.text;
        let entry = root.get("/v1/activity/1/with-proof").await.ok(200);
        let integrity = root.get("/v1/log/integrity").await.ok(200);
        let proof = root.get("/v1/activity/1/proof").await.text;
        // A new checkpoint may have come in between.
        if root.get("/v1/log/checkpoint").await.text == checkpoint {
            let mut sealed = root.get("/v1/log/keys").await.ok(200);
            sealed["checkpoint"] = json!(checkpoint);
            assert_eq!((&entry["sealed"], &integrity["sealed"]), (&sealed, &sealed));
            assert_eq!(entry["proof"], proof);
            assert_eq!(integrity["verified"], root.get("/v1/log/verification").await.ok(200));
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the log is never at rest");
}
