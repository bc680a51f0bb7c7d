//! `/v1/service-accounts` and what their tokens open.

use mfa_ledger::service::command;
use mfa_ledger::service::command::DefineRole;
use mfa_ledger_schemas::Permission;
use serde_json::{Value, json};

use super::{act, signed};
use crate::support::house::{House, Person};

async fn boss(house: &House) -> Person {
    let mut boss = house.super_admin("root").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    boss
}

async fn create(house: &House, boss: &Person, scopes: &Value) -> (String, String) {
    let body = json!({"name": "Ticket system", "scopes": scopes});
    let made = house.post("/v1/service-accounts").as_(boss).json(&body).send().await.ok(201);
    let text = |key: &str| made[key].as_str().expect("text").to_owned();
    (text("service_account"), text("token"))
}

#[tokio::test]
async fn a_token_opens_what_its_scopes_say_until_it_is_revoked() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let (id, token) = create(&house, &boss, &json!(["view-activity"])).await;
    let page = house.get("/v1/activity?action=service_account.created").token(&token).send().await.ok(200);
    assert_eq!(page["data"][0]["details"]["service_account"], id);
    assert!(!page.to_string().contains(&token));
    let export = house.get("/v1/activity").token(&token).header("accept", "text/csv").send().await;
    assert_eq!(export.told(), (403, "permission-denied"));
    let listed = house.get("/v1/service-accounts").as_(&boss).send().await.ok(200);
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["revoked"]), (&json!(id), &json!(false)));
    house.delete(&format!("/v1/service-accounts/{id}")).as_(&boss).send().await.ok(200);
    assert_eq!(house.get("/v1/activity").token(&token).send().await.told(), (401, "unauthenticated"));
    let again = house.delete(&format!("/v1/service-accounts/{id}")).as_(&boss).send().await;
    assert_eq!(again.told(), (404, "service-account-not-found"));
}

#[tokio::test]
async fn a_token_ends_when_it_expires() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let expires = house.now().plus_minutes(5);
    let body = json!({"name": "Short", "scopes": ["view-activity"], "expires": expires.to_string()});
    let made = house.post("/v1/service-accounts").as_(&boss).json(&body).send().await.ok(201);
    let token = made["token"].as_str().expect("a token").to_owned();
    house.get("/v1/activity").token(&token).send().await.ok(200);
    house.pass(300);
    assert_eq!(house.get("/v1/activity").token(&token).send().await.status, 401);
    let late = house.post("/v1/service-accounts").as_(&boss).json(&body).send().await;
    assert_eq!(late.body["errors"][0]["pointer"], "#/expires");
}

#[tokio::test]
async fn a_repeated_request_names_the_same_account_and_shows_no_token() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let body = json!({"name": "Once", "scopes": ["verify-second-factor"]});
    let post =
        || house.post("/v1/service-accounts").as_(&boss).header("idempotency-key", "once").json(&body).send();
    let (first, second) = (post().await, post().await);
    assert_eq!(second.header("idempotent-replayed"), "true");
    let (first, second) = (first.ok(201), second.ok(201));
    assert_eq!(first["service_account"], second["service_account"]);
    assert_eq!((first["token_shown"].clone(), second["token_shown"].clone()), (json!(true), json!(false)));
    assert!(first["token"].is_string() && second["token"].is_null(), "{second}");
}

#[tokio::test]
async fn a_refusal_under_a_key_is_repeated_and_not_recorded_again() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let body = json!({"name": "Once", "scopes": ["verify-second-factor"]});
    let made = house.post("/v1/service-accounts").as_(&boss).json(&body).send().await.ok(201);
    let token = made["token"].as_str().expect("a token");
    let end = || house.delete("/v1/session").token(token).header("idempotency-key", "k").send();
    let first = end().await;
    let records = house.records();
    let second = end().await;
    assert_eq!((first.status.as_u16(), &first.body["position"]), (403, &json!(records)), "{}", first.text);
    assert_eq!(second.body["position"], first.body["position"], "{}", second.text);
    assert_eq!(house.records(), records);
}

