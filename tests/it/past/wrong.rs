//! Moments that are none, and people who may not look.

use mfa_ledger::service::command::ChangeSettings;

use super::boss;
use crate::support::house::{House, Person};

/// The places that take a moment.
fn places(person: &Person) -> [String; 6] {
    [
        "/v1/administrators?as_of=".to_owned(),
        format!("/v1/administrators/{}?as_of=", person.id),
        format!("/v1/administrators/{}/security?as_of=", person.id),
        "/v1/diff?from=".to_owned(),
        "/v1/diff?from=1&to=".to_owned(),
        "/v1/explain/reset?actor=boss&target=boss&as_of=".to_owned(),
    ]
}

#[tokio::test]
async fn moments_that_are_none_are_told_so() {
    let house = House::open().await;
    let boss = boss(&house).await;
    // Of this minute's looks the first has a record.
    house.get("/v1/diff?from=1").as_(&boss).send().await.ok(200);
    let before = house.records();
    for nonsense in
        ["", "yesterday", "-1", "1.5", "9223372036854775808", "2026-05-04", "2026-13-01T00:00:00Z"]
    {
        for place in places(&boss) {
            let answer = house.get(&format!("{place}{nonsense}")).as_(&boss).send().await;
            assert_eq!(answer.told(), (400, "invalid-request"), "{place}{nonsense}: {}", answer.text);
            let named = answer.body["errors"][0]["pointer"].as_str().unwrap_or_default();
            assert!(place.contains(&format!("{named}=")), "{place}{nonsense}: {}", answer.text);
        }
    }
    let beyond = (before + 1).to_string();
    let later = house.now().plus_seconds(1).to_string();
    for future in [beyond.as_str(), "9223372036854775807", &later, "9999-01-01T00:00:00Z"] {
        for place in places(&boss) {
            let answer = house.get(&format!("{place}{future}")).as_(&boss).send().await;
            assert_eq!(answer.told(), (422, "moment-not-come"), "{place}{future}: {}", answer.text);
            assert!(answer.body["detail"].as_str().unwrap().contains(&before.to_string()), "{}", answer.text);
        }
    }
    // The first record is of nine in the morning.
    for early in ["0", "2026-05-04T08:59:59.999Z", "0000-01-01T00:00:00Z"] {
        for place in places(&boss) {
            let answer = house.get(&format!("{place}{early}")).as_(&boss).send().await;
            let told = answer.told();
            assert_eq!(told, (404, "before-the-log"), "{place}{early}: {}", answer.text);
            assert!(answer.body["detail"].as_str().unwrap().contains("2026-05-04T09:00:00.000Z"));
        }
    }
    let now = house.now().to_string();
    for edge in ["2026-05-04T09:00:00.000Z", &now] {
        house.get(&format!("/v1/administrators?as_of={edge}")).as_(&boss).send().await.ok(200);
    }
    for edge in ["1", &before.to_string()] {
        house.get(&format!("/v1/administrators?as_of={edge}")).as_(&boss).send().await.ok(200);
    }
    assert_eq!(house.records(), before, "what is no question leaves no record");
}

#[tokio::test]
async fn ranges_go_forward_and_what_is_needed_is_asked_for() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let now = house.now().to_string();
    for reversed in
        ["from=3&to=2".to_owned(), format!("from={now}&to=1"), format!("from={now}&to=2026-05-04T09:00:00Z")]
    {
        let answer = house.get(&format!("/v1/diff?{reversed}")).as_(&boss).send().await;
        assert_eq!(answer.told(), (422, "range-reversed"), "{reversed}: {}", answer.text);
    }
    for (path, missing) in [
        ("/v1/diff", "from"),
        ("/v1/diff?to=3", "from"),
        ("/v1/explain/reset?actor=boss", "target"),
        ("/v1/explain/reset?target=boss", "actor"),
        ("/v1/explain/change?actor=boss", "target"),
        ("/v1/explain/approve?actor=boss", "reset_request"),
        ("/v1/explain/approve?actor=boss&reset_request=1", "reset_request"),
    ] {
        let answer = house.get(path).as_(&boss).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{path}: {}", answer.text);
        assert_eq!(answer.body["errors"][0]["pointer"], missing, "{path}");
    }
    for nobody in ["actor=nobody&target=boss", "actor=boss&target=adm_01h455vb4pex5vsknk084sn02q"] {
        let answer = house.get(&format!("/v1/explain/reset?{nobody}")).as_(&boss).send().await;
        assert_eq!(answer.told(), (404, "not-found"), "{nobody}: {}", answer.text);
    }
    for code in ["before-the-log", "moment-not-come", "range-reversed", "past-unavailable"] {
        let page = house.get(&format!("/problems/{code}")).send().await;
        assert!(page.status.is_success() && page.text.starts_with(code), "{}", page.text);
    }
}

#[tokio::test]
async fn the_right_is_the_one_of_now() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let desk = house.enrolled("desk", "help-desk").await;
    let then = house.records();
    let path = format!("/v1/administrators/{}/security?as_of={then}", boss.id);
    let diff = format!("/v1/diff?from=1&to={then}");
    house.get(&path).as_(&desk).send().await.ok(200);
    house.get(&diff).as_(&desk).send().await.ok(200);

    // Whoever may no longer look now may not look at then either.
    house.step_up(&boss).await;
    let account = format!("/v1/administrators/{}", desk.id);
    let role = serde_json::json!({"role": "general-staff"});
    house.patch(&account).as_(&boss).json(&role).send().await.ok(200);
    let mut desk = desk;
    house.log_in(&mut desk).await;
    let hidden = house.get(&path).as_(&desk).send().await;
    assert_eq!(hidden.told(), (404, "not-found"));
    for path in [&diff, "/v1/explain/reset?actor=desk&target=boss", "/v1/administrators?as_of=3"] {
        assert_eq!(house.get(path).as_(&desk).send().await.told(), (403, "permission-denied"), "{path}");
    }
    let mut ada = house.admin("ada", "auditor").await;
    house.log_in(&mut ada).await;
    house.get(&diff).as_(&ada).send().await.ok(200);
    assert_eq!(
        house.get(&path).as_(&ada).send().await.told(),
        (404, "not-found"),
        "an auditor sees no section"
    );

    // The section is not there while MFA is not, whatever was then.
    house.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() }).await;
    assert_eq!(house.get(&path).as_(&boss).send().await.told(), (404, "not-found"));
}

#[tokio::test]
async fn a_parameter_where_there_is_none_is_not_answered_with_what_is_now() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let account = format!("/v1/administrators/{}", boss.id);
    for path in
        ["/v1/resets/1", "/v1/activity/1", "/v1/settings", &format!("{account}/authentication"), "/v1/me"]
    {
        let path = format!("{path}?as_of=1");
        assert_eq!(house.get(&path).send().await.told(), (401, "unauthenticated"), "{path}");
        let answer = house.get(&path).as_(&boss).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{path}");
        assert_eq!(
            answer.body["errors"][0]["parameter"].as_str().or(answer.body["errors"][0]["pointer"].as_str()),
            Some("as_of"),
            "{}",
            answer.text
        );
    }
    house.get(&format!("{account}?as_of={}", house.records())).as_(&boss).send().await.ok(200);
    house.get("/v1/me?").as_(&boss).send().await.ok(200);
}
