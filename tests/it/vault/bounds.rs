//! Limits of what is listed of a damaged or lost vault, each at its edge.

use serde_json::json;

use super::served::{alerts, doctor, until};
use crate::support::client::Client;
use crate::support::ram::copy_all;
use crate::support::server::{Place, Server};

const SLOTS_HEADER: usize = 4096;
const SLOT: usize = 64;
/// Entries that doctor names.
const LISTED: usize = 20;
/// Entries with an alert of their own.
const ALERTS: usize = mfa_ledger::react::vault_check::ALERTS;
/// People whom the record of a lost vault names.
const LOST_NAMED: usize = mfa_ledger_schemas::limits::LOST_NAMED;

/// A ledger with so many administrators, and a session of the first of them.
async fn with_people(count: usize) -> (Place, String, String) {
    let server = Server::start();
    let (root, _) = server.root().await;
    add(&root, 1..count).await;
    let (status, place, password) = server.end();
    assert!(status.success());
    (place, password, root.token.expect("a token"))
}

async fn add(root: &Client, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let who = json!({
            "user_name": format!("person{number}"), "display_name": "Somebody", "emails": ["p@example.org"],
            "role": "general-staff",
        });
        root.post("/v1/administrators", &who).await.ok(201);
    }
}

/// Another place with the same ledger.
fn copied(place: &Place) -> Place {
    let copy = Place::empty();
    copy_all(place.outside(), copy.outside());
    copy
}

/// Changes the keys of the first slots.
fn damage(place: &Place, count: usize) {
    let file = place.data_dir().join("vault/slots");
    let mut slots = std::fs::read(&file).unwrap();
    let (all, _) = slots[SLOTS_HEADER..].as_chunks_mut::<SLOT>();
    let used: Vec<_> = all.iter_mut().filter(|slot| **slot != [0; SLOT]).take(count).collect();
    assert_eq!(used.len(), count);
    for slot in used {
        slot[30] ^= 4;
    }
    std::fs::write(&file, slots).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_twenty_damaged_entries_and_counts_the_rest() {
    let (place, ..) = with_people(LISTED).await;
    for (damaged, more) in [(LISTED, None), (LISTED + 1, Some("and 1 more"))] {
        let place = copied(&place);
        damage(&place, damaged);
        let (_, told) = doctor(&place);
        let detail = told["detail"].as_str().unwrap();
        // Two for each person, and the authenticator and backup codes of the first.
        assert!(detail.starts_with(&format!("{damaged} of {}", 2 * LISTED + 2)), "{detail}");
        assert_eq!(detail.matches("; ").count() + 1, LISTED + usize::from(more.is_some()), "{detail}");
        assert_eq!(detail.contains(" more"), more.is_some(), "{detail}");
        assert!(more.is_none_or(|more| detail.ends_with(more)), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_damaged_entries_have_an_alert_each_and_more_of_them_one_in_common() {
    let (place, password, token) = with_people(ALERTS / 2 + 1).await;
    for damaged in [ALERTS, ALERTS + 1] {
        let place = copied(&place);
        damage(&place, damaged);
        let server = Server::on(place, password.clone(), &[]);
        // The session outlives the damage: it is in no entry of the vault.
        let root = server.client().with_token(&token);
        let found = until(async || Some(alerts(&root).await).filter(|it| it.len() >= damaged)).await;
        // No more come: the next command is recorded behind them.
        assert_eq!(found.len(), damaged, "{damaged}");
        let common =
            found.iter().filter(|it| it["title"].as_str().is_some_and(|it| it.starts_with("More than 50")));
        assert_eq!(common.count(), usize::from(damaged > ALERTS), "{damaged}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_lost_vault_names_fifty_people_and_counts_all() {
    let (place, password, token) = with_people(LOST_NAMED).await;
    let more = copied(&place);
    let server = Server::on(more, password, &[]);
    add(&server.client().with_token(&token), LOST_NAMED..LOST_NAMED + 1).await;
    let (_, more, _) = server.end();
    for (place, lost) in [(place, LOST_NAMED), (more, LOST_NAMED + 1)] {
        std::fs::remove_dir_all(place.data_dir().join("vault")).unwrap();
        let server = Server::accepting(place, "the disk died");
        let root = server.client().with_token(&token);
        let found = root.get("/v1/activity?action=vault.loss_accepted").await.ok(200);
        let details = &found["data"][0]["details"];
        assert_eq!(details["passwords"], lost, "{details}");
        assert_eq!(details["reset_passwords_of"].as_array().map(Vec::len), Some(LOST_NAMED), "{details}");
    }
}
