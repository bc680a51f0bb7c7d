//! The limits of the API at their edges: the last that is taken, the first that is not, and no record of it.

use serde_json::{Value, json};

use crate::support::house::{Answer, House, Person};

/// The longest body, in bytes.
const BODY_BYTES: usize = 64 * 1024;

async fn boss(house: &House) -> Person {
    let mut boss = house.super_admin("boss").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    boss
}

async fn text(house: &House, person: &Person, kind: &str, text: String) -> Answer {
    let ask = house.patch("/v1/settings").as_(person).header("content-type", kind);
    ask.text(text).send().await
}

#[tokio::test]
async fn a_body_of_64_kib_is_taken_and_one_byte_more_is_not() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let padded = |bytes: usize| {
        let body = r#"{"step_up_minutes":20}"#;
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };
    let json = "application/json";
    text(&house, &boss, json, padded(BODY_BYTES)).await.ok(200);
    let before = house.records();
    let answer = text(&house, &boss, json, padded(BODY_BYTES + 1)).await;
    assert_eq!(answer.told(), (413, "body-too-large"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(house.records(), before);
}

#[tokio::test]
async fn what_is_not_json_or_not_as_documented_is_told_where() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let before = house.records();
    let good = r#"{"step_up_minutes":20}"#.to_owned();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json"] {
        let answer = text(&house, &boss, kind, good.clone()).await;
        assert_eq!(answer.told(), (415, "unsupported-media-type"), "{kind}");
    }
    for (body, pointer) in [
        (r#"{"step_up_minutes":20"#, "#"),
        (r#"{"step_up_minutes":20}}"#, "#"),
        ("", "#"),
        (r#"{"colour":"red"}"#, "#/colour"),
        (r#"{"business_hours":{"colour":"red"}}"#, "#/business_hours"),
        (r#"{"issuer":null,"step_up_minutes":20}"#, "#/issuer"),
        (r#"{"step_up_minutes":"20"}"#, "#/step_up_minutes"),
    ] {
        let answer = text(&house, &boss, "application/json", body.to_owned()).await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{body}");
        let told = answer.body["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert!(told.starts_with(pointer), "{body}: {}", answer.text);
    }
    assert_eq!(house.records(), before);
    text(&house, &boss, "Application/JSON; charset=utf-8", good).await.ok(200);
}

#[tokio::test]
async fn a_parameter_that_is_there_has_a_value() {
    let house = House::open().await;
    let boss = boss(&house).await;
    for (path, name) in [
        ("/v1/activity?until=", "until"),
        ("/v1/activity?limit=", "limit"),
        ("/v1/administrators?role=", "role"),
        ("/v1/roles?after=", "after"),
        ("/v1/resets?after=9223372036854775808", "after"),
    ] {
        let answer = house.get(path).as_(&boss).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{path}");
        assert_eq!(answer.body["errors"][0]["pointer"], name, "{path}: {}", answer.text);
    }
    house.get("/v1/resets?after=9223372036854775807").as_(&boss).send().await.ok(200);
}

#[tokio::test]
async fn notices_are_as_long_in_bytes_as_a_record_can_hold() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let agent = "\"".repeat(200);
    let change =
        |body: Value| house.patch("/v1/settings").as_(&boss).header("user-agent", &agent).json(&body).send();
    for letter in ["é", "€", "🔑"] {
        let before = house.records();
        let text = letter.repeat(1_500);
        let answer = change(json!({"reset_notice_text": text})).await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{letter}");
        assert_eq!(answer.body["errors"][0]["pointer"], "#/reset_notice_text");
        assert_eq!(house.records(), before);
    }
    for (letter, cost) in [("t", 1), ("\"", 2), ("\n", 2), ("é", 2), ("€", 3)] {
        let answer = change(json!({"reset_notice_text": letter.repeat(1_250 / cost + 1)})).await;
        assert_eq!(answer.body["errors"][0]["pointer"], "#/reset_notice_text", "{letter:?}");
        change(json!({"reset_notice_text": letter.repeat(1_250 / cost)})).await.ok(200);
    }
    // The most that settings can take, all at once.
    let fits = json!({
        "reset_notice_text": "€".repeat(416),
        "reset_notice_subject": "t".repeat(200),
        "issuer": "🔑".repeat(64),
        "business_hours": {"time_zone": "America/Argentina/ComodRivadavia", "weekdays": [1, 2, 3, 4, 5, 6, 7],
            "opens": 1, "closes": 1440},
    });
    change(fits).await.ok(200);
    let subject = change(json!({"reset_notice_subject": "é".repeat(101)})).await;
    assert_eq!(subject.body["errors"][0]["pointer"], "#/reset_notice_subject");
}
