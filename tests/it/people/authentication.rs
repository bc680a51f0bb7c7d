//! Why somebody cannot log in, as the help desk reads it.

use mfa_ledger::service::command::ChangeSettings;
use serde_json::{Value, json};

use crate::support::house::{House, Person};

async fn read(house: &House, desk: &Person, whom: &Person) -> Value {
    let path = format!("/v1/administrators/{}/authentication", whom.id);
    house.get(&path).as_(desk).send().await.ok(200)
}

async fn causes(house: &House, desk: &Person, whom: &Person) -> Vec<String> {
    let found = read(house, desk, whom).await;
    let causes = found["causes"].as_array().expect("a list").iter();
    for cause in causes.clone() {
        let told = |key: &str| cause[key].as_str().expect("a text").len();
        assert!(told("detail") > 10 && told("advice") > 10, "{cause}");
    }
    causes.map(|it| it["code"].as_str().expect("a code").to_owned()).collect()
}

async fn try_password(house: &House, whom: &Person, password: &str) -> u16 {
    let body = json!({ "user_name": whom.user_name, "password": password });
    house.post("/v1/session").json(&body).send().await.status.as_u16()
}

async fn second(house: &House, whom: &Person, body: Value) -> u16 {
    house.post("/v1/session/second-factor").as_(whom).json(&body).send().await.status.as_u16()
}

#[tokio::test]
async fn passwords_that_do_not_fit_are_seen_with_the_end_of_the_wait() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    assert_eq!(causes(&house, &desk, &dana).await, [""; 0], "nothing keeps her out");
    assert_eq!(try_password(&house, &dana, "not the password").await, 401);
    assert_eq!(causes(&house, &desk, &dana).await, ["wrong_password"]);
    for _ in 0..7 {
        try_password(&house, &dana, "not the password").await;
    }
    let found = read(&house, &desk, &dana).await;
    let cause = &found["causes"][0];
    let until = &found["password"]["known_addresses"]["locked_until"];
    assert_eq!((&cause["code"], &cause["until"]), (&json!("password_locked"), until), "{found}");
    assert!(cause["detail"].as_str().expect("words").contains(until.as_str().expect("a time")));
    let newest = &found["history"][0];
    assert_eq!((&newest["action"], &newest["outcome"]), (&json!("session.failed"), &json!("failed")));
    assert_eq!((&newest["cause"], &newest["known_address"]), (&json!("throttled"), &json!(true)));
    house.pass(1_000);
    house.log_in(&mut dana).await;
    assert_eq!(causes(&house, &desk, &dana).await, [""; 0]);
    let newest = read(&house, &desk, &dana).await["history"][0].clone();
    assert_eq!((&newest["action"], &newest["actor"]), (&json!("second_factor.verified"), &json!("dana")));
}

#[tokio::test]
async fn second_factors_say_clock_replay_and_backup_codes() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    house.pass(600);
    house.log_in(&mut dana).await;
    let used = house.code_at(&dana, house.now());
    assert_eq!(second(&house, &dana, json!({ "code": used })).await, 422);
    assert_eq!(causes(&house, &desk, &dana).await, ["code_used_twice"]);
    house.pass(300);
    let slow = house.code_at(&dana, house.now().plus_seconds(-240));
    assert_eq!(second(&house, &dana, json!({ "code": slow })).await, 422);
    let found = read(&house, &desk, &dana).await;
    assert_eq!(found["causes"][0]["code"], "device_clock", "{found}");
    assert!(found["causes"][0]["detail"].as_str().expect("words").contains("about 4 minutes slow"));
    for _ in 0..4 {
        assert_eq!(second(&house, &dana, json!({ "code": "0" })).await, 422);
    }
    assert_eq!(causes(&house, &desk, &dana).await, ["app_locked"]);
    house.pass(1_000);
    for code in dana.backup_codes.clone() {
        try_password(&house, &dana, &dana.password).await;
        let body = json!({ "user_name": dana.user_name, "password": dana.password });
        let session = house.post("/v1/session").json(&body).send().await.ok(201);
        session["token"].as_str().expect("a token").clone_into(&mut dana.token);
        assert_eq!(second(&house, &dana, json!({ "backup_code": code })).await, 200);
    }
    assert_eq!(
        causes(&house, &desk, &dana).await,
        ["backup_codes_instead_of_app", "no_backup_codes"],
        "the worst first"
    );
    let found = read(&house, &desk, &dana).await;
    assert_eq!((&found["backup_codes_left"], &found["has_more"]), (&json!(0), &json!(false)));
    assert_eq!(found["history"][0]["text"], "A backup code was accepted, to log in; 0 left.");
}

