//! The time machine: what was true at a moment, what differs between two, who could have reset whom.

#![expect(clippy::unwrap_used, reason = "in a test an unwrap is a verdict")]

mod command;
mod cuts;
mod difference;
mod explained;
mod kept;
mod moments;
mod noted;
mod wrong;

use serde_json::{Value, json};

use crate::support::house::{Answer, House, Person};

/// A super administrator who has enrolled.
async fn boss(house: &House) -> Person {
    let mut boss = house.super_admin("boss").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    boss
}

/// Tries a reset with all that the guide wants documented.
async fn reset(house: &House, by: &Person, target: &Person) -> Answer {
    let body = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana",
        "requester_contact": "+1 555 0100", "requested_at": house.now().to_string(),
        "confirmation": target.user_name,
    });
    house.post(&format!("/v1/administrators/{}/mfa/reset", target.id)).as_(by).json(&body).send().await
}

async fn explain(house: &House, by: &Person, query: &str) -> Value {
    house.get(&format!("/v1/explain/reset?{query}")).as_(by).send().await.ok(200)
}
