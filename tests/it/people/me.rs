//! One's own profile, password and MFA.

use serde_json::json;

use crate::support::house::{House, Person};

#[tokio::test]
async fn the_profile_shows_role_and_permissions_with_the_guides_names() {
    let house = House::open().await;
    let mut desk = house.admin("desk", "help-desk").await;
    assert_eq!(house.get("/v1/me").send().await.told(), (401, "unauthenticated"));
    house.log_in(&mut desk).await;
    let me = house.get("/v1/me").as_(&desk).send().await.ok(200);
    assert_eq!(me["role"], json!({"id": "help-desk", "name": "Help Desk"}));
    assert_eq!(
        me["permissions"],
        json!([{
            "permission": "manage-mfa",
            "display_name": "Manage Multi-Factor Authentication",
            "category": "Settings",
        }])
    );
    assert_eq!(me["display_name"], "desk of the house");
    assert_eq!(me["emails"], json!(["desk@example.org"]));
    assert_eq!(me["mfa"]["status"], "not_enabled");
    assert_eq!(me["mfa"]["required"], false);
    assert_eq!(me["password_change_due"], true);
}

#[tokio::test]
async fn enrollment_begins_is_given_up_and_is_confirmed() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    let path = "/v1/me/mfa/enrollment";
    assert_eq!(house.delete(path).as_(&dana).send().await.told(), (409, "no-pending-enrollment"));

    let ask = || house.post(path).as_(&dana).header("idempotency-key", "one").json(&json!({}));
    let begun = ask().send().await.ok(201);
    assert_eq!(begun["status"], "pending");
    assert!(begun["otpauth_uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert!(begun["qr_svg"].as_str().unwrap().contains("<svg"));
    let again = ask().send().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.ok(201)["manual_key"], begun["manual_key"], "pending: shown again");

    let me = house.get("/v1/me").as_(&dana).send().await.ok(200);
    assert_eq!(me["mfa"]["status"], "pending");
    assert_eq!(me["mfa"]["pending_expires"], begun["expires"]);
    house.delete(path).as_(&dana).send().await.ok(200);
    assert_eq!(ask().send().await.ok(201)["manual_key"], json!(null), "given up: gone");

    house.enroll(&mut dana).await;
    assert_eq!(dana.backup_codes.len(), 10);
    let me = house.get("/v1/me").as_(&dana).send().await.ok(200);
    assert_eq!(me["mfa"]["status"], "enabled");
    assert_eq!(me["mfa"]["backup_codes_left"], 10);
    assert_eq!(me["mfa"]["backup_codes_low"], false);
    assert_eq!(me["mfa"]["last_used"]["method"], "totp");
    assert_eq!(house.post(path).as_(&dana).send().await.told(), (409, "mfa-already-enabled"));
}

#[tokio::test]
async fn backup_codes_are_shown_once_and_a_repeated_answer_says_so() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    let begun = house.post("/v1/me/mfa/enrollment").as_(&dana).send().await.ok(201);
    dana.seed = Some(begun["manual_key"].as_str().unwrap().replace(' ', ""));
    let body = json!({"code": house.code(&dana)});
    let path = "/v1/me/mfa/enrollment/confirm";
    let ask = || house.post(path).as_(&dana).header("idempotency-key", "two").json(&body);
    let first = ask().send().await.ok(200);
    assert_eq!(first["status"], "enabled");
    assert_eq!(first["backup_codes"].as_array().unwrap().len(), 10);
    assert_eq!(first["backup_codes_shown"], true);
    let again = ask().send().await.ok(200);
    assert_eq!(again["position"], first["position"]);
    assert_eq!((&again["backup_codes"], &again["backup_codes_shown"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn new_backup_codes_and_switching_off_take_a_fresh_code_of_the_app() {
    let house = House::open().await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    let path = "/v1/me/mfa/backup-codes";
    let wrong = house.post(path).as_(&dana).json(&json!({"code": "000000"})).send().await;
    assert_eq!(wrong.told(), (422, "code-not-accepted"));
    let body = json!({"code": house.code(&dana)});
    let new = house.post(path).as_(&dana).json(&body).send().await.ok(200);
    assert_eq!(new["replaced"], 10);
    let codes = new["backup_codes"].as_array().unwrap();
    assert!(codes.iter().all(|code| !dana.backup_codes.iter().any(|old| code == old)));
    assert_eq!(house.post(path).as_(&dana).json(&body).send().await.told(), (422, "code-not-accepted"));

    let path = "/v1/me/mfa";
    let body = json!({"code": house.code(&dana)});
    let off = house.delete(path).as_(&dana).json(&body).send().await.ok(200);
    assert_eq!(off["status"], "not_enabled");
    dana.seed = None;
    house.log_in(&mut dana).await;
}

#[tokio::test]
async fn one_chooses_ones_own_password_and_other_sessions_end() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    let other = dana.clone();
    house.log_in(&mut dana).await;
    let path = "/v1/me/password";
    let ask = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        house.put(path).as_(&dana).json(&body)
    };
    let new = "correct horse battery staple";
    assert_eq!(ask("wrong", new).send().await.told(), (422, "wrong-password"));
    assert_eq!(ask(&dana.password, "short").send().await.told(), (422, "password-unacceptable"));
    let changed = ask(&dana.password, new).send().await.ok(200);
    assert_eq!(changed["sessions_ended"], 1);
    assert_eq!(house.get("/v1/me").as_(&other).send().await.status, 401);
    let me = house.get("/v1/me").as_(&dana).send().await.ok(200);
    assert_eq!(me["password_change_due"], false);
}

#[tokio::test]
async fn guesses_at_ones_own_password_are_slowed_down_and_not_even_looked_at() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    let ask = |current: &str| {
        let body = json!({"current_password": current, "new_password": "correct horse battery staple"});
        house.put("/v1/me/password").as_(&dana).json(&body)
    };
    for _ in 0..4 {
        let answer = ask("wrong").send().await;
        assert_eq!(answer.told(), (422, "wrong-password"));
        assert_eq!(answer.headers.get("retry-after"), None);
    }
    let fifth = ask("wrong").send().await;
    assert_eq!(fifth.told(), (422, "wrong-password"));
    assert_eq!(fifth.header("retry-after"), "1");
    // The right one is refused as well: it was not compared.
    let early = ask(&dana.password).send().await;
    assert_eq!(early.told(), (422, "wrong-password"));
    assert_eq!((early.header("retry-after"), &early.body["retry_at"]), ("1", &fifth.body["retry_at"]));
    house.pass(1);
    ask(&dana.password).send().await.ok(200);
}

