//! The reset: every rule in its order, the one event, and its history.

use mfa_ledger::service::command::ChangeSettings;
use mfa_ledger_schemas::ApprovalPolicy;
use serde_json::{Value, json};

use super::{desk_and_dana, reset_path, story, with};
use crate::support::house::{House, Person};

async fn refused(house: &House, by: &Person, target: &Person, body: &Value) -> (u16, String) {
    let before = house.records();
    let answer = house.post(&reset_path(target)).as_(by).json(body).send().await;
    assert_eq!(house.records(), before + 1, "a refusal is a record: {}", answer.text);
    assert_eq!(answer.body["position"], before + 1);
    let (status, code) = answer.told();
    (status, code.to_owned())
}

macro_rules! assert_refused {
    ($house:expr, $by:expr, $target:expr, $body:expr, $status:literal $code:literal) => {
        assert_eq!(refused($house, $by, $target, $body).await, ($status, $code.to_owned()));
    };
}

#[tokio::test]
async fn the_rules_refuse_in_the_order_of_the_design() {
    let house = House::open().await;
    let mut boss = house.super_admin("boss").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    let (desk, dana) = desk_and_dana(&house).await;
    let (mut auditor, mut newbie) =
        (house.admin("auditor", "auditor").await, house.admin("newbie", "help-desk").await);
    house.log_in(&mut auditor).await;
    house.log_in(&mut newbie).await;
    let none = json!({});

    let settings = |available| ChangeSettings { mfa_available: Some(available), ..ChangeSettings::default() };
    house.settings(settings(false)).await;
    assert_refused!(&house, &auditor, &dana, &none, 422 "mfa-not-available");
    house.settings(settings(true)).await;
    assert_refused!(&house, &auditor, &dana, &none, 403 "permission-denied");
    let mut nobody = dana.clone();
    nobody.id = "adm_01h455vb4pex5vsknk084sn02q".to_owned();
    assert_refused!(&house, &desk, &nobody, &none, 404 "administrator-not-found");
    assert_refused!(&house, &desk, &desk, &none, 422 "self-reset");
    assert_refused!(&house, &desk, &boss, &none, 403 "super-admin-required");
    assert_refused!(&house, &desk, &auditor, &none, 403 "privilege-too-high");
    assert_refused!(&house, &desk, &newbie, &none, 422 "mfa-not-enabled");
    assert_refused!(&house, &desk, &dana, &none, 422 "verification-required");
    for method in ["email_only", "unknown_email", "none", "third_party"] {
        let body = json!({"verification": method});
        assert_refused!(&house, &desk, &dana, &body, 422 "verification-unacceptable");
    }
    let told = story("dana");
    for missing in ["reason", "requester_name", "requester_contact", "requested_at"] {
        let body = with(told.clone(), json!({missing: null}));
        assert_refused!(&house, &desk, &dana, &body, 422 "reason-required");
    }
    let other = with(told.clone(), json!({"reason": "other"}));
    assert_refused!(&house, &desk, &dana, &other, 422 "reason-required");
    for confirmation in [json!(null), json!("desk")] {
        let body = with(told.clone(), json!({"confirmation": confirmation}));
        assert_refused!(&house, &desk, &dana, &body, 422 "confirmation-required");
    }
    assert_refused!(&house, &newbie, &dana, &told, 403 "actor-mfa-required");
    house.pass(16 * 60);
    assert_refused!(&house, &desk, &dana, &told, 403 "step-up-required");
    house.step_up(&desk).await;
    let approval = ChangeSettings {
        approval: Some(ApprovalPolicy::All),
        approver_hours: Some(0),
        ..ChangeSettings::default()
    };
    house.settings(approval).await;
    assert_refused!(&house, &desk, &dana, &told, 403 "approval-required");

    let section = house.get(&format!("/v1/administrators/{}/security", dana.id)).as_(&desk).send().await;
    assert_eq!(section.ok(200)["status"], "enabled", "nothing has changed");
    let path = format!("/v1/administrators/{}/deactivate", dana.id);
    house.step_up(&boss).await;
    house.post(&path).as_(&boss).send().await.ok(200);
    assert_refused!(&house, &desk, &dana, &none, 422 "administrator-inactive");
}

