//! `GET /v1/activity/stats`.

use serde_json::{Value, json};

use super::signed;
use crate::support::house::{House, Person};

async fn counts(house: &House, person: &Person, query: &str) -> Vec<(String, u64)> {
    let stats = house.get(&format!("/v1/activity/stats?{query}")).as_(person).send().await.ok(200);
    let pairs = stats["data"].as_array().expect("data").iter();
    pairs
        .map(|it| (it["key"].as_str().expect("a key").to_owned(), it["count"].as_u64().expect("a count")))
        .collect()
}

#[tokio::test]
async fn counts_are_by_action_hour_weekday_day_and_performer() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let key = |key: &str, count| vec![(key.to_owned(), count)];
    // Monday, 4 May 2026, 09:00 UTC.
    assert_eq!(counts(&house, &auditor, "action=role.defined").await, key("role.defined", 6));
    assert_eq!(counts(&house, &auditor, "by=hour&action=role.defined").await, key("09", 6));
    assert_eq!(counts(&house, &auditor, "by=hour&tz=Europe/Prague&action=role.defined").await, key("11", 6));
    assert_eq!(counts(&house, &auditor, "by=weekday&action=role.defined").await, key("1", 6));
    assert_eq!(
        counts(&house, &auditor, "by=day&tz=Pacific/Kiritimati&action=role.defined").await,
        key("2026-05-04", 6)
    );
    assert_eq!(counts(&house, &auditor, "by=performer&action=role.defined").await, key("root", 6));
    assert_eq!(counts(&house, &auditor, "by=reason").await, []);
    let stats = house.get("/v1/activity/stats?tz=europe/prague").as_(&auditor).send().await.ok(200);
    assert_eq!((&stats["time_zone"], &stats["by"]), (&json!("Europe/Prague"), &json!("action")));
    assert!(stats["total"].as_u64() > Some(6));
}

#[tokio::test]
async fn an_unknown_zone_or_grouping_is_named() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    for (query, name) in [("tz=Mars/Olympus", "tz"), ("by=colour", "by")] {
        let answer = house.get(&format!("/v1/activity/stats?{query}")).as_(&auditor).send().await;
        assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (400, &Value::from(name)));
    }
}
