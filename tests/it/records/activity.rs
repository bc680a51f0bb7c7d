//! `GET /v1/activity`, `/{position}`, `/{position}/leaf`.

use mfa_ledger::service::command;
use serde_json::{Value, json};

use super::signed;
use crate::support::house::House;

#[tokio::test]
async fn reading_is_recorded_once_per_caller_and_minute() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let before = house.records();
    let page = house.get("/v1/activity?action=session.started").as_(&auditor).send().await.ok(200);
    assert_eq!(page["data"][0]["actor"]["name"], "ada");
    house.get("/v1/activity").as_(&auditor).send().await.ok(200);
    assert_eq!(house.records(), before + 1);
    let page = house.get("/v1/activity?limit=1").as_(&auditor).send().await.ok(200);
    assert_eq!(page["data"][0]["action"], "activity.read");
    assert_eq!(page["data"][0]["details"]["query"], "action=session.started");
    house.pass(60);
    house.get("/v1/activity").as_(&auditor).send().await.ok(200);
    assert_eq!(house.records(), before + 2);
}

#[tokio::test]
async fn a_repeated_key_does_not_keep_a_reading_off_the_record() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let before = house.records();
    for _ in 0..3 {
        house.get("/v1/activity").as_(&auditor).header("idempotency-key", "k").send().await.ok(200);
        house.pass(60);
    }
    assert_eq!(house.records(), before + 3);
}

#[tokio::test]
async fn whoever_may_not_read_is_refused_on_record_each_time() {
    let house = House::open().await;
    let staff = signed(&house, "bob", "general-staff").await;
    let before = house.records();
    for path in ["/v1/activity", "/v1/activity/1", "/v1/activity/1/leaf", "/v1/activity/stats"] {
        let answer = house.get(path).as_(&staff).send().await;
        assert_eq!(answer.told(), (403, "permission-denied"), "{path}");
        assert_eq!(answer.body["position"], house.records());
    }
    assert_eq!(house.records(), before + 4);
}

#[tokio::test]
async fn a_permission_withdrawn_within_the_minute_counts_at_once() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    house.get("/v1/activity").as_(&auditor).send().await.ok(200);
    let assignment = mfa_ledger::service::command::AssignRole {
        administrator: auditor.id.parse().expect("an id"),
        role: "general-staff".parse().expect("a role"),
    };
    house.operate(assignment).await;
    let answer = house.get("/v1/activity").as_(&auditor).send().await;
    assert_eq!(answer.told(), (403, "permission-denied"));
    assert_eq!(answer.body["position"], house.records());
}

#[tokio::test]
async fn every_filter_finds_what_it_names() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let bad = json!({"user_name": "ada", "password": "not the password"});
    assert_eq!(house.post("/v1/session").json(&bad).send().await.status, 401);
    house.pass(3_600);
    let since = house.now();
    signed(&house, "carla", "help-desk").await;
    let auditor_id = &auditor.id;
    for (query, found) in [
        ("action=session.failed".to_owned(), 1),
        ("action=session.failed&action=administrator.registered".to_owned(), 3),
        ("outcome=failed".to_owned(), 1),
        ("target=ADA".to_owned(), 3),
        (format!("target={auditor_id}&action=session.started"), 1),
        (format!("actor={auditor_id}&action=session.started"), 1),
        ("ip=127.0.0.1&action=session.started".to_owned(), 2),
        ("ip=::ffff:127.0.0.1&action=session.started".to_owned(), 2),
        ("ip=127.0.0.2".to_owned(), 0),
        ("q=wrong_password".to_owned(), 1),
        ("q=carla%20registered".to_owned(), 1),
        (format!("since={since}&action=administrator.registered"), 1),
        (format!("until={since}&action=administrator.registered"), 1),
        ("ticket=T-1".to_owned(), 0),
    ] {
        let page = house.get(&format!("/v1/activity?{query}")).as_(&auditor).send().await.ok(200);
        assert_eq!(page["data"].as_array().map(Vec::len), Some(found), "{query}: {page:#}");
    }
}

