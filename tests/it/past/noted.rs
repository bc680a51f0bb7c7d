//! Looking back is on record, as reading the activity log is; and programs may, if their scope says so.

use mfa_ledger::service::command;
use mfa_ledger_schemas::Scope;
use serde_json::Value;

use super::boss;
use crate::support::house::{House, Person};

/// Every question about the past, and how its record begins.
fn questions(about: &Person) -> [(String, String); 5] {
    [
        ("/v1/administrators?as_of=3".to_owned(), "past=administrators&as_of=3".to_owned()),
        (
            format!("/v1/administrators/{}/security?as_of=9", about.id),
            format!("past=security&administrator={}&as_of=9", about.id),
        ),
        ("/v1/diff?from=1&to=3".to_owned(), "past=diff&from=1&to=3".to_owned()),
        ("/v1/diff?from=1".to_owned(), "past=diff&from=1".to_owned()),
        (
            "/v1/explain/reset?actor=boss&target=boss".to_owned(),
            "past=explain&actor=boss&target=boss".to_owned(),
        ),
    ]
}

async fn newest(house: &House, by: &Person, action: &str) -> Value {
    let page = house.get(&format!("/v1/activity?limit=1&action={action}")).as_(by).send().await.ok(200);
    page["data"][0].clone()
}

#[tokio::test]
async fn every_look_back_leaves_a_record_once_a_minute() {
    let house = House::open().await;
    let boss = boss(&house).await;
    for (path, query) in questions(&boss) {
        house.pass(60);
        let before = house.records();
        house.get(&path).as_(&boss).send().await.ok(200);
        assert_eq!(house.records(), before + 1, "{path}");
        house.get(&path).as_(&boss).send().await.ok(200);
        house.get("/v1/diff?from=2").as_(&boss).send().await.ok(200);
        assert_eq!(house.records(), before + 1, "{path}: once a minute");
        let record = newest(&house, &boss, "activity.read").await;
        assert_eq!((&record["actor"]["name"], &record["details"]["query"]), (&"boss".into(), &query.into()));
    }
}

#[tokio::test]
async fn a_refused_look_back_leaves_a_record_each_time() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let mut bob = house.admin("bob", "general-staff").await;
    house.log_in(&mut bob).await;
    for path in ["/v1/diff?from=1", "/v1/explain/reset?actor=boss&target=bob", "/v1/administrators?as_of=3"] {
        let before = house.records();
        assert_eq!(house.get(path).as_(&bob).send().await.told(), (403, "permission-denied"), "{path}");
        assert_eq!(house.records(), before + 1, "{path}");
        assert_eq!(newest(&house, &boss, "activity.read_refused").await["actor"]["name"], "bob");
        house.pass(60);
    }
    // What is not there for somebody is not there then either, and says nothing.
    let before = house.records();
    let section = format!("/v1/administrators/{}/security?as_of=9", boss.id);
    assert_eq!(house.get(&section).as_(&bob).send().await.told(), (404, "not-found"));
    assert_eq!(house.records(), before);
}

#[tokio::test]
async fn programs_look_back_with_a_scope_that_sees_people_or_their_doings() {
    let house = House::open().await;
    let boss = boss(&house).await;
    for scope in Scope::ALL.iter().copied() {
        let name = scope.to_string();
        let done = house
            .operate(command::CreateServiceAccount { name, scopes: [scope].into(), expires: None })
            .await;
        let token = done.shown.token.as_ref().expect("a token").expose();
        let allowed = [Scope::ViewMfa, Scope::ViewActivity].contains(&scope);
        for path in ["/v1/diff?from=1", "/v1/explain/reset?actor=boss&target=boss"] {
            let answer = house.get(path).token(token).send().await;
            assert_eq!(answer.status.as_u16(), if allowed { 200 } else { 403 }, "{scope} {path}");
        }
        if allowed {
            let record = newest(&house, &boss, &format!("activity.read&actor={scope}")).await;
            assert_eq!(record["details"]["query"], "past=diff&from=1", "{scope}");
        }
        house.pass(60);
    }
}
