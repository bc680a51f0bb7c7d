//! No page shows what its viewer may not read: by rule, for every page that there is and every role that ships.

use std::fmt::Write as _;

use serde_json::Value;

use super::crawl::crawl;
use super::visitor::Visitor;
use crate::openapi::{document, operations};
use crate::support::house::{House, Person};

const ROLES: [&str; 6] =
    ["it-administrator", "help-desk", "system-administrator", "security-officer", "auditor", "general-staff"];

/// Everything that the API lets somebody read, as one text.
async fn readable(house: &House, person: &Person, ids: &[(&str, String)]) -> String {
    let mut all = String::new();
    for (name, _) in operations(&document()) {
        let Some(path) = name.strip_prefix("GET ").filter(|path| path.starts_with("/v1/")) else { continue };
        // It never ends.
        if path.ends_with("/stream") {
            continue;
        }
        for (kind, id) in ids {
            let wanted = path.contains('{') && path.starts_with(kind);
            if path.contains('{') && !wanted {
                continue;
            }
            let path = fill(path, id);
            let answer = house.get(&path).as_(person).send().await;
            if answer.status == 200 {
                let _ = writeln!(all, "{}", answer.text);
            }
            if !wanted {
                break;
            }
        }
    }
    all
}

fn fill(path: &str, id: &str) -> String {
    match (path.find('{'), path.find('}')) {
        (Some(start), Some(end)) => format!("{}{id}{}", &path[..start], &path[end + 1..]),
        _ => path.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_only_what_the_api_lets_its_viewer_read() {
    let house = House::open().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let dana = house.enrolled("marked-dana", "general-staff").await;
    let reset = serde_json::json!({
        "reason": "other", "reason_text": "marked-reason", "verification": "video_call",
        "requester_name": "marked-requester", "requester_contact": "marked-contact",
        "requested_at": "2026-05-04T08:45:00.000Z", "ticket": "marked-ticket", "confirmation": "marked-dana",
    });
    let path = format!("/v1/administrators/{}/mfa/reset", dana.id);
    let done = house.post(&path).as_(&root).json(&reset).send().await.ok(201);
    let ines = house.enrolled("marked-ines", "auditor").await;
    let mut filed = reset.clone();
    filed["administrator"] = ines.id.clone().into();
    filed["ticket"] = "marked-request".into();
    filed.as_object_mut().expect("an object").remove("confirmation");
    let filed = house.post("/v1/reset-requests").as_(&root).json(&filed).send().await.ok(201);

    let position = done["position"].to_string();
    let request = text(&filed["reset_request"]);
    let ids = [
        ("/v1/administrators/", dana.id.clone()),
        ("/v1/administrators/", ines.id.clone()),
        ("/v1/resets/", position.clone()),
        ("/v1/reset-requests/", request.clone()),
        ("/v1/activity/", position.clone()),
    ];
    let person = |id: &str| format!("/console/administrators/{id}");
    let starts = [
        "/console".to_owned(),
        "/console/administrators".to_owned(),
        "/console/reset-requests".to_owned(),
        person(&dana.id),
        person(&ines.id),
        format!("{}/reset", person(&ines.id)),
        format!("/console/resets/{position}"),
        format!("/console/activity/{position}"),
        format!("{}?as_of={}", person(&dana.id), text(&done["at"])),
        format!("/console/reset-requests/{request}"),
    ];
    let pages = crawl(&mut Visitor::of(&house, &root), &starts).await.pages;
    let marks = |html: &str| -> Vec<String> {
        let words = html.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
        words.filter(|word| word.starts_with("marked-")).map(str::to_owned).collect()
    };
    let seen: std::collections::BTreeSet<_> = pages.values().flat_map(|html| marks(html)).collect();
    assert_eq!(seen.len(), 7, "all that is marked is on some page: {seen:?}");

    for (number, role) in ROLES.iter().enumerate() {
        let mut viewer = house.admin(&format!("viewer{number}"), role).await;
        house.log_in(&mut viewer).await;
        let readable = readable(&house, &viewer, &ids).await;
        let mut visitor = Visitor::of(&house, &viewer);
        let mut refused = 0;
        for path in pages.keys() {
            let page = visitor.get(path).await;
            assert!(matches!(page.status, 200 | 303 | 403 | 404), "{role} {path}: {}", page.status);
            refused += usize::from(page.status != 200);
            for mark in marks(&page.text) {
                // An address that was asked for is known already.
                let shown_by_address = path.contains(&mark);
                assert!(readable.contains(&mark) || shown_by_address, "{role} reads {mark} on {path}");
            }
        }
        let everything = seen.iter().all(|mark| readable.contains(mark.as_str()));
        assert!(everything || refused > 0, "{role} may not read everything, and sees every page");
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
