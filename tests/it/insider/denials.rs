//! A denied reset stays denied; a suspicion is shared.

use serde_json::json;

use super::{approve, filed, reset, story, was_reset};
use crate::support::house::House;

#[tokio::test]
async fn who_took_part_does_not_lift_what_the_person_denied() {
    let house = House::open().await;
    let performer = house.enrolled("performer", "it-administrator").await;
    let other = house.enrolled("other", "it-administrator").await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    let position = was_reset(&house, &performer, &dana).await;
    house.log_in(&mut dana).await;
    house.post(&format!("/v1/resets/{position}/repudiate")).as_(&dana).send().await.ok(200);
    let again = reset(&house, &other, &dana, &story(&house, "dana")).await;
    assert_eq!(again.told(), (422, "administrator-frozen"));
    let lift = |note: serde_json::Value| {
        house.post(&format!("/v1/administrators/{}/reactivate", dana.id)).json(&note)
    };
    let note = json!({ "note": "spoken to in person" });
    assert_eq!(lift(note.clone()).as_(&performer).send().await.told(), (403, "party-to-reset"));
    assert_eq!(lift(json!({})).as_(&other).send().await.told(), (422, "note-required"));
    assert_eq!(lift(note).as_(&other).send().await.ok(200)["was_frozen"], true);
}

#[tokio::test]
async fn for_somebody_else_a_reset_is_denied_with_a_reason_a_fresh_code_and_in_time() {
    let house = House::open().await;
    let mut desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let own = "a password of the help desk";
    let change = json!({ "current_password": desk.password, "new_password": own });
    house.put("/v1/me/password").as_(&desk).json(&change).send().await.ok(200);
    own.clone_into(&mut desk.password);
    let position = was_reset(&house, &desk, &dana).await;
    let path = format!("/v1/resets/{position}/repudiate");
    assert_eq!(house.post(&path).as_(&desk).send().await.told(), (422, "note-required"));
    let note = json!({ "note": "they called" });
    house.pass(16 * 60);
    assert_eq!(house.post(&path).as_(&desk).json(&note).send().await.told(), (403, "step-up-required"));
    house.pass(30 * 24 * 3_600);
    house.log_in(&mut desk).await;
    assert_eq!(house.post(&path).as_(&desk).json(&note).send().await.told(), (422, "repudiation-too-late"));
}

#[tokio::test]
async fn a_report_stops_the_next_agent_until_it_is_cleared() {
    let house = House::open().await;
    let (first, next) =
        (house.enrolled("first", "help-desk").await, house.enrolled("next", "help-desk").await);
    let dana = house.enrolled("dana", "general-staff").await;
    let account = format!("/v1/administrators/{}", dana.id);
    let flags = json!({ "red_flags": ["unusual_style"], "description": "an odd voice" });
    house.post(&format!("{account}/mfa/report-suspicious")).as_(&first).json(&flags).send().await.ok(200);
    let seen = house.get(&format!("{account}/security")).as_(&next).send().await.ok(200);
    assert_eq!(seen["suspicion"]["by"], "first", "{seen}");
    let answer = reset(&house, &next, &dana, &story(&house, "dana")).await;
    assert_eq!(answer.told(), (403, "under-suspicion"));

    let officer = house.enrolled("officer", "security-officer").await;
    let clear = |note: serde_json::Value| house.post(&format!("{account}/suspicion/clear")).json(&note);
    let note = json!({ "note": "spoken to in person" });
    assert_eq!(clear(note.clone()).as_(&next).send().await.told(), (403, "permission-denied"));
    assert_eq!(clear(json!({})).as_(&officer).send().await.told(), (422, "note-required"));
    clear(note.clone()).as_(&officer).send().await.ok(200);
    assert_eq!(clear(note).as_(&officer).send().await.told(), (409, "not-under-suspicion"));
    was_reset(&house, &next, &dana).await;
}

#[tokio::test]
async fn under_suspicion_two_people_may_all_the_same_and_after_a_day_one() {
    let house = House::open().await;
    let approver_hours = Some(0);
    house
        .settings(mfa_ledger::service::command::ChangeSettings { approver_hours, ..Default::default() })
        .await;
    let mut desk = house.enrolled("desk", "help-desk").await;
    let second = house.enrolled("second", "help-desk").await;
    let (dana, olga) =
        (house.enrolled("dana", "general-staff").await, house.enrolled("olga", "general-staff").await);
    for whom in [&dana, &olga] {
        let path = format!("/v1/administrators/{}/mfa/report-suspicious", whom.id);
        let flags = json!({ "red_flags": ["unusual_style"] });
        house.post(&path).as_(&desk).json(&flags).send().await.ok(200);
    }
    // An approval of the same moment did not know of the report.
    house.pass(1);
    let request = filed(&house, &desk, &dana).await;
    approve(&house, &second, &request).await.ok(200);
    let done = reset(&house, &desk, &dana, &json!({ "reset_request": request })).await.ok(201);
    let shown = house.get(&format!("/v1/resets/{}", done["position"])).as_(&desk).send().await.ok(200);
    assert_eq!((&shown["under_suspicion"], &shown["approver"]), (&json!(true), &json!("second")));
    house.pass(24 * 3_600);
    house.log_in(&mut desk).await;
    was_reset(&house, &desk, &olga).await;
}
