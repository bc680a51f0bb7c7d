//! `/v1/settings`.

use serde_json::{Value, json};

use super::signed;
use crate::support::house::{House, Person};

async fn boss(house: &House) -> Person {
    let mut boss = house.super_admin("root").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    boss
}

#[tokio::test]
async fn what_is_not_named_stays() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let answer = house.get("/v1/settings").as_(&boss).send().await;
    let etag = answer.header("etag").to_owned();
    let before = answer.ok(200);
    let body = json!({"step_up_minutes": 240, "approval": "all", "business_hours":
        {"time_zone": "Europe/Prague", "weekdays": [5, 1], "opens": 480, "closes": 1440}});
    let answer = house.patch("/v1/settings").as_(&boss).header("if-match", &etag).json(&body).send().await;
    let new_etag = answer.header("etag").to_owned();
    let changed = answer.ok(200);
    assert_eq!(changed["changed"], json!(["step_up_minutes", "approval", "business_hours"]));
    let mut wanted = before;
    wanted["step_up_minutes"] = json!(240);
    wanted["approval"] = json!("all");
    wanted["business_hours"] =
        json!({"time_zone": "Europe/Prague", "weekdays": [1, 5], "opens": 480, "closes": 1440});
    let answer = house.get("/v1/settings").as_(&boss).send().await;
    assert_eq!(answer.header("etag"), new_etag);
    assert_eq!(answer.ok(200), wanted);
    let old = house.patch("/v1/settings").as_(&boss).header("if-match", &etag).json(&body).send().await;
    assert_eq!(old.told(), (412, "version-mismatch"));
}

#[tokio::test]
async fn every_setting_has_its_limits_and_a_pointer_to_what_is_wrong() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let before = house.records();
    let hours =
        |zone: &str, opens: u16| json!({"time_zone": zone, "weekdays": [1], "opens": opens, "closes": 600});
    for (field, value) in [
        ("step_up_minutes", json!(0)),
        ("step_up_minutes", json!(241)),
        ("session_hours", json!(169)),
        ("enrollment_minutes", json!(4)),
        ("enrollment_minutes", json!(1441)),
        ("reset_request_hours", json!(0)),
        ("generated_password_hours", json!(721)),
        ("issuer", json!("a:b")),
        ("issuer", json!("x".repeat(65))),
        ("reset_notice_text", json!("x".repeat(1401))),
        ("approval", json!("sometimes")),
        ("business_hours", hours("UTC", 600)),
        ("mfa_available", Value::from("yes")),
    ] {
        let answer = house.patch("/v1/settings").as_(&boss).json(&json!({ field: value })).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{field}");
        assert_eq!(answer.body["errors"][0]["pointer"], format!("#/{field}"));
    }
    let zone = json!({"business_hours": hours("Mars/Olympus", 1)});
    let answer = house.patch("/v1/settings").as_(&boss).json(&zone).send().await;
    assert_eq!(answer.body["errors"][0]["pointer"], "#/business_hours/time_zone");
    assert_eq!(house.patch("/v1/settings").as_(&boss).json(&json!({})).send().await.status, 400);
    assert_eq!(house.records(), before);
    let edges = json!({"issuer": "é".repeat(64), "session_hours": 168, "enrollment_minutes": 5});
    house.patch("/v1/settings").as_(&boss).json(&edges).send().await.ok(200);
}

#[tokio::test]
async fn settings_are_seen_by_all_and_changed_by_those_who_manage_them() {
    let house = House::open().await;
    let staff = signed(&house, "bob", "it-administrator").await;
    let before = house.get("/v1/settings").as_(&staff).send().await.ok(200);
    let answer = house.patch("/v1/settings").as_(&staff).json(&json!({"mfa_available": false})).send().await;
    assert_eq!(answer.told(), (403, "permission-denied"));
    assert_eq!(house.get("/v1/settings").as_(&staff).send().await.ok(200), before);
}
