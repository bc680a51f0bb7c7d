//! Requests: filed, approved by a second person, used; declined; reported.

use mfa_ledger::service::command;
use mfa_ledger::service::command::ChangeSettings;
use mfa_ledger_schemas::{ApprovalPolicy, Scope};
use serde_json::{Value, json};

use super::{desk_and_dana, reset_path, story, with};
use crate::support::house::{House, Person};

fn request(target: &Person) -> Value {
    with(story("dana"), json!({"confirmation": null, "administrator": target.id}))
}

async fn file(house: &House, by: &Person, target: &Person) -> String {
    let filed = house.post("/v1/reset-requests").as_(by).json(&request(target)).send().await.ok(201);
    filed["reset_request"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_second_person_approves_and_a_third_may_reset() {
    let house = House::open().await;
    let (desk, dana) = desk_and_dana(&house).await;
    let second = house.enrolled("second", "help-desk").await;
    let approval = ChangeSettings {
        approval: Some(ApprovalPolicy::All),
        approver_hours: Some(0),
        ..ChangeSettings::default()
    };
    house.settings(approval).await;
    let id = file(&house, &desk, &dana).await;
    let path = format!("/v1/reset-requests/{id}");
    let shown = house.get(&path).as_(&second).send().await.ok(200);
    assert_eq!((&shown["stage"], &shown["requester_name"]), (&json!("open"), &json!("dana")));

    let approve = format!("{path}/approve");
    assert_eq!(house.post(&approve).as_(&desk).send().await.told(), (403, "own-request"));
    let approved = house.post(&approve).as_(&second).json(&json!({"note": "known to me"})).send().await;
    assert_eq!(approved.ok(200)["stage"], "approved");
    assert_eq!(house.post(&approve).as_(&second).send().await.told(), (409, "reset-request-closed"));

    let body = with(story("dana"), json!({"reset_request": id}));
    house.step_up(&second).await;
    let own = house.post(&reset_path(&dana)).as_(&second).json(&body).send().await;
    assert_eq!(own.told(), (403, "approval-required"), "whoever approved does not perform");
    let done = house.post(&reset_path(&dana)).as_(&desk).json(&body).send().await.ok(201);
    assert_eq!(done["approved_by"], second.id);
    let shown = house.get(&path).as_(&second).send().await.ok(200);
    assert_eq!((&shown["stage"], &shown["reset"]), (&json!("used"), &done["position"]));
    assert_eq!(shown["approved_by"], second.id);
}

#[tokio::test]
async fn requests_are_declined_reported_and_run_out() {
    let house = House::open().await;
    let (desk, dana) = desk_and_dana(&house).await;
    let (declined, reported) = (file(&house, &desk, &dana).await, file(&house, &desk, &dana).await);
    let path = format!("/v1/reset-requests/{declined}/decline");
    assert_eq!(house.post(&path).as_(&desk).send().await.ok(200)["stage"], "declined");
    let path = format!("/v1/reset-requests/{reported}/report-suspicious");
    let empty = house.post(&path).as_(&desk).json(&json!({"red_flags": []})).send().await;
    assert_eq!(empty.body["errors"][0]["pointer"], "#/red_flags");
    let flags = json!({"red_flags": ["unusual_channel", "unusual_style"], "description": "in a hurry"});
    let told = house.post(&path).as_(&desk).json(&flags).send().await.ok(200);
    assert_eq!(told["reset_request"], reported.as_str());
    let open = file(&house, &desk, &dana).await;

    let list = |stage: &str| house.get(&format!("/v1/reset-requests?stage={stage}")).as_(&desk);
    let ids = |list: &Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&list("declined").send().await.ok(200)), [declined.as_str()]);
    assert_eq!(ids(&list("suspicious").send().await.ok(200)), [reported.as_str()]);
    assert_eq!(ids(&list("open").send().await.ok(200)), [open.as_str()]);
    let page = house.get("/v1/reset-requests?limit=2").as_(&desk).send().await.ok(200);
    assert_eq!(ids(&page), [open.as_str(), reported.as_str()]);
    let next = format!("/v1/reset-requests?after={}", page["next"].as_str().unwrap());
    assert_eq!(ids(&house.get(&next).as_(&desk).send().await.ok(200)), [declined.as_str()]);
    assert_eq!(house.get("/v1/reset-requests").as_(&dana).send().await.told(), (403, "permission-denied"));

    let mut desk = desk;
    house.pass(25 * 3_600);
    house.log_in(&mut desk).await;
    let path = format!("/v1/reset-requests/{open}");
    assert_eq!(house.get(&path).as_(&desk).send().await.ok(200)["stage"], "expired");
    let late = house.post(&format!("{path}/approve")).as_(&desk).send().await;
    assert_eq!(late.told(), (409, "reset-request-closed"));
}

#[tokio::test]
async fn a_suspicious_call_is_reported_though_nobody_filed_it() {
    let house = House::open().await;
    let (desk, dana) = desk_and_dana(&house).await;
    let path = format!("/v1/administrators/{}/mfa/report-suspicious", dana.id);
    let body = json!({"red_flags": ["failed_security_questions"]});
    let told = house.post(&path).as_(&desk).json(&body).send().await.ok(200);
    assert_eq!((&told["administrator"], &told["reset_request"]), (&json!(dana.id), &json!(null)));
    assert_eq!(house.post(&path).as_(&dana).json(&body).send().await.told(), (403, "permission-denied"));
}

#[tokio::test]
async fn a_ticket_system_files_requests_and_sees_its_own_alone() {
    let house = House::open().await;
    let (desk, dana) = desk_and_dana(&house).await;
    let command = command::CreateServiceAccount {
        name: "tickets".to_owned(),
        scopes: [Scope::RequestReset].into(),
        expires: None,
    };
    house.settings(ChangeSettings { approver_hours: Some(0), ..ChangeSettings::default() }).await;
    let token = house.operate(command).await.shown.token.as_ref().unwrap().expose().to_owned();
    let filed = house.post("/v1/reset-requests").token(&token).json(&request(&dana)).send().await;
    let location = filed.header("location").to_owned();
    filed.ok(201);
    let own = house.get(&location).token(&token).send().await.ok(200);
    assert_eq!(own["filed_by"]["name"], "tickets");
    let other = file(&house, &desk, &dana).await;
    let other = house.get(&format!("/v1/reset-requests/{other}")).token(&token).send().await;
    assert_eq!(other.told(), (404, "not-found"));
    let body = story("dana");
    let reset = house.post(&reset_path(&dana)).token(&token).json(&body).send().await;
    assert_eq!(reset.told(), (403, "permission-denied"));
    house.post(&format!("{location}/approve")).as_(&desk).send().await.ok(200);
}
