//! Searching for what was told in words and lies sealed.

use mfa_ledger::service::{UNSEALED, command};
use serde_json::{Value, json};

use super::signed;
use crate::support::house::{House, Person};

async fn found(house: &House, by: &Person, query: &str) -> Vec<u64> {
    let page = house.get(&format!("/v1/activity?{query}")).as_(by).send().await.ok(200);
    page["data"].as_array().expect("data").iter().filter_map(|it| it["position"].as_u64()).collect()
}

/// Registers somebody and notes something about them twice; where the notes stand.
async fn noted(house: &House, name: &str, notes: [&str; 2]) -> ([u64; 2], String) {
    let person = house.admin(name, "general-staff").await;
    let administrator = person.id.parse().expect("an id");
    let [first, second] = notes.map(|it| Some(it.to_owned()));
    let first = house.operate(command::DeactivateAdministrator { administrator, note: first }).await;
    let second = house.operate(command::ReactivateAdministrator { administrator, note: second }).await;
    ([first.receipt.position.0, second.receipt.position.0], person.id)
}

#[tokio::test]
async fn notes_reasons_and_requesters_are_found_until_they_are_erased() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let ([left, back], gus) = noted(&house, "gus", ["Left for Žatec", "is back, ticket unknown"]).await;
    let boss = house.super_admin("boss").await;
    let body = json!({
        "administrator": gus, "reason": "other", "reason_text": "drowned in the Vltava",
        "verification": "video_call", "requester_name": "Zdena Nová", "requester_contact": "+420 555 0199",
        "requested_at": house.now().to_string(), "ticket": "HD-77",
    });
    let mut boss = boss;
    house.log_in(&mut boss).await;
    house.post("/v1/reset-requests").as_(&boss).json(&body).send().await;
    let filed = house.records();
    for (query, expected) in [
        ("q=žatec", vec![left]),
        ("q=%C5%BDATEC%20left", vec![left]),
        ("q=back", vec![back]),
        ("q=unknown%20gus", vec![back]),
        ("q=vltava", vec![filed]),
        ("q=zdena%20HD-77", vec![filed]),
        ("q=0199&ticket=HD-77", vec![filed]),
        ("q=0199&actor=nobody", vec![]),
        ("q=back&action=administrator.deactivated", vec![]),
        ("q=zatec", vec![]),
        ("q=žatec%20vltava", vec![]),
    ] {
        let mut both = [
            found(&house, &auditor, query).await,
            found(&house, &auditor, &format!("{query}&order=asc")).await,
        ];
        // Looking is on record too, with its query, which is none of the words that are searched.
        both[1].reverse();
        assert_eq!(both, [expected.clone(), expected], "{query}");
    }
    for form in ["application/x-ndjson", "text/csv", "application/vnd.ocsf+ndjson"] {
        let answer = house.get("/v1/activity?q=vltava").as_(&auditor).header("accept", form).send().await;
        assert!(
            answer.text.contains("HD-77") && !answer.text.contains("administrator.deactivated"),
            "{form}"
        );
    }
    let counted = house.get("/v1/activity/stats?q=vltava").as_(&auditor).send().await.ok(200);
    assert_eq!(counted["total"], 0, "nothing is unsealed to count");

    let administrator = gus.parse().expect("an id");
    house.operate(command::DeactivateAdministrator { administrator, note: None }).await;
    house.operate(command::ErasePersonalData { administrator }).await;
    for query in ["q=žatec", "q=back", "q=vltava", "q=zdena"] {
        assert_eq!(found(&house, &auditor, query).await, [] as [u64; 0], "{query} is erased");
    }
    assert_eq!(found(&house, &auditor, "q=HD-77").await, [filed], "the ticket is not");
}

#[tokio::test]
async fn so_many_are_unsealed_for_a_page_and_the_answer_says_how_far_it_looked() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    let person = house.admin("gus", "general-staff").await;
    let administrator = person.id.parse().expect("an id");
    let note = |text: &str| Some(text.to_owned());
    let oldest =
        house.operate(command::DeactivateAdministrator { administrator, note: note("needle") }).await;
    for number in 1..UNSEALED {
        let note = note("hay");
        if number.is_multiple_of(2) {
            house.operate(command::DeactivateAdministrator { administrator, note }).await;
        } else {
            house.operate(command::ReactivateAdministrator { administrator, note }).await;
        }
    }
    let page = house.get("/v1/activity?q=needle").as_(&auditor).send().await.ok(200);
    assert_eq!(page["data"][0]["position"], oldest.receipt.position.0, "{UNSEALED} notes are looked at");
    assert_eq!((&page["has_more"], &page["looked_to"]), (&json!(false), &Value::Null));

    house.operate(command::DeactivateAdministrator { administrator, note: note("hay") }).await;
    let page = house.get("/v1/activity?q=needle").as_(&auditor).send().await.ok(200);
    let (data, looked_to) =
        (page["data"].as_array().expect("data"), page["looked_to"].as_u64().expect("how far"));
    assert!(data.is_empty() && page["has_more"] == true && looked_to > oldest.receipt.position.0, "{page}");
    let next = page["next"].as_str().expect("a cursor");
    assert!(next.starts_with(&format!("{looked_to}~")), "{next}");
    let page = house.get(&format!("/v1/activity?q=needle&after={next}")).as_(&auditor).send().await.ok(200);
    assert_eq!(page["data"][0]["position"], oldest.receipt.position.0);
    assert_eq!(page["has_more"], false);
    // A page that is full before that has looked as far as it reaches; an export looks at everything.
    let page = house.get("/v1/activity?q=hay&limit=3").as_(&auditor).send().await.ok(200);
    assert_eq!((page["data"].as_array().map(Vec::len), &page["looked_to"]), (Some(3), &Value::Null));
    let export = house
        .get("/v1/activity?q=needle")
        .as_(&auditor)
        .header("accept", "application/x-ndjson")
        .send()
        .await;
    assert_eq!(export.text.lines().count(), 1);
}
