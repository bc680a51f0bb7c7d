//! Pages of the activity log that are asked for again: what came since belongs to them, and what was erased does not.

use mfa_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;
use serde_json::Value;

use super::{act, signed};
use crate::support::house::{House, Person};

async fn page(house: &House, by: &Person, query: &str) -> Value {
    house.get(&format!("/v1/activity?{query}")).as_(by).send().await.ok(200)
}

fn positions(page: &Value) -> Vec<u64> {
    page["data"].as_array().expect("data").iter().filter_map(|it| it["position"].as_u64()).collect()
}

async fn note(house: &House, administrator: AdministratorId, note: &str, leaves: bool) -> u64 {
    let note = Some(note.to_owned());
    let receipt = if leaves {
        house.operate(command::DeactivateAdministrator { administrator, note }).await.receipt
    } else {
        house.operate(command::ReactivateAdministrator { administrator, note }).await.receipt
    };
    receipt.position.0
}

#[tokio::test]
async fn what_came_since_belongs_to_a_page_that_was_there() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let gus = house.admin("gus", "general-staff").await.id.parse().expect("an id");
    let queries = [
        "target=gus",
        "target=gus&limit=1",
        "target=gus&order=asc",
        "target=gus&after=1000000",
        "action=administrator.deactivated&outcome=success",
        "q=gus",
    ];
    let mut due = Vec::new();
    for round in 0..6 {
        let position = note(&house, gus, "a note", round % 2 == 0).await;
        due.push(position);
        for query in queries {
            // Twice: the second time, nothing came in between.
            for _ in 0..2 {
                let found = positions(&page(&house, &auditor, query).await);
                let expected = !query.contains("deactivated") || round % 2 == 0;
                assert_eq!(found.contains(&position), expected, "{query}, round {round}: {found:?}");
            }
        }
        // Something that belongs to none of them.
        house.admin(&format!("other{round}"), "general-staff").await;
    }
    let whole = positions(&page(&house, &auditor, "target=gus").await);
    assert!(due.iter().rev().eq(&whole[..due.len()]), "{whole:?}");
}

#[tokio::test]
async fn a_page_behind_a_cursor_stays_as_it_is() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let first = page(&house, &auditor, "limit=3").await;
    let after = first["next"].as_str().expect("more follow").to_owned();
    let query = format!("limit=3&after={after}");
    let second = page(&house, &auditor, &query).await;
    house.admin("gus", "general-staff").await;
    assert_eq!(page(&house, &auditor, &query).await, second);
    assert_ne!(page(&house, &auditor, "limit=3").await, first);
}

#[tokio::test]
async fn words_that_were_erased_are_on_no_page_that_was_there() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let gus = house.admin("gus", "general-staff").await.id.parse().expect("an id");
    note(&house, gus, "left the company", true).await;
    let query = "action=administrator.deactivated";
    for _ in 0..2 {
        let before = page(&house, &auditor, query).await;
        assert_eq!(before["data"][0]["words"]["text"], "left the company");
    }
    house.operate(command::ErasePersonalData { administrator: gus }).await;
    let after = page(&house, &auditor, query).await;
    assert_eq!((&after["data"][0]["words"], positions(&after).len()), (&Value::Null, 1));
}

#[tokio::test]
async fn a_page_that_is_there_takes_the_right_to_it_every_time() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let staff = signed(&house, "bob", "general-staff").await;
    page(&house, &auditor, "target=ada").await;
    let before = house.records();
    let answer = house.get("/v1/activity?target=ada").as_(&staff).send().await;
    assert_eq!((answer.told(), house.records()), ((403, "permission-denied"), before + 1));
    act(&house, &auditor, command::LogOut).await;
    for by in [Some(&auditor), None] {
        let asked = house.get("/v1/activity?target=ada");
        let answer = match by {
            Some(person) => asked.as_(person).send().await,
            None => asked.send().await,
        };
        assert_eq!(answer.told(), (401, "unauthenticated"));
    }
}