#[tokio::test]
async fn accounts_say_what_became_of_them() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let dana = house.enrolled("dana", "general-staff").await;
    let path = format!("/v1/administrators/{}", dana.id);
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana", "requester_contact": "+1 555 0100",
        "requested_at": house.now(), "ticket": "HD-7", "confirmation": "dana",
    });
    let reset = house.post(&format!("{path}/mfa/reset")).as_(&desk).json(&story).send().await.ok(201);
    assert_eq!(causes(&house, &desk, &dana).await, ["not_enrolled_again"]);
    // "Verify the reset completed successfully (check Activity Log)", by the Help Desk as it ships.
    let found = read(&house, &desk, &dana).await;
    let step = &found["history"][0];
    assert_eq!((&step["action"], &step["actor"]), (&json!("mfa.reset"), &json!("desk")), "{found}");
    assert_eq!(step["position"], reset["position"]);
    house.require_mfa().await;
    assert_eq!(causes(&house, &desk, &dana).await, ["enrollment_due", "not_enrolled_again"]);
    house.settings(ChangeSettings { generated_password_hours: Some(1), ..Default::default() }).await;
    house.step_up(&root).await;
    house.post(&format!("{path}/password-reset")).as_(&root).send().await.ok(200);
    house.pass(3_600);
    house.step_up(&root).await;
    assert_eq!(causes(&house, &desk, &dana).await[0], "password_expired");
    house.post(&format!("{path}/deactivate")).as_(&root).json(&json!({})).send().await.ok(200);
    assert_eq!(causes(&house, &desk, &dana).await[..2], ["inactive", "password_expired"]);
    let newest = read(&house, &desk, &dana).await["history"][0].clone();
    assert_eq!((&newest["text"], &newest["actor"]), (&json!("The account was deactivated."), &json!("root")));
}

#[tokio::test]
async fn what_keeps_somebody_out_is_what_the_last_try_says() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    assert_eq!(second(&house, &dana, json!({ "code": "000000" })).await, 422);
    assert_eq!(causes(&house, &desk, &dana).await, ["wrong_code"]);
    house.pass(60);
    house.log_in(&mut dana).await;
    assert_eq!(causes(&house, &desk, &dana).await, [""; 0], "the next one fitted");

    assert_eq!(try_password(&house, &dana, "not the password").await, 401);
    assert_eq!(causes(&house, &desk, &dana).await, ["wrong_password"]);
    house.step_up(&desk).await;
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana", "requester_contact": "+1 555 0100",
        "requested_at": house.now(), "ticket": "HD-7", "confirmation": "dana",
    });
    let path = format!("/v1/administrators/{}/mfa/reset", dana.id);
    let done = house.post(&path).as_(&desk).json(&story).send().await.ok(201);
    house.log_in(&mut dana).await;
    let denied = format!("/v1/resets/{}/repudiate", done["position"]);
    house.post(&denied).as_(&dana).json(&json!({})).send().await.ok(200);
    assert_eq!(try_password(&house, &dana, &dana.password).await, 401);
    assert_eq!(causes(&house, &desk, &dana).await, ["frozen"], "the password fitted");
}

#[tokio::test]
async fn who_does_not_see_the_section_does_not_see_this_and_who_does_is_on_record() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let auditor = house.enrolled("auditor", "auditor").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let path = format!("/v1/administrators/{}/authentication", dana.id);
    for stranger in [&auditor, &dana] {
        assert_eq!(house.get(&path).as_(stranger).send().await.told(), (404, "not-found"));
    }
    assert_eq!(house.get(&path).send().await.told(), (401, "unauthenticated"));
    let nobody = path.replace(&dana.id, &format!("{}0", &dana.id[..dana.id.len() - 1]));
    assert_ne!(nobody, path);
    let before = house.records();
    assert_eq!(house.get(&nobody).as_(&desk).send().await.told(), (404, "not-found"));
    assert_eq!(house.records(), before, "nothing was read");
    read(&house, &desk, &dana).await;
    read(&house, &desk, &dana).await;
    assert_eq!(house.records(), before + 1, "one record a minute");
    let read =
        house.get("/v1/activity?action=activity.read&actor=desk&limit=1").as_(&auditor).send().await.ok(200);
    let newest = &read["data"][0];
    assert_eq!(newest["actor"]["name"], "desk", "{newest}");
    assert_eq!(newest["details"]["query"], format!("authentication&administrator={}", dana.id));
    let off = ChangeSettings { mfa_available: Some(false), ..Default::default() };
    house.settings(off).await;
    assert_eq!(house.get(&path).as_(&desk).send().await.told(), (404, "not-found"));
}