#[tokio::test]
async fn a_reset_is_one_record_with_the_whole_story_and_repeats_its_answer() {
    let house = House::open().await;
    let (desk, dana) = desk_and_dana(&house).await;
    let body = story("dana");
    let ask = || house.post(&reset_path(&dana)).as_(&desk).header("idempotency-key", "r-1").json(&body);
    let before = house.records();
    let first = ask().send().await;
    let location = first.header("location").to_owned();
    let first = first.ok(201);
    assert_eq!(house.records(), before + 1);
    assert_eq!(location, format!("/v1/resets/{}", before + 1));
    assert_eq!(first["status_before"], "enabled");
    assert_eq!(first["status_after"], "not_enabled");
    assert_eq!(first["removed"]["backup_codes"], 10);
    assert!(first["removed"]["totp"].as_str().unwrap().starts_with("crd_"));
    assert_eq!(first["sessions_ended"], 1);
    assert_eq!(first["must_enroll"], false);
    assert_eq!(first["epoch"], 1);
    assert!(first["next_steps"].as_array().unwrap().len() > 3);
    assert_eq!(house.get("/v1/me").as_(&dana).send().await.status, 401, "sessions have ended");

    let again = ask().send().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.ok(201), first);
    assert_eq!(house.records(), before + 1);
    let other = with(body.clone(), json!({"ticket": "HD-2"}));
    let reused = house.post(&reset_path(&dana)).as_(&desk).header("idempotency-key", "r-1").json(&other);
    assert_eq!(reused.send().await.told(), (422, "idempotency-key-reused"));
    let second = house.post(&reset_path(&dana)).as_(&desk).json(&body).send().await;
    assert_eq!(second.told(), (422, "mfa-not-enabled"));

    let shown = house.get(&location).as_(&desk).send().await.ok(200);
    assert_eq!(shown["reason"], "new_phone");
    assert_eq!(shown["verification"], "video_call");
    assert_eq!(shown["requester_name"], "dana");
    assert_eq!(shown["requester_contact"], "+1 555 0100");
    assert_eq!(shown["requested_at"], "2026-05-04T08:45:00.000Z");
    assert_eq!(shown["ticket"], "HD-1042");
    assert_eq!(shown["performer"]["name"], "desk");
    assert_eq!(shown["performer"]["address"], "127.0.0.1");
    assert_eq!(shown["danger_window"]["open"], true);
    assert_eq!(shown["follow_ups"], json!([]));
}

