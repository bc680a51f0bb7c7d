//! People over HTTP: profiles, accounts, resets, requests. Black box, the clock set by hand.

#![expect(clippy::unwrap_used, reason = "in a test an unwrap is a verdict")]

mod accounts;
mod authentication;
mod me;
mod requests;
mod reset_graph;
mod resets;
mod security;
mod together;

use serde_json::{Value, json};

use crate::support::house::{House, Person};

/// Everything that the guide wants documented before a reset.
fn story(user_name: &str) -> Value {
    json!({
        "reason": "new_phone",
        "verification": "video_call",
        "requester_name": user_name,
        "requester_contact": "+1 555 0100",
        "requested_at": "2026-05-04T08:45:00.000Z",
        "ticket": "HD-1042",
        "confirmation": user_name,
    })
}

/// The story with some members replaced, or taken out where `null`.
fn with(mut story: Value, changes: Value) -> Value {
    let (Value::Object(into), Value::Object(changes)) = (&mut story, changes) else { panic!("objects") };
    for (key, value) in changes {
        if value.is_null() {
            into.remove(&key)
        } else {
            into.insert(key, value)
        };
    }
    story
}

fn reset_path(person: &Person) -> String {
    format!("/v1/administrators/{}/mfa/reset", person.id)
}

/// A help desk that may reset, and somebody whose phone is gone.
async fn desk_and_dana(house: &House) -> (Person, Person) {
    (house.enrolled("desk", "help-desk").await, house.enrolled("dana", "general-staff").await)
}
