//! No way round the rules of a reset: what an insider, or the holder of their stolen session, tries beside it.

mod approvals;
mod denials;
mod idle;
mod neighbours;
mod operations;
mod seen;

use serde_json::{Value, json};

use crate::support::house::{House, Person};

/// What is documented about a reset of somebody, as the people of a house do it on the first morning.
fn story(house: &House, user_name: &str) -> Value {
    json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": user_name,
        "requester_contact": "+1 555 0100", "requested_at": house.now(), "ticket": "HD-1",
    })
}

fn with(mut body: Value, more: Value) -> Value {
    let (Some(all), Value::Object(more)) = (body.as_object_mut(), more) else { panic!("objects") };
    all.extend(more);
    body
}

async fn reset(house: &House, by: &Person, whom: &Person, body: &Value) -> crate::support::house::Answer {
    let body = with(body.clone(), json!({ "confirmation": whom.user_name }));
    house.post(&format!("/v1/administrators/{}/mfa/reset", whom.id)).as_(by).json(&body).send().await
}

/// The same where it is to be carried out; its position.
async fn was_reset(house: &House, by: &Person, whom: &Person) -> u64 {
    let done = reset(house, by, whom, &story(house, &whom.user_name)).await.ok(201);
    done["position"].as_u64().expect("a position")
}

/// Files a request; its id.
async fn filed(house: &House, by: &Person, whom: &Person) -> String {
    let body = with(story(house, &whom.user_name), json!({ "administrator": whom.id }));
    let filed = house.post("/v1/reset-requests").as_(by).json(&body).send().await.ok(201);
    filed["reset_request"].as_str().expect("an id").to_owned()
}

async fn approve(house: &House, by: &Person, request: &str) -> crate::support::house::Answer {
    house.post(&format!("/v1/reset-requests/{request}/approve")).as_(by).send().await
}
