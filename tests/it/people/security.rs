//! The guide's "Security Settings section": who sees it, and what it says.

use mfa_ledger::service::command;
use mfa_ledger::service::command::ChangeSettings;
use mfa_ledger_schemas::Scope;
use serde_json::json;

use super::{desk_and_dana, reset_path, story};
use crate::support::house::{House, Person};

fn path(person: &Person) -> String {
    format!("/v1/administrators/{}/security", person.id)
}

async fn account(house: &House, scope: Scope) -> String {
    let command = command::CreateServiceAccount {
        name: format!("with {scope}"),
        scopes: [scope].into(),
        expires: None,
    };
    let done = house.operate(command).await;
    done.shown.token.as_ref().unwrap().expose().to_owned()
}

#[tokio::test]
async fn the_section_exists_only_for_those_who_manage_mfa() {
    let house = House::open().await;
    let (desk, dana) = desk_and_dana(&house).await;
    let mut officer = house.admin("auditor", "auditor").await;
    house.log_in(&mut officer).await;
    let section = house.get(&path(&dana)).as_(&desk).send().await.ok(200);
    assert_eq!((&section["status"], &section["required"]), (&json!("enabled"), &json!(false)));
    assert_eq!(section["backup_codes_left"], 10);
    assert_eq!(section["sessions"], 1);
    assert_eq!(section["last_used"]["method"], "totp");
    assert_eq!(section["device_clock"], json!(null));

    let hidden = house.get(&path(&dana)).as_(&officer).send().await;
    let mut nobody = dana.clone();
    nobody.id = "adm_01h455vb4pex5vsknk084sn02q".to_owned();
    let unknown = house.get(&path(&nobody)).as_(&desk).send().await;
    assert_eq!(hidden.told(), (404, "not-found"));
    assert_eq!(hidden.text, unknown.text, "one cannot tell hidden from unknown");
    assert_eq!(house.get(&path(&dana)).as_(&dana).send().await.told(), (404, "not-found"));
    assert_eq!(house.get(&path(&dana)).send().await.told(), (401, "unauthenticated"));

    let token = account(&house, Scope::ViewMfa).await;
    house.get(&path(&dana)).token(&token).send().await.ok(200);
    let token = account(&house, Scope::ViewActivity).await;
    assert_eq!(house.get(&path(&dana)).token(&token).send().await.told(), (404, "not-found"));

    house.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() }).await;
    assert_eq!(house.get(&path(&dana)).as_(&desk).send().await.told(), (404, "not-found"));
}

#[tokio::test]
async fn failures_are_counted_and_a_slow_clock_is_told_to_the_help_desk_alone() {
    let house = House::open().await;
    let (desk, dana) = desk_and_dana(&house).await;
    house.pass(600);
    // The device's clock is four minutes slow.
    let late = house.code_at(&dana, house.now().plus_seconds(-240));
    let ask = house.post("/v1/session/second-factor").as_(&dana).json(&json!({"code": late}));
    let answer = ask.send().await;
    assert_eq!(answer.told(), (422, "code-not-accepted"));
    assert!(!answer.text.contains("drift") && !answer.text.contains("slow"));

    let section = house.get(&path(&dana)).as_(&desk).send().await.ok(200);
    assert_eq!(section["totp"]["failures"], 1);
    assert_eq!(section["backup_code"]["failures"], 0);
    assert_eq!(section["device_clock"]["drift_seconds"], -240);
    assert_eq!(section["device_clock"]["diagnosis"], "the device's clock is about 4 minutes slow");

    for _ in 0..4 {
        let ask = house.post("/v1/session/second-factor").as_(&dana).json(&json!({"code": "0"}));
        assert_eq!(ask.send().await.told(), (422, "code-not-accepted"));
    }
    let section = house.get(&path(&dana)).as_(&desk).send().await.ok(200);
    assert_eq!(section["totp"]["failures"], 5);
    assert!(section["totp"]["locked_until"].is_string());
    assert_eq!(section["device_clock"], json!(null), "the newest code was no code of any time");
    house.pass(60);
    house.step_up(&dana).await;
    let section = house.get(&path(&dana)).as_(&desk).send().await.ok(200);
    assert_eq!(section["totp"], json!({"failures": 0, "locked_until": null, "blocked": false}));
}

#[tokio::test]
async fn failures_outlive_a_reset_and_a_new_secret_and_end_with_the_next_log_in() {
    let house = House::open().await;
    let (desk, mut dana) = desk_and_dana(&house).await;
    for _ in 0..3 {
        let ask = house.post("/v1/session/second-factor").as_(&dana).json(&json!({"code": "0"}));
        assert_eq!(ask.send().await.told(), (422, "code-not-accepted"));
    }
    house.post(&reset_path(&dana)).as_(&desk).json(&story("dana")).send().await.ok(201);
    let section = house.get(&path(&dana)).as_(&desk).send().await.ok(200);
    assert_eq!(section["totp"]["failures"], 3, "a reset does not set them to zero");
    assert_eq!(section["last_reset"]["performer"], "desk");
    assert_eq!(section["last_reset"]["danger_window_open"], true);
    assert_eq!(section["epoch"], 1);
    dana.seed = None;
    house.log_in(&mut dana).await;
    house.enroll(&mut dana).await;
    let section = house.get(&path(&dana)).as_(&desk).send().await.ok(200);
    assert_eq!(section["totp"]["failures"], 3, "a new secret does not either");
    assert_eq!(section["last_reset"]["danger_window_open"], false);
    house.log_in(&mut dana).await;
    let section = house.get(&path(&dana)).as_(&desk).send().await.ok(200);
    assert_eq!(section["totp"]["failures"], 0, "a proven second factor does");
}