#[tokio::test]
async fn whoever_must_enroll_sees_the_profile_and_nothing_else() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "help-desk").await;
    house.require_mfa().await;
    house.log_in(&mut dana).await;
    let me = house.get("/v1/me").as_(&dana).send().await.ok(200);
    assert_eq!(me["mfa"]["required"], true);
    let own = format!("/v1/administrators/{}", dana.id);
    house.get(&own).as_(&dana).send().await.ok(200);
    let list = house.get("/v1/administrators").as_(&dana).send().await;
    assert_eq!(list.told(), (403, "enrollment-required"));
    house.enroll(&mut dana).await;
    house.get("/v1/administrators").as_(&dana).send().await.ok(200);
}

#[tokio::test]
async fn ones_own_open_sessions_are_told_and_no_others() {
    let house = House::open().await;
    let (mut dana, mut other) =
        (house.admin("dana", "general-staff").await, house.admin("other", "general-staff").await);
    house.log_in(&mut dana).await;
    let first = dana.clone();
    house.pass(60);
    house.log_in(&mut dana).await;
    house.log_in(&mut other).await;
    let told = async |person: &Person| {
        let me = house.get("/v1/me").as_(person).send().await.ok(200);
        let sessions = me["sessions"].as_array().expect("a list").clone();
        sessions.iter().map(|session| session["current"].as_bool().expect("yes or no")).collect::<Vec<_>>()
    };
    assert_eq!(told(&dana).await, [false, true], "oldest first");
    assert_eq!(told(&first).await, [true, false]);
    assert_eq!(told(&other).await, [true]);
    let me = house.get("/v1/me").as_(&dana).send().await.ok(200);
    assert_eq!(me["sessions"][0]["address"], "127.0.0.1", "{me}");
    house.delete("/v1/session").as_(&first).send().await.ok(200);
    assert_eq!(told(&dana).await, [true], "one that has ended is not open");
}

#[tokio::test]
async fn what_one_did_oneself_is_shown_to_everybody_and_nothing_else_is() {
    let house = House::open().await;
    let path = "/v1/me/activity";
    assert_eq!(house.get(path).send().await.told(), (401, "unauthenticated"));
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    house.step_up(&desk).await;
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana", "confirmation": "dana",
        "requester_contact": "ext. 4711", "requested_at": house.now(),
    });
    let reset = format!("/v1/administrators/{}/mfa/reset", dana.id);
    house.post(&reset).as_(&desk).json(&story).send().await.ok(201);
    let before = house.records();

    let done = house.get(path).as_(&desk).send().await.ok(200);
    let actions = |page: &serde_json::Value| -> Vec<String> {
        let entries = page["data"].as_array().unwrap().iter();
        entries.map(|it| it["action"].as_str().unwrap().to_owned()).collect()
    };
    let all = actions(&done);
    assert_eq!(
        all,
        ["mfa.reset", "second_factor.verified", "mfa.enabled", "mfa.enrollment_started", "session.started"]
    );
    assert_eq!(done["data"][0]["words"]["requester_name"], "Dana", "what they told themselves");
    assert!(done["data"].as_array().unwrap().iter().all(|it| it["actor"]["administrator"] == *desk.id));
    assert_eq!(house.records(), before, "it is one's own: no reading to be recorded");

    let first = house.get(&format!("{path}?limit=1")).as_(&desk).send().await;
    assert!(first.header("link").contains("/v1/me/activity?"), "{}", first.header("link"));
    let next = first.ok(200)["next"].as_str().unwrap().to_owned();
    let others = house.get(&format!("{path}?after={next}")).as_(&desk).send().await.ok(200);
    assert_eq!(actions(&others), all[1..]);

    let mut dana = dana;
    house.log_in(&mut dana).await;
    let of_dana = actions(&house.get(path).as_(&dana).send().await.ok(200));
    assert!(!of_dana.contains(&"mfa.reset".to_owned()), "what others did to them is not theirs: {of_dana:?}");
    for wrong in ["limit=0", "limit=1001", "after=none", "actor=dana"] {
        assert_eq!(house.get(&format!("{path}?{wrong}")).as_(&dana).send().await.status, 400, "{wrong}");
    }
}
