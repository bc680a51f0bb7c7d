//! What the auditor watches: the activity log, resets in pictures, alerts and rules.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::http::Options;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::react::detect::Rules;
use mfa_ledger::service::Guard;
use mfa_ledger::service::command::ChangeSettings;
use serde_json::{Value, json};

use super::visitor::Visitor;
use crate::support::house::{House, Person};

/// Most that a page weighs, in bytes, its styles and scripts aside.
const PAGE_BYTES: usize = 150_000;

pub async fn watched() -> House {
    let options = Options { attempts_per_second: 0, ..Options::default() };
    House::open_watched(Arc::new(Memory::new()), options, Guard::off(), Some(Rules::pack())).await
}

/// A reset with everything that the guide wants documented; where it is recorded.
pub async fn reset(house: &House, performer: &Person, target: &Person) -> u64 {
    house.step_up(performer).await;
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana <b>Reyes</b>",
        "requester_contact": "+1 555 0100", "requested_at": "2026-05-04T08:45:00.000Z", "ticket": "=cmd()",
        "confirmation": target.user_name, "reason_text": "Her name on file is another.",
    });
    let path = format!("/v1/administrators/{}/mfa/reset", target.id);
    let done = house.post(&path).as_(performer).json(&story).send().await.ok(201);
    number(&done["position"])
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| value.as_str().expect("a position").parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_by_qualifiers_and_what_is_not_understood_is_told() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let position = reset(&house, &desk, &dana).await;
    let auditor = house.enrolled("auditor", "auditor").await;
    let mut visitor = Visitor::of(&house, &auditor);

    let all = visitor.get("/console/activity").await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert!(all.text.len() < PAGE_BYTES, "{} bytes", all.text.len());
    assert!(all.text.contains("data-live=\"/v1/activity/stream\""), "{}", all.text);
    let link = format!("href=\"/console/activity/{position}\"");
    let page = visitor.get("/console/activity?q=action:mfa.reset+actor:desk+since:1d").await;
    assert_eq!((page.status, page.text.matches("<tr><th scope=\"row\"").count()), (200, 1), "{}", page.text);
    assert!(page.text.contains(&link), "{}", page.text);
    // The same with fields, and both at once.
    let page = visitor.get("/console/activity?action=mfa.reset&q=target:dana").await;
    assert!(page.text.contains(&link) && page.text.contains("value=\"mfa.reset\""), "{}", page.text);
    let page = visitor.get("/console/activity?q=action:mfa.reset+target:nobody").await;
    assert!(page.status == 200 && page.text.contains("No entry fits"), "{}", page.text);

    for (query, told) in [
        ("q=akteur:desk", "There is no “akteur:” to search by"),
        ("q=outcome:good", "“good” is nothing that “outcome:” can be"),
        ("q=actor:desk&actor=dana", "“actor:” stands there twice"),
        ("since=yesterday", "“yesterday” is nothing that “since:” can be"),
    ] {
        let page = visitor.get(&format!("/console/activity?{query}")).await;
        assert_eq!(page.status, 400, "{query}");
        assert!(page.text.contains(told), "{query}: {}", page.text);
        assert!(!page.text.contains("<tr><th scope=\"row\""), "nothing is shown instead of an answer");
    }
    let page = visitor.get("/console/activity?q=since:1d+until:2d").await;
    assert!(page.status == 400 && page.text.contains("role=\"alert\""), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_entries_go_back_to_the_first_record() {
    let house = House::open().await;
    let auditor = house.enrolled("auditor", "auditor").await;
    for number in 0..60 {
        house.admin(&format!("somebody{number}"), "general-staff").await;
    }
    let mut visitor = Visitor::of(&house, &auditor);
    let (mut path, mut rows) = ("/console/activity?until=1m".to_owned(), 0);
    house.pass(120);
    let mut pages = 0;
    loop {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        rows += page.text.matches("<tr><th scope=\"row\"").count();
        pages += 1;
        let older = page.text.split("class=\"button\" href=\"").skip(1).find(|rest| rest.contains("after="));
        let Some(href) = older.and_then(|rest| rest.split('"').next()).filter(|href| href.contains("after="))
        else {
            break;
        };
        path = href.replace("&#38;", "&").replace("&amp;", "&");
        assert!(pages < 20, "no end of pages: {path}");
    }
    assert!(pages >= 2 && rows >= 60, "{pages} pages, {rows} rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_shows_everything_recorded_and_an_export_takes_its_own_permission() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let position = reset(&house, &desk, &dana).await;
    let auditor = house.enrolled("auditor", "auditor").await;
    let mut visitor = Visitor::of(&house, &auditor);
    let page = visitor.get(&format!("/console/activity/{position}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for said in ["MFA reset", "desk", "dana", "story.verification", "video_call", "+1 555 0100", "127.0.0.1"]
    {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert!(page.text.contains("Dana &#60;b&#62;Reyes") || page.text.contains("Dana &lt;b&gt;Reyes"));
    assert!(page.text.contains("Not sealed yet"), "this house seals nothing: {}", page.text);
    assert_eq!(visitor.get("/console/activity/999999").await.status, 404);
    assert_eq!(visitor.get("/console/activity/x").await.status, 404);

    let csv = visitor.get("/console/activity/export?form=csv&q=action:mfa.reset").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8", "{}", csv.text);
    assert!(csv.header("content-disposition").contains("activity.csv"));
    assert!(csv.text.lines().count() == 2 && csv.text.contains("'=cmd()"), "{}", csv.text);
    let lines = visitor.get("/console/activity/export?form=ndjson&action=mfa.reset").await;
    let entry: Value = serde_json::from_str(lines.text.trim()).expect("one line");
    assert_eq!(number(&entry["position"]), position);
    assert_eq!(visitor.get("/console/activity/export?form=csv&q=akteur:x").await.status, 400);
    assert_eq!(visitor.get("/console/activity/export?form=xml").await.status, 404);
    let mut desk = Visitor::of(&house, &desk);
    assert_eq!(desk.get("/console/activity/export?form=csv").await.status, 403);
    assert_eq!(desk.get("/console/activity").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_are_counted_and_chains_are_shown() {
    let house = House::open().await;
    // Generated passwords are to outlast the test.
    let longer = ChangeSettings { generated_password_hours: Some(720), ..ChangeSettings::default() };
    house.settings(longer).await;
    let nils = house.enrolled("nils", "help-desk").await;
    let mut desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    reset(&house, &nils, &desk).await;
    house.pass(60);
    house.log_in(&mut desk).await;
    house.enroll(&mut desk).await;
    let last = reset(&house, &desk, &dana).await;
    let mut visitor = Visitor::of(&house, &desk);
    let page = visitor.get("/console/resets").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for said in ["<strong>2 resets</strong>", "Resets per week", "New phone", "line chained", "Chains (1)"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert!(page.text.contains(&format!("href=\"/console/resets/{last}\"")));
    assert!(page.text.contains("Still without MFA after a reset (1)"), "{}", page.text);
    assert!(!page.text.contains("href=\"/console/activity"), "no link to where the help desk may not go");
    assert!(page.text.len() < PAGE_BYTES, "{} bytes", page.text.len());
    house.pass(8 * 24 * 3_600);
    house.log_in(&mut desk).await;
    house.step_up(&desk).await;
    let mut visitor = Visitor::of(&house, &desk);
    let week = visitor.get("/console/resets?days=7").await;
    assert!(week.text.contains("No MFA was reset in this time"), "{}", week.text);
    let month = visitor.get("/console/resets?days=30").await;
    assert!(month.text.contains("<strong>2 resets</strong>"), "{}", month.text);
}

/// The first alert, once it is raised.
pub async fn alert(house: &House, officer: &Person) -> String {
    for _ in 0..300 {
        let page = house.get("/v1/alerts").as_(officer).send().await.ok(200);
        if let Some(id) = page["data"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no alert");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_looked_into_settled_and_its_rule_silenced() {
    let house = watched().await;
    let officer = house.enrolled("officer", "security-officer").await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let position = reset(&house, &desk, &dana).await;
    let id = alert(&house, &officer).await;
    let mut visitor = Visitor::of(&house, &officer);
    let list = visitor.get("/console/alerts?stage=open").await;
    assert!(list.text.contains(&format!("/console/alerts/{id}")), "{}", list.text);
    assert!(!visitor.get("/console/alerts?stage=resolved").await.text.contains(&id));
    let path = format!("/console/alerts/{id}");
    let page = visitor.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains(&format!("href=\"/console/activity/{position}\"")), "why: {}", page.text);

    let events = house.get(&format!("/v1/alerts/{id}/events")).as_(&officer).send().await.ok(200);
    assert_eq!(number(&events["data"][0]["position"]), position);
    let refused = house.get(&format!("/v1/alerts/{id}/events")).as_(&desk).send().await;
    assert_eq!(refused.told(), (403, "permission-denied"));
    let few = format!("/v1/administrators?id={}&id={}", desk.id, dana.id);
    let few = house.get(&few).as_(&officer).send().await.ok(200);
    assert_eq!(few["data"].as_array().map(Vec::len), Some(2), "{few}");

    let key = page.field("key");
    let done = visitor.post(&format!("{path}/acknowledge"), &[("key", &key), ("note", "I look")]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let page = visitor.get(done.location()).await;
    assert!(page.text.contains("I look") && !page.text.contains("/acknowledge\""), "{}", page.text);
    let silence = [("key", page.field("key")), ("hours", "4000".into()), ("note", "roll-out".into())];
    let silence: Vec<_> = silence.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = visitor.post(&format!("{path}/silence"), &silence).await;
    assert!(
        refused.status == 400 && refused.text.contains("1 to 2160"),
        "{} {}",
        refused.status,
        refused.text
    );
    let key = refused.field("key");
    let silence = [("key", key.as_str()), ("hours", "4"), ("note", "roll-out"), ("only_group", "yes")];
    let done = visitor.post(&format!("{path}/silence"), &silence).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let key = visitor.get(&path).await.field("key");
    let resolve = [("key", key.as_str()), ("false_positive", "yes"), ("note", "it was us")];
    let done = visitor.post(&format!("{path}/resolve"), &resolve).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let page = visitor.get(done.location()).await;
    assert!(page.text.contains("it was us") && page.text.contains("false alarm"), "{}", page.text);

    let silences = visitor.get("/console/silences").await;
    assert!(silences.text.contains("roll-out") && silences.text.contains("In force"), "{}", silences.text);
    let action = silences.text.split("action=\"/console/silences/").nth(1).expect("a form").split('"').next();
    let end = format!("/console/silences/{}", action.expect("an action"));
    let done = visitor.post(&end, &[("key", &silences.field("key"))]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(!visitor.get("/console/silences").await.text.contains("In force"));
    let mut desk = Visitor::of(&house, &desk);
    for path in ["/console/alerts", &path, "/console/silences", "/console/rules"] {
        assert_eq!(desk.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_tried_on_the_past() {
    let house = watched().await;
    let officer = house.enrolled("officer", "security-officer").await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let position = reset(&house, &desk, &dana).await;
    alert(&house, &officer).await;
    let mut visitor = Visitor::of(&house, &officer);
    let list = visitor.get("/console/rules").await;
    assert!(list.text.contains("/console/rules/unexpected-performer"), "{}", list.text);
    let path = "/console/rules/unexpected-performer";
    let before = visitor.get(path).await;
    assert!(before.status == 200 && !before.text.contains("would have been raised<"), "{}", before.text);
    let page = visitor.get(&format!("{path}?since=7d&until=&run=1")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("1 alert would have been raised"), "{}", page.text);
    assert!(
        page.text.contains("class=\"chart\"") && page.text.contains(&format!("/console/activity/{position}"))
    );
    house.pass(3_600);
    let page = visitor.get(&format!("{path}?since=10m&until=&run=1")).await;
    assert!(page.text.contains("Nothing would have been raised"), "{}", page.text);
    let page = visitor.get(&format!("{path}?since=1d&until=2d&run=1")).await;
    assert!(
        page.status == 422 && page.text.contains("The range holds nothing"),
        "{} {}",
        page.status,
        page.text
    );
    let page = visitor.get(&format!("{path}?since=soon&run=1")).await;
    assert!(page.status == 400 && page.text.contains("That is no moment"), "{}", page.text);
    assert_eq!(visitor.get("/console/rules/none-such").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_ship_are_named_in_the_viewers_language() {
    let house = watched().await;
    let officer = house.enrolled("officer", "security-officer").await;
    let rules = house.get("/v1/rules").as_(&officer).send().await.ok(200);
    let rules = rules["data"].as_array().expect("rules");
    let mut visitor = Visitor::of(&house, &officer);
    let english = visitor.get("/console/rules").await;
    visitor.headers = vec![("accept-language", "de".to_owned())];
    let german = visitor.get("/console/rules").await;
    assert!(!rules.is_empty() && german.status == 200, "{}", german.text);
    for rule in rules {
        for fact in ["title", "description"] {
            // As the rule's own file has it: where the catalogue has drifted from that, nothing is translated.
            let words = format!(">{}<", rule[fact].as_str().expect("words"));
            assert!(english.text.contains(&words), "{words}: {}", english.text);
            assert!(!german.text.contains(&words), "in English: {words}");
        }
    }
    assert!(!german.text.contains("temporal_ordered") && german.text.contains("Ereignisse in dieser Folge"));
}
