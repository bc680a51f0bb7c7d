//! NDJSON and CSV: exports of the whole range.

use mfa_ledger::service::command::DefineRole;
use serde_json::Value;

use super::signed;
use crate::support::house::House;

/// More than two chunks of an export.
const MANY: usize = 600;

async fn fill(house: &House) {
    for number in 0..MANY {
        let role = DefineRole {
            role: format!("role-{number}").parse().expect("a role id"),
            name: "=cmd".to_owned(),
            permissions: [].into(),
            mfa_required: false,
        };
        house.operate(role).await;
    }
}

#[tokio::test]
async fn an_export_gives_the_whole_range_in_order() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    fill(&house).await;
    for order in ["asc", "desc"] {
        let path = format!("/v1/activity?order={order}");
        let answer = house.get(&path).as_(&auditor).header("accept", "application/x-ndjson").send().await;
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        let lines = answer.text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let mut positions: Vec<_> = lines.filter_map(|line| line["position"].as_u64()).collect();
        if order == "desc" {
            positions.reverse();
        }
        assert_eq!(positions, (1..=house.records()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn csv_has_one_line_of_names_and_no_formulas() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    fill(&house).await;
    let answer =
        house.get("/v1/activity?action=role.defined").as_(&auditor).header("accept", "text/csv").send().await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(answer.header("content-disposition").contains("activity.csv"));
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    assert_eq!(reader.headers().expect("names").get(0), Some("position"));
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), MANY + 6);
    assert!(rows.iter().all(|row| row.iter().all(|cell| !cell.starts_with('='))));
}

#[tokio::test]
async fn ocsf_has_every_record_with_the_bytes_of_the_log() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    fill(&house).await;
    let ocsf = "application/vnd.ocsf+ndjson";
    let answer = house.get("/v1/activity?order=asc").as_(&auditor).header("accept", ocsf).send().await;
    assert_eq!(answer.header("content-type"), ocsf);
    assert!(answer.header("content-disposition").contains("activity.ocsf.ndjson"));
    let events: Vec<Value> = answer.text.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let sequence: Vec<_> = events.iter().filter_map(|it| it["metadata"]["sequence"].as_u64()).collect();
    assert_eq!(sequence, (1..=house.records()).collect::<Vec<_>>());
    for event in &events {
        let (class, activity) =
            (event["class_uid"].as_u64().unwrap(), event["activity_id"].as_u64().unwrap());
        assert_eq!(event["type_uid"], class * 100 + activity);
        assert_eq!(event["metadata"]["version"], "1.3.0");
    }
    let leaf = house.get("/v1/activity/7/leaf").as_(&auditor).send().await;
    assert_eq!(events[6]["raw_data"], leaf.text, "byte for byte");
    let last = house.get("/v1/activity?limit=1").as_(&auditor).header("accept", ocsf).send().await;
    assert!(last.text.lines().count() == 1 && last.header("link").contains("after="));
    let exported = house.get("/v1/activity?action=activity.exported").as_(&auditor).send().await.ok(200);
    assert_eq!(exported["data"][0]["details"]["format"], ocsf);
    let reader = signed(&house, "rita", "it-administrator").await;
    let answer = house.get("/v1/activity").as_(&reader).header("accept", ocsf).send().await;
    assert_eq!(answer.told(), (403, "permission-denied"), "an export takes the right to it");
}

#[tokio::test]
async fn a_limited_export_is_a_page_with_a_link() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let answer =
        house.get("/v1/activity?limit=2").as_(&auditor).header("accept", "application/x-ndjson").send().await;
    assert_eq!(answer.text.lines().count(), 2);
    assert!(answer.header("link").contains("after="));
}

#[tokio::test]
async fn exports_have_their_own_permission_and_record() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let reader = signed(&house, "rita", "it-administrator").await;
    let answer = house.get("/v1/activity").as_(&reader).header("accept", "text/csv").send().await;
    assert_eq!(answer.told(), (403, "permission-denied"));
    house.get("/v1/activity").as_(&reader).send().await.ok(200);
    house.get("/v1/activity?q=x").as_(&auditor).header("accept", "text/csv").send().await;
    let page = house.get("/v1/activity?action=activity.exported").as_(&auditor).send().await.ok(200);
    let details = &page["data"][0]["details"];
    assert_eq!((&details["format"], &details["query"]), (&"text/csv; charset=utf-8".into(), &"q=x".into()));
    let page = house.get("/v1/activity?action=activity.export_refused").as_(&auditor).send().await.ok(200);
    assert_eq!(page["data"][0]["actor"]["name"], "rita");
}