#[tokio::test]
async fn the_id_of_an_event_finds_it_alone() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    // In one millisecond: the clock of the house stands still.
    for name in ["bea", "carla", "dora"] {
        house.admin(name, "help-desk").await;
    }
    let all = house.get("/v1/activity?limit=5").as_(&auditor).send().await.ok(200);
    let wanted = &all["data"][2];
    let id = wanted["id"].as_str().expect("an id");
    let find = async |query: &str| {
        let page = house.get(&format!("/v1/activity?q={query}")).as_(&auditor).send().await.ok(200);
        assert_eq!(page["has_more"], false, "{query}: {page}");
        page["data"].as_array().expect("a page").clone()
    };
    let target = wanted["target"]["user_name"].as_str().expect("a name");
    for query in [id.to_owned(), format!("{id}%20{target}")] {
        assert_eq!(find(&query).await, std::slice::from_ref(wanted), "{query}");
    }
    let other = all["data"][3]["id"].as_str().expect("an id");
    for query in [format!("{id}%20nobody"), format!("{id}%20{other}"), format!("{}0", &id[..id.len() - 1])] {
        assert_eq!(find(&query).await, [Value::Null; 0], "{query}");
    }
    let later = format!("{id}&since={}", house.now().plus_seconds(1));
    assert_eq!(find(&later).await, [Value::Null; 0]);
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_named_and_nothing_recorded() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let before = house.records();
    for (query, name) in [
        ("action=mfa.resett", "action"),
        ("since=yesterday", "since"),
        ("since=2026-05-04T00:00:00Z&until=2026-05-03T00:00:00Z", "until"),
        ("since=2026-05-04T00:00:00Z&until=2026-05-04T00:00:00Z", "until"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("ip=localhost", "ip"),
        ("outcome=splendid", "outcome"),
        ("order=sideways", "order"),
        ("after=x", "after"),
    ] {
        let answer = house.get(&format!("/v1/activity?{query}")).as_(&auditor).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{query}");
        assert_eq!(answer.body["errors"][0]["pointer"], name, "{query}: {}", answer.text);
    }
    let answer = house.get("/v1/activity?colour=red").as_(&auditor).send().await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("colour"), "{}", answer.text);
    assert_eq!(house.get("/v1/activity?limit=0").send().await.status, 401, "401 comes before 400");
    assert_eq!(house.records(), before);
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions_without_gaps() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    house.get("/v1/activity").as_(&auditor).send().await.ok(200);
    for order in ["asc", "desc"] {
        let mut path = format!("/v1/activity?limit=3&order={order}");
        let mut positions = Vec::new();
        loop {
            let answer = house.get(&path).as_(&auditor).send().await;
            let link = answer.header("link").to_owned();
            let page = answer.ok(200);
            positions.extend(
                page["data"].as_array().expect("data").iter().filter_map(|it| it["position"].as_u64()),
            );
            if page["has_more"] == false {
                assert_eq!((link.as_str(), &page["next"]), ("", &Value::Null));
                break;
            }
            path = link.trim_start_matches('<').split('>').next().expect("a link").to_owned();
        }
        if order == "desc" {
            positions.reverse();
        }
        assert_eq!(positions, (1..=house.records()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn an_entry_shows_its_words_until_they_are_erased() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let gone = house.admin("gus", "general-staff").await;
    let administrator = gone.id.parse().expect("an id");
    let note = Some("left the company".to_owned());
    let done = house.operate(command::DeactivateAdministrator { administrator, note }).await;
    let path = format!("/v1/activity/{}", done.receipt.position);
    let entry = house.get(&path).as_(&auditor).send().await.ok(200);
    assert_eq!(entry["words"]["text"], "left the company");
    assert_eq!(entry["target"]["user_name"], "gus");
    assert_eq!(entry["actor"]["type"], "operator");
    assert_eq!(entry["void"], false);
    let leaf = house.get(&format!("{path}/leaf")).as_(&auditor).send().await;
    assert!(!leaf.text.contains("left the company"));
    house.operate(command::ErasePersonalData { administrator }).await;
    let entry = house.get(&path).as_(&auditor).send().await.ok(200);
    assert_eq!(entry["words"], Value::Null);
}

#[tokio::test]
async fn the_leaf_is_the_stored_one_byte_for_byte() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let stored = house.service.activity_records(&[mfa_ledger_schemas::Position(3)]).await.expect("a record");
    let leaf = house.get("/v1/activity/3/leaf").as_(&auditor).send().await;
    assert_eq!(leaf.header("content-type"), "application/cloudevents+json");
    assert_eq!(leaf.text, stored[0].leaf);
}

#[tokio::test]
async fn beyond_the_head_there_is_nothing() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    for path in ["/v1/activity/0", "/v1/activity/99999", "/v1/activity/99999/leaf"] {
        assert_eq!(house.get(path).as_(&auditor).send().await.told(), (404, "not-found"), "{path}");
    }
    let answer = house.get("/v1/activity/first").as_(&auditor).send().await;
    assert_eq!(
        (answer.told(), &answer.body["errors"][0]["pointer"]),
        ((400, "invalid-request"), &json!("position"))
    );
}