#[tokio::test]
async fn the_history_goes_on_with_follow_ups_log_in_and_enrollment() {
    let house = House::open().await;
    let (desk, mut dana) = desk_and_dana(&house).await;
    let done = house.post(&reset_path(&dana)).as_(&desk).json(&story("dana")).send().await.ok(201);
    let path = format!("/v1/resets/{}", done["position"]);
    let follow_ups = format!("{path}/follow-ups");
    let empty = house.post(&follow_ups).as_(&desk).json(&json!({})).send().await;
    assert_eq!(empty.told(), (400, "invalid-request"));
    let body = json!({"notified": "phone", "note": "called back on the known number"});
    house.post(&follow_ups).as_(&desk).json(&body).send().await.ok(201);
    let nothing = house.post("/v1/resets/1/follow-ups").as_(&desk).json(&body).send().await;
    assert_eq!(nothing.told(), (404, "reset-not-found"));

    house.pass(2 * 3_600);
    dana.seed = None;
    house.log_in(&mut dana).await;
    house.enroll(&mut dana).await;
    let shown = house.get(&path).as_(&desk).send().await.ok(200);
    assert_eq!(shown["follow_ups"][0]["notified"], "phone");
    assert_eq!(shown["follow_ups"][0]["note"], "called back on the known number");
    assert_eq!(
        (&shown["notified"], &shown["said_notified"]),
        (&json!(false), &json!(true)),
        "by word of the desk"
    );
    assert!(shown["next_log_in"]["at"].is_string());
    assert_eq!(shown["danger_window"]["open"], false);
    assert_eq!(shown["danger_window"]["hours"], 2);
    assert_eq!(shown["enrolled_again"]["at"], shown["danger_window"]["until"]);

    let list = house.get("/v1/resets").as_(&desk).send().await.ok(200);
    assert_eq!(list["data"][0]["position"], done["position"]);
    let csv = house.get("/v1/resets").as_(&desk).header("accept", "text/csv").send().await;
    assert!(csv.text.contains(",desk,help-desk,127.0.0.1,"), "{}", csv.text);
    assert_eq!(house.get("/v1/resets").as_(&dana).send().await.told(), (403, "permission-denied"));
    assert_eq!(house.get(&path).as_(&dana).send().await.told(), (403, "permission-denied"));
    assert_eq!(house.get("/v1/resets/1").as_(&desk).send().await.told(), (404, "not-found"));
    let answer = house.get("/v1/resets/first").as_(&desk).send().await;
    assert_eq!(answer.body["errors"][0]["pointer"], "position");
}

#[tokio::test]
async fn resets_are_paged_newest_first() {
    let house = House::open().await;
    let (desk, mut dana) = desk_and_dana(&house).await;
    for _ in 0..3 {
        house.step_up(&desk).await;
        house.post(&reset_path(&dana)).as_(&desk).json(&story("dana")).send().await.ok(201);
        dana.seed = None;
        house.log_in(&mut dana).await;
        house.enroll(&mut dana).await;
    }
    let first = house.get("/v1/resets?limit=2").as_(&desk).send().await.ok(200);
    let positions =
        |page: &Value| page["data"].as_array().unwrap().iter().map(|it| it["position"].clone()).collect();
    let newest: Vec<Value> = positions(&first);
    assert!(newest[0].as_u64() > newest[1].as_u64());
    let next = format!("/v1/resets?limit=2&after={}", first["next"].as_str().unwrap());
    let rest = house.get(&next).as_(&desk).send().await.ok(200);
    let rest_positions: Vec<Value> = positions(&rest);
    assert_eq!((rest_positions.len(), &rest["has_more"]), (1, &json!(false)));
}

#[tokio::test]
async fn this_was_not_me_freezes_the_account() {
    let house = House::open().await;
    let (desk, mut dana) = desk_and_dana(&house).await;
    let done = house.post(&reset_path(&dana)).as_(&desk).json(&story("dana")).send().await.ok(201);
    dana.seed = None;
    house.log_in(&mut dana).await;
    let path = format!("/v1/resets/{}/repudiate", done["position"]);
    let mut stranger = house.admin("stranger", "general-staff").await;
    house.log_in(&mut stranger).await;
    assert_eq!(house.post(&path).as_(&stranger).send().await.told(), (403, "permission-denied"));
    let note = json!({"note": "I never called anybody"});
    let denied = house.post(&path).as_(&dana).json(&note).send().await.ok(200);
    assert_eq!((&denied["frozen"], &denied["sessions_ended"]), (&json!(true), &json!(1)));
    let body = json!({"user_name": dana.user_name, "password": dana.password});
    assert_eq!(house.post("/v1/session").json(&body).send().await.told(), (401, "log-in-failed"));
    assert_eq!(house.post(&path).as_(&desk).send().await.told(), (409, "already-repudiated"));
    let shown = house.get(&format!("/v1/resets/{}", done["position"])).as_(&desk).send().await.ok(200);
    assert!(shown["repudiated"]["at"].is_string());
}
