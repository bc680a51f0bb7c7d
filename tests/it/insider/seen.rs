//! What is claimed can be true, what is hidden stays hidden, and who did it is named.

use serde_json::{Value, json};

use super::{reset, story, was_reset, with};
use crate::support::house::House;

#[tokio::test]
async fn a_request_was_made_within_seven_days_and_a_ticket_has_a_number() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let now = house.now();
    let early = now.plus_hours(-7 * 24);
    for (at, fits) in [
        (early.plus_seconds(-1), false),
        (now.plus_minutes(5).plus_seconds(1), false),
        ("1999-01-01T00:00:00.000Z".parse().expect("a time"), false),
        (early, true),
        (now.plus_minutes(5), true),
    ] {
        let dana = if fits {
            &house
                .enrolled(&format!("fits-{at}").replace([':', '.'], "-").to_lowercase(), "general-staff")
                .await
        } else {
            &dana
        };
        // Enrolling takes a time step; the edges are those of now.
        let at =
            mfa_ledger_schemas::Instant::from_unix_ms(at.unix_ms() + house.now().unix_ms() - now.unix_ms());
        let answer =
            reset(&house, &desk, dana, &with(story(&house, &dana.user_name), json!({ "requested_at": at })))
                .await;
        if fits {
            answer.ok(201);
        } else {
            assert_eq!(answer.told(), (422, "request-time-implausible"), "{at}");
        }
    }
    let mut body = with(story(&house, "dana"), json!({ "verification": "authenticated_ticket" }));
    body.as_object_mut().expect("an object").remove("ticket");
    assert_eq!(reset(&house, &desk, &dana, &body).await.told(), (422, "ticket-required"));
}

#[tokio::test]
async fn nobody_asks_for_somebody_elses_reset() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let asked_by = |name: &str, more: Value| {
        with(with(story(&house, "dana"), json!({ "requester_name": name, "requester_contact": "x" })), more)
    };
    let filed = with(asked_by("Juan, who sits next to her", json!({})), json!({ "administrator": dana.id }));
    let answer = house.post("/v1/reset-requests").as_(&desk).json(&filed).send().await;
    assert_eq!(answer.told(), (422, "third-party-requester"));
    let body = asked_by("Juan, who sits next to her", json!({}));
    let answer = reset(&house, &desk, &dana, &body).await;
    assert_eq!(answer.told(), (422, "third-party-requester"));
    let officer = house.enrolled("officer", "security-officer").await;
    let records = house.get("/v1/activity?action=mfa.reset_refused").as_(&officer).send().await.ok(200);
    let claimed = &records["data"][0]["words"]["requester_name"];
    assert_eq!(*claimed, json!("Juan, who sits next to her"), "{records}");

    let said = json!({ "reason_text": "In the school she goes by her second name, as her file says." });
    let body = asked_by("Zita", said);
    let done = reset(&house, &desk, &dana, &body).await.ok(201);
    let shown = house.get(&format!("/v1/resets/{}", done["position"])).as_(&desk).send().await.ok(200);
    assert_eq!(shown["requester_name"], "Zita", "{shown}");
}

#[tokio::test]
async fn what_the_section_hides_is_hidden_between_two_moments_too() {
    let house = House::open().await;
    let auditor = house.enrolled("auditor", "auditor").await;
    let officer = house.enrolled("officer", "security-officer").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let path = "/v1/diff?from=1";
    let facts = |answer: &serde_json::Value| -> Vec<String> {
        let all = answer["administrators"].as_array().expect("a list").iter();
        all.filter(|it| it["administrator"] == dana.id)
            .flat_map(|it| it["changes"].as_array().expect("a list").clone())
            .map(|it| it["field"].as_str().expect("a name").to_owned())
            .collect()
    };
    let seen = house.get(path).as_(&officer).send().await.ok(200);
    assert!(facts(&seen).contains(&"mfa_status".to_owned()) && seen["mfa_hidden"].is_null(), "{seen}");
    let hidden = house.get(path).as_(&auditor).send().await.ok(200);
    assert!(!facts(&hidden).iter().any(|it| it.contains("mfa") || it.contains("enrolled")), "{hidden}");
    assert_eq!(hidden["mfa_hidden"], true);
    assert!(facts(&hidden).contains(&"role".to_owned()), "the rest is shown: {hidden}");
}

