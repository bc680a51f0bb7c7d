//! What a server tells of the verification of its log: at its start, while it serves, and on demand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use serde_json::{Value, json};

use super::reread::{SMALL, long, segments};
use crate::support::client::Client;
use crate::support::server::Server;

const PATH: &str = "/v1/log/verification";

/// Asks until what is told fits.
async fn until(client: &Client, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let mut told = Value::Null;
    for _ in 0..400 {
        told = client.get(PATH).await.ok(200);
        if fits(&told) {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not in twenty seconds: {what}: {told}");
}

fn newest<'a>(told: &'a Value, occasion: &str) -> Option<&'a Value> {
    told["done"].as_array().unwrap().iter().find(|it| it["occasion"] == occasion)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_is_told_with_what_it_was_held_against_and_all_is_verified_on_demand() {
    let (status, place, password) = tokio::task::spawn_blocking(|| Server::start().end()).await.unwrap();
    assert!(status.success());
    let server = tokio::task::spawn_blocking(move || Server::on(place, password, &[])).await.unwrap();
    let (root, _) = server.root().await;
    let told = root.get(PATH).await.ok(200);
    let start = newest(&told, "start").unwrap_or_else(|| panic!("{told}"));
    let size = number(&start["to"]);
    assert!(size > 0 && start["from"] == 1 && start["began_at"].as_str() <= start["ended_at"].as_str());
    // What was signed when the last server ended, and the tree of just those records.
    let against = &start["held_against"][0];
    assert_eq!((&against["source"], &against["size"]), (&json!("checkpoint"), &json!(size)), "{told}");
    assert_eq!(against["root"], start["root"], "{told}");
    assert_eq!((&told["running"], &told["waiting"]), (&Value::Null, &json!(false)));

    let wanted = root.ask(reqwest::Method::POST, PATH, &[], None).await.ok(202);
    let record = root.get(&format!("/v1/activity/{}", wanted["position"])).await.ok(200);
    assert_eq!(
        (&record["action"], &record["details"]["query"]),
        (&json!("activity.read"), &json!("verify=log"))
    );
    let told = until(&root, "on demand", |told| newest(told, "on_demand").is_some()).await;
    let found = newest(&told, "on_demand").unwrap();
    assert!(found["from"] == 1 && number(&found["to"]) >= size, "{told}");
    let proof = root.get(&format!("/v1/log/consistency?from={}&to={}", size, found["to"])).await.ok(200);
    assert_eq!(proof["to_root"], found["root"], "the root of the log: {told}");
    let sources: Vec<_> = found["held_against"].as_array().unwrap().iter().map(|it| &it["source"]).collect();
    assert_eq!(sources, ["checkpoint", "memory"]);
    assert_eq!(told["done"][0]["occasion"], "on_demand", "the latest first");
    assert_eq!(newest(&told, "start").unwrap()["to"], size, "and the start's stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_the_activity_log_neither_sees_nor_wants_a_verification() {
    let server = Server::start();
    let (root, _) = server.root().await;
    let who = json!({
        "user_name": "staff", "role": "general-staff", "emails": ["staff@example.org"], "display_name": "Staff",
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let (staff, _) = server.client().log_in("staff", made["password"].as_str().unwrap()).await;
    for method in [reqwest::Method::GET, reqwest::Method::POST] {
        assert_eq!(server.client().ask(method.clone(), PATH, &[], None).await.status, 401, "{method}");
        assert_eq!(staff.ask(method.clone(), PATH, &[], None).await.status, 403, "{method}");
    }
    let told = root.get(PATH).await.ok(200);
    assert!(told["running"].is_null() && told["waiting"] == false, "{told}");
    assert!(newest(&told, "on_demand").is_none(), "{told}");
    let refused = root.get("/v1/activity?action=activity.read_refused").await.ok(200);
    assert_eq!(refused["data"].as_array().unwrap().len(), 1, "the refused wish is on record: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_told_to_be_looked_over_and_a_byte_altered_meanwhile_is_found_on_demand() {
    let (place, password) = long().await;
    let server = tokio::task::spawn_blocking(move || Server::on(place, password, SMALL)).await.unwrap();
    let (root, _) = server.root().await;
    let told = until(&root, "looked over", |told| newest(told, "looked_over").is_some()).await;
    let (start, over) = (newest(&told, "start").unwrap(), newest(&told, "looked_over").unwrap());
    assert!(number(&start["from"]) > 1 && over["from"] == 1, "{told}");
    assert_eq!(number(&over["to"]) + 1, number(&start["from"]), "nothing is left out: {told}");
    let sources: Vec<_> = over["held_against"].as_array().unwrap().iter().map(|it| &it["source"]).collect();
    assert!(sources.contains(&&json!("the tiles")), "{told}");

    let first = &segments(&server.place)[0];
    let mut altered = std::fs::read(first).unwrap();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    std::fs::write(first, altered).unwrap();
    root.ask(reqwest::Method::POST, PATH, &[], None).await.ok(202);
    let ended = tokio::task::spawn_blocking(move || {
        let mut server = server;
        (server.wait(), server.told())
    });
    let (status, told) = ended.await.unwrap();
    assert_eq!(status.code(), Some(10), "{told}");
    assert!(told.contains("not what was signed for") && told.contains("the journal is damaged"), "{told}");
}