#[tokio::test]
async fn nobody_hands_out_a_scope_whose_permission_they_do_not_hold() {
    let house = House::open().await;
    let role = DefineRole {
        role: "settings-only".parse().expect("a role id"),
        name: "Settings".to_owned(),
        permissions: [Permission::ManageSettings].into(),
        mfa_required: false,
    };
    house.operate(role).await;
    let person = house.enrolled("sam", "settings-only").await;
    for scope in ["view-activity", "export-activity", "view-mfa", "request-reset"] {
        let body = json!({"name": "Mine", "scopes": [scope]});
        let answer = house.post("/v1/service-accounts").as_(&person).json(&body).send().await;
        assert_eq!(answer.told(), (403, "privilege-too-high"), "{scope}");
    }
    let listed = house.get("/v1/service-accounts").as_(&person).send().await.ok(200);
    assert_eq!(listed["data"], json!([]));
    create(&house, &person, &json!(["verify-second-factor"])).await;
}

#[tokio::test]
async fn service_accounts_are_for_those_who_manage_settings() {
    let house = House::open().await;
    let staff = signed(&house, "bob", "it-administrator").await;
    let body = json!({"name": "Mine", "scopes": ["view-mfa"]});
    assert_eq!(house.post("/v1/service-accounts").as_(&staff).json(&body).send().await.status, 403);
    assert_eq!(house.get("/v1/service-accounts").as_(&staff).send().await.status, 403);
    let boss = boss(&house).await;
    for (body, pointer) in [
        (json!({"name": "X", "scopes": []}), "#/scopes"),
        (json!({"name": "X", "scopes": ["fly"]}), "#/scopes/0"),
    ] {
        let answer = house.post("/v1/service-accounts").as_(&boss).json(&body).send().await;
        assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (400, &json!(pointer)));
    }
}

/// Enrolls somebody without the API of enrollment.
async fn enroll(house: &House, person: &mut Person) {
    let begun = act(house, person, command::EnrollMfa).await;
    let key = begun.shown.enrollment.expect("a pending seed").manual_key;
    person.seed = Some(key.expose().replace([' ', '-'], ""));
    let code = mfa_ledger::service::SecretText::new(house.code(person));
    let enabled = act(house, person, command::ConfirmMfaEnrollment { code }).await;
    person.backup_codes = enabled.shown.generated.iter().map(|code| code.expose().to_owned()).collect();
}

#[tokio::test]
async fn a_host_application_hears_yes_once_and_then_no() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let mut ada = signed(&house, "ada", "auditor").await;
    enroll(&house, &mut ada).await;
    let (_, token) = create(&house, &boss, &json!(["verify-second-factor"])).await;
    let ask = async |body: Value| house.post("/v1/verify").token(&token).json(&body).send().await;
    let code = json!({"administrator": ada.id, "code": house.code(&ada)});
    let yes = ask(code.clone()).await.ok(200);
    assert_eq!((&yes["accepted"], &yes["action"]), (&json!(true), &json!("second_factor.verified")));
    let no = ask(code).await.ok(200);
    assert_eq!((&no["accepted"], &no["action"]), (&json!(false), &json!("second_factor.failed")));
    assert_eq!(no["position"], house.records());
    let backup = json!({"administrator": ada.id, "backup_code": ada.backup_codes[0]});
    let yes = ask(backup.clone()).await.ok(200);
    assert_eq!((&yes["accepted"], &yes["backup_codes_left"]), (&json!(true), &json!(9)));
    assert_eq!(ask(backup).await.ok(200)["accepted"], false);
    for _ in 0..5 {
        ask(json!({"administrator": ada.id, "code": "000000"})).await.ok(200);
    }
    let no = ask(json!({"administrator": ada.id, "code": house.code_at(&ada, house.now())})).await.ok(200);
    assert_eq!(no["accepted"], false);
    assert!(no["retry_at"].is_string(), "{no}");
}

#[tokio::test]
async fn only_the_scope_asks_about_second_factors() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let (_, token) = create(&house, &boss, &json!(["view-activity"])).await;
    let plain = house.admin("plain", "general-staff").await;
    let body = json!({"administrator": plain.id, "code": "123456"});
    assert_eq!(
        house.post("/v1/verify").token(&token).json(&body).send().await.told(),
        (403, "permission-denied")
    );
    assert_eq!(
        house.post("/v1/verify").as_(&boss).json(&body).send().await.told(),
        (403, "permission-denied")
    );
    let (_, token) = create(&house, &boss, &json!(["verify-second-factor"])).await;
    let answer = house.post("/v1/verify").token(&token).json(&body).send().await;
    assert_eq!(answer.told(), (422, "mfa-not-enabled"));
    let both = json!({"administrator": boss.id, "code": "1", "backup_code": "2"});
    assert_eq!(house.post("/v1/verify").token(&token).json(&both).send().await.status, 400);
}
