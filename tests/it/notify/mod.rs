//! Mail to people, with the real binary and a real mail host.

mod arriving;
mod failing;
mod history;
mod injected;
mod link;
mod post;
mod watchdog;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{Place, Server, now, totp};
use post::Post;

pub const RESET: &str = "Your MFA Has Been Reset";

/// A server with mail, a super administrator who may reset, and Jane, who has MFA.
pub struct Scene {
    pub server: Server,
    pub root: Client,
    pub jane: String,
    pub password: String,
}

impl Scene {
    pub async fn begin(post: &Post) -> Self {
        Self::with(post, &[], "Jane Doe").await
    }

    pub async fn with(post: &Post, environment: &[(&str, &str)], display_name: &str) -> Self {
        let (place, password) = Place::initialised();
        let server = serve(place, password, post, environment);
        let (root, _) = server.root().await;
        let who = json!({
            "user_name": "jane", "display_name": display_name, "role": "general-staff",
            "emails": ["jane@example.org", "jane@home.example"],
        });
        let made = root.post("/v1/administrators", &who).await.ok(201);
        let own = |key: &str| made[key].as_str().expect("text").to_owned();
        let scene = Self { jane: own("administrator"), password: own("password"), server, root };
        let (jane, _) = scene.server.client().log_in("jane", &scene.password).await;
        enroll(&jane, 0).await;
        scene
    }

    /// Resets Jane; the position of it.
    pub async fn reset(&self) -> u64 {
        let story = json!({
            "reason": "new_phone", "verification": "video_call", "requester_name": "Jane Doe",
            "requester_contact": "+1 555 0100", "requested_at": now(),
            "ticket": "HD-1", "confirmation": "jane",
        });
        let path = format!("/v1/administrators/{}/mfa/reset", self.jane);
        let done = self.root.post(&path, &story).await.ok(201);
        done["position"].as_u64().expect("a position")
    }
}

/// The notices on record, newest first.
pub async fn recorded(root: &Client) -> Vec<Value> {
    let page = root.get("/v1/activity?action=notification.recorded").await.ok(200);
    page["data"].as_array().expect("a page").iter().map(|entry| entry["details"].clone()).collect()
}

/// Waits for the record of the notice about a position.
pub async fn record_about(root: &Client, position: u64) -> Value {
    for _ in 0..600 {
        if let Some(found) = recorded(root).await.into_iter().find(|it| it["about"] == position) {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nothing is recorded about {position}");
}

/// Serves a place, with mail.
pub fn serve(place: Place, password: String, post: &Post, more: &[(&str, &str)]) -> Server {
    let environment = post.environment();
    let mut all: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend_from_slice(more);
    Server::on(place, password, &all)
}

/// Enrolls whoever is logged in, by a clock that is so fast; the backup codes.
pub async fn enroll(client: &Client, seconds_fast: u32) -> Value {
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    let code = totp(begun["manual_key"].as_str().expect("a key"), seconds_fast);
    client.post("/v1/me/mfa/enrollment/confirm", &json!({ "code": code })).await.ok(200)["backup_codes"]
        .clone()
}