#[tokio::test]
async fn a_new_authenticator_may_show_its_first_code_in_a_step_that_the_old_one_used() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    was_reset(&house, &desk, &dana).await;
    house.log_in(&mut dana).await;
    let begun = house.post("/v1/me/mfa/enrollment").as_(&dana).send().await.ok(201);
    dana.seed = Some(begun["manual_key"].as_str().expect("a key").replace([' ', '-'], ""));
    // The step in which the old one was confirmed: no time has passed but seconds.
    let code = house.code_at(&dana, house.now());
    let path = "/v1/me/mfa/enrollment/confirm";
    house.post(path).as_(&dana).json(&json!({ "code": code })).send().await.ok(200);
}

#[tokio::test]
async fn a_log_in_is_found_by_whose_it_is() {
    let house = House::open().await;
    let dana = house.enrolled("dana", "general-staff").await;
    let auditor = house.enrolled("auditor", "auditor").await;
    let path = format!("/v1/activity?action=session.started&actor={}", dana.id);
    let found = house.get(&path).as_(&auditor).send().await.ok(200);
    let entry = &found["data"][0];
    assert_eq!((&entry["actor"]["name"], &entry["actor"]["type"]), (&json!("dana"), &json!("administrator")));
}

#[tokio::test]
async fn what_belongs_together_says_so() {
    let house = House::open().await;
    let auditor = house.enrolled("auditor", "auditor").await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let ask =
        |id: &str| house.post("/v1/session").header("x-correlation-id", id).header("traceparent", trace);
    let credentials = json!({ "user_name": "auditor", "password": "wrong" });
    assert_eq!(ask("case 7").json(&credentials).send().await.told(), (400, "invalid-request"));
    assert_eq!(ask(&"c".repeat(49)).json(&credentials).send().await.told(), (400, "invalid-request"));
    let id = "c".repeat(48);
    ask(&id).json(&credentials).send().await;
    let found = house.get("/v1/activity?action=session.failed").as_(&auditor).send().await.ok(200);
    assert_eq!(found["data"][0]["correlation"], id.as_str(), "{found}");
    let leaf = format!("/v1/activity/{}/leaf", found["data"][0]["position"]);
    let leaf = house.get(&leaf).as_(&auditor).send().await.ok(200);
    assert_eq!(leaf["traceparent"], trace);
}

#[tokio::test]
async fn the_password_of_the_account_that_stands_in_for_a_name_opens_nothing() {
    let house = House::open().await;
    let dana = house.admin("dana", "general-staff").await;
    // Whichever account stands in for a name that nobody has: hers is the password of one of them.
    for number in 0..20 {
        let body = json!({ "user_name": format!("nobody{number}"), "password": dana.password });
        let answer = house.post("/v1/session").json(&body).send().await;
        assert_eq!(answer.told(), (401, "log-in-failed"));
    }
    let own = json!({ "user_name": "dana", "password": dana.password });
    house.post("/v1/session").json(&own).send().await.ok(201);
}

#[tokio::test]
async fn a_password_alone_does_not_read_what_its_owner_did() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let position = was_reset(&house, &desk, &dana).await;
    let body = json!({ "user_name": "desk", "password": desk.password });
    let half = house.post("/v1/session").json(&body).send().await.ok(201);
    let half = half["token"].as_str().expect("a token");
    for part in ["", "/leaf", "/proof", "/with-proof"] {
        let answer = house.get(&format!("/v1/activity/{position}{part}")).token(half).send().await;
        assert_eq!(answer.status, 403, "{part}: {}", answer.text);
    }
}
