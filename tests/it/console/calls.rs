//! How often a page asks the API: once who looks, and once or twice what they see.

use serde_json::json;

use super::crawl::crawl;
use super::visitor::Visitor;
use super::watch::{alert, reset, watched};
use crate::support::house::{House, Person};

/// Most calls for a page.
const MOST: u64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn no_page_asks_for_more_than_it_shows() {
    let house = watched().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    // More than one page of everything that could be asked for one by one.
    for number in 0..12 {
        house.admin(&format!("somebody{number}"), "general-staff").await;
        let role = json!({ "name": format!("Role {number}"), "permissions": [], "mfa_required": false });
        house.put(&format!("/v1/roles/role-{number}")).as_(&root).json(&role).send().await.ok(200);
    }
    let dana = house.enrolled("dana", "general-staff").await;
    let position = reset(&house, &root, &dana).await;
    let alert = alert(&house, &root).await;
    let ines = house.enrolled("ines", "auditor").await;
    let filed = json!({
        "administrator": ines.id, "reason": "new_phone", "verification": "video_call", "requester_name": "Ines",
        "requester_contact": "+1 555 0100", "requested_at": "2026-05-04T08:45:00.000Z",
    });
    let filed = house.post("/v1/reset-requests").as_(&root).json(&filed).send().await.ok(201);
    let request = filed["reset_request"].as_str().expect("an id");
    let person = format!("/console/administrators/{}", ines.id);
    let starts = [
        "/console".to_owned(),
        "/console/past".to_owned(),
        format!("{person}/reset"),
        format!("{person}/suspicious"),
        format!("{person}/clear-suspicion"),
        format!("{person}?as_of=1m"),
        format!("/console/activity/{position}"),
        format!("/console/alerts/{alert}"),
        format!("/console/reset-requests/{request}"),
        format!("/console/resets/{position}"),
        "/console/rules/unexpected-performer?since=7d&until=&run=1".to_owned(),
    ];
    house.pass(120);
    let mut visitor = Visitor::of(&house, &root);
    let pages = crawl(&mut visitor, &starts).await.pages;
    assert!(pages.len() > 20, "{:?}", pages.keys());
    let mut needed = std::collections::BTreeMap::new();
    for path in pages.keys() {
        let before = calls(&house).await;
        visitor.get(path).await;
        // One of them is the question itself.
        let calls = calls(&house).await - before - 1;
        let most: &mut u64 = needed.entry(kind(path)).or_default();
        *most = calls.max(*most);
    }
    for (kind, calls) in &needed {
        assert!(*calls <= MOST, "{kind} asks {calls} times");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_shows_its_viewer_as_far_as_it_opens() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let credentials = json!({ "user_name": desk.user_name, "password": desk.password });
    let half = house.post("/v1/session").json(&credentials).send().await.ok(201);
    let half = Person { token: half["token"].as_str().expect("a token").to_owned(), ..desk.clone() };
    let seen = async |person: &Person| house.get("/v1/session/viewer").as_(person).send().await.ok(200);
    let of_half = seen(&half).await;
    assert_eq!(
        (&of_half["session"]["next"], &of_half["session"]["user_name"]),
        (&json!("verify"), &json!("desk"))
    );
    for part in ["profile", "settings", "accounts_since"] {
        assert!(of_half[part].is_null(), "{part}: {of_half}");
    }
    let of_desk = seen(&desk).await;
    assert_eq!(
        (&of_desk["profile"]["user_name"], &of_desk["settings"]["step_up_minutes"]),
        (&json!("desk"), &json!(15))
    );
    assert!(of_desk["accounts_since"].is_string(), "{of_desk}");
    assert!(seen(&dana).await["accounts_since"].is_null(), "who may not see the accounts is not told");
}

/// The address without what it is about.
fn kind(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let one = |part: &str| part.contains('_') || part.parse::<u64>().is_ok();
    let parts: Vec<_> = path.split('/').map(|part| if one(part) { "*" } else { part }).collect();
    match parts.as_slice() {
        ["", "console", "rules", _] => "/console/rules/*".to_owned(),
        parts => parts.join("/"),
    }
}

/// Requests that the API has answered.
async fn calls(house: &House) -> u64 {
    let page = house.get("/metrics").send().await.text;
    let counts = page.lines().filter(|line| line.contains("http_request_duration_seconds_count{"));
    counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}
