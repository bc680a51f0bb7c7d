//! An approval binds: its story, its approver, and for as long as that approver may approve.

use mfa_ledger::service::command::{self, ChangeSettings};
use mfa_ledger_schemas::ApprovalPolicy;
use serde_json::json;

use super::{approve, filed, reset, story};
use crate::support::house::{House, Person};

async fn of_two() -> House {
    let house = House::open().await;
    let approval = Some(ApprovalPolicy::All);
    house.settings(ChangeSettings { approval, approver_hours: Some(0), ..ChangeSettings::default() }).await;
    house
}

/// A request about `dana`, filed by `desk` and approved by `second`.
struct Approved {
    house: House,
    desk: Person,
    second: Person,
    dana: Person,
    request: String,
}

async fn approved() -> Approved {
    let house = of_two().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let second = house.enrolled("second", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let request = filed(&house, &desk, &dana).await;
    approve(&house, &second, &request).await.ok(200);
    Approved { house, desk, second, dana, request }
}

#[tokio::test]
async fn what_was_approved_is_what_is_done() {
    let Approved { house, desk, dana, request, .. } = approved().await;
    let named = json!({ "reset_request": request });
    for other in [
        json!({ "verification": "in_person_photo_id" }),
        json!({ "ticket": "OTHER" }),
        json!({ "requester_name": "Somebody Else" }),
        json!({ "requester_contact": "+1 555 0199" }),
        json!({ "reason": "other", "reason_text": "why" }),
        json!({ "requested_at": house.now().plus_minutes(-1) }),
    ] {
        let body = super::with(named.clone(), other);
        let answer = reset(&house, &desk, &dana, &body).await;
        assert_eq!(answer.told(), (422, "approved-story-differs"), "{body}");
    }
    let same = super::with(named, json!({ "ticket": "HD-1", "requester_name": "dana" }));
    let done = reset(&house, &desk, &dana, &same).await.ok(201);
    let shown = house.get(&format!("/v1/resets/{}", done["position"])).as_(&desk).send().await.ok(200);
    assert_eq!(
        (&shown["reset_request"], &shown["approver"], &shown["requester_contact"], &shown["verification"]),
        (&json!(request), &json!("second"), &json!("+1 555 0100"), &json!("video_call"))
    );
    assert!(shown["approved_at"].is_string(), "{shown}");
}

#[tokio::test]
async fn an_approval_ends_with_its_approver() {
    let Approved { house, desk, second, dana, request } = approved().await;
    let administrator = second.id.parse().expect("an id");
    house.operate(command::AssignRole { administrator, role: "auditor".parse().expect("a role id") }).await;
    let body = json!({ "reset_request": request });
    assert_eq!(reset(&house, &desk, &dana, &body).await.told(), (409, "approval-void"));
    house.operate(command::AssignRole { administrator, role: "help-desk".parse().expect("a role id") }).await;
    house.operate(command::DeactivateAdministrator { administrator, note: None }).await;
    assert_eq!(reset(&house, &desk, &dana, &body).await.told(), (409, "approval-void"));
}

#[tokio::test]
async fn nobody_approves_for_whom_they_made_nor_is_made_to_approve() {
    let house = of_two().await;
    let maker = house.enrolled("maker", "it-administrator").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let creature = json!({
        "user_name": "creature", "display_name": "Creature", "emails": ["c@example.org"], "role": "it-administrator",
    });
    let made = house.post("/v1/administrators").as_(&maker).json(&creature).send().await.ok(201);
    let mut creature = Person {
        id: made["administrator"].as_str().expect("an id").to_owned(),
        user_name: "creature".to_owned(),
        password: made["password"].as_str().expect("a password").to_owned(),
        token: String::new(),
        seed: None,
        backup_codes: Vec::new(),
    };
    house.log_in(&mut creature).await;
    let request = filed(&house, &maker, &dana).await;
    let mut bare = house.admin("bare", "help-desk").await;
    house.log_in(&mut bare).await;
    assert_eq!(approve(&house, &bare, &request).await.told(), (403, "actor-mfa-required"));
    house.enroll(&mut creature).await;
    assert_eq!(approve(&house, &creature, &request).await.told(), (403, "approver-not-independent"));
    // Filed by a third person, approved by the creature: the maker still does not perform it.
    let third = house.enrolled("third", "help-desk").await;
    let request = filed(&house, &third, &dana).await;
    approve(&house, &creature, &request).await.ok(200);
    let answer = reset(&house, &maker, &dana, &json!({ "reset_request": request })).await;
    assert_eq!(answer.told(), (403, "approver-not-independent"));
    reset(&house, &third, &dana, &json!({ "reset_request": request })).await.ok(201);
}

#[tokio::test]
async fn nobody_approves_with_an_account_whose_password_the_performer_generated() {
    let house = of_two().await;
    let maker = house.enrolled("maker", "it-administrator").await;
    // Nobody enrolled this account: whoever knows its password can.
    let mut idle = house.admin("idle", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let path = format!("/v1/administrators/{}/password-reset", idle.id);
    let answer = house.post(&path).as_(&maker).send().await.ok(200);
    answer["password"].as_str().expect("a password").clone_into(&mut idle.password);
    house.log_in(&mut idle).await;
    house.enroll(&mut idle).await;
    let request = filed(&house, &maker, &dana).await;
    assert_eq!(approve(&house, &idle, &request).await.told(), (403, "approver-not-independent"));
    // Filed by a third person: the maker still does not perform it.
    let third = house.enrolled("third", "help-desk").await;
    let request = filed(&house, &third, &dana).await;
    approve(&house, &idle, &request).await.ok(200);
    let answer = reset(&house, &maker, &dana, &json!({ "reset_request": request })).await;
    assert_eq!(answer.told(), (403, "approver-not-independent"));
    reset(&house, &third, &dana, &json!({ "reset_request": request })).await.ok(201);
}

#[tokio::test]
async fn a_new_holder_of_the_permission_approves_a_day_later() {
    let house = of_two().await;
    house.settings(ChangeSettings { approver_hours: Some(24), ..ChangeSettings::default() }).await;
    let mut desk = house.enrolled("desk", "help-desk").await;
    let mut second = house.enrolled("second", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let request = filed(&house, &desk, &dana).await;
    let answer = approve(&house, &second, &request).await;
    assert_eq!(answer.told(), (403, "approver-too-new"));
    assert!(answer.body["retry_at"].is_string(), "{}", answer.text);
    house.pass(24 * 3_600);
    house.log_in(&mut desk).await;
    house.log_in(&mut second).await;
    let request = filed(&house, &desk, &dana).await;
    approve(&house, &second, &request).await.ok(200);
    let answer = reset(&house, &desk, &dana, &story(&house, "dana")).await;
    assert_eq!(answer.told(), (403, "approval-required"), "a reset names its request");
}
