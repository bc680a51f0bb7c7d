//! Cursors belong to the ledger that gave them.

use serde_json::json;

use super::signed;
use crate::support::house::House;

/// Lists that have a next page in a fresh house, with a limit that leaves something for it.
const LISTS: [&str; 4] = [
    "/v1/activity?limit=1",
    "/v1/activity?limit=1&order=asc",
    "/v1/roles?limit=1",
    "/v1/administrators?limit=1",
];

#[tokio::test]
async fn a_cursor_of_another_ledger_is_refused_by_every_list() {
    let (one, other) = (House::open().await, House::open_another().await);
    let here = signed(&one, "ada", "system-administrator").await;
    let there = signed(&other, "ada", "system-administrator").await;
    other.admin("bob", "general-staff").await;
    for list in LISTS {
        let page = other.get(list).as_(&there).send().await.ok(200);
        let next = page["next"].as_str().unwrap_or_else(|| panic!("{list} has one page: {page}"));
        other.get(&format!("{list}&after={next}")).as_(&there).send().await.ok(200);
        let before = one.records();
        let answer = one.get(&format!("{list}&after={next}")).as_(&here).send().await;
        assert_eq!(answer.told(), (422, "foreign-cursor"), "{list}&after={next}");
        assert_eq!(one.records(), before, "nothing was read");
        let (bare, _) = next.split_once('~').expect("a tag");
        one.get(&format!("{list}&after={bare}")).as_(&here).send().await.ok(200);
    }
    // Lists that are empty here take the cursor of a page as well, and look at it first.
    let page = other.get("/v1/activity?limit=1").as_(&there).send().await.ok(200);
    let next = page["next"].as_str().expect("a cursor");
    for list in ["resets", "reset-requests", "alerts", "silences"] {
        let answer = one.get(&format!("/v1/{list}?after={next}")).as_(&here).send().await;
        assert_eq!(answer.told(), (422, "foreign-cursor"), "{list}");
        other.get(&format!("/v1/{list}?after={next}")).as_(&there).send().await.ok(200);
    }
    let export = one.get(&format!("/v1/activity?after={next}")).as_(&here);
    assert_eq!(export.header("accept", "text/csv").send().await.told(), (422, "foreign-cursor"));
}

#[tokio::test]
async fn what_only_looks_like_a_cursor_is_not_well_formed() {
    let house = House::open().await;
    let boss = signed(&house, "ada", "system-administrator").await;
    for after in ["7~", "~01234567", "7~0123456", "7~ILOU4567", "7~01234567~01234567", "-7"] {
        let answer = house.get(&format!("/v1/activity?after={after}")).as_(&boss).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{after}");
        assert_eq!(
            answer.body["errors"][0],
            json!({ "pointer": "after", "detail": "`next` of the page before" })
        );
    }
}
