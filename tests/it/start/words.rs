//! What was told in words is there after every restart, whoever or whatever it was told about.

use mfa_ledger_schemas::AdministratorId;
use serde_json::json;

use crate::support::client::Client;
use crate::support::server::{Server, now};

/// Restarts after which the words are read again.
const RESTARTS: usize = 2;

/// The words of the newest entry of an action.
async fn words(root: &Client, action: &str) -> serde_json::Value {
    let page = root.get(&format!("/v1/activity?action={action}")).await.ok(200);
    page["data"][0]["words"].clone()
}

/// The note of a silence belongs to a rule, the story of a reset of an unknown target to nobody: no account names them.
#[tokio::test]
async fn words_about_no_administrator_survive_a_restart() {
    let server = Server::start();
    let mut root = server.root().await.0;
    let note = "The migration of 4 May resets everybody.";
    root.post("/v1/silences", &json!({"rule": "burst-of-resets", "hours": 4, "note": note})).await.ok(201);
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Petra Staff",
        "requester_contact": "+1 555 0100", "requested_at": now(), "ticket": "HD-1",
        "confirmation": "nobody",
    });
    let nobody = AdministratorId::from_bytes([9; 16]);
    let refused = root.post(&format!("/v1/administrators/{nobody}/mfa/reset"), &story).await;
    assert_eq!(refused.json["code"], "administrator-not-found", "{}", refused.text);

    let mut server = server;
    for restart in 0..=RESTARTS {
        let silences = root.get("/v1/silences").await.ok(200);
        assert_eq!(silences["data"][0]["note"], note, "after {restart} restarts");
        assert_eq!(words(&root, "rule.silenced").await["text"], note, "after {restart} restarts");
        let told = words(&root, "mfa.reset_refused").await;
        assert_eq!(told["requester_name"], "Petra Staff", "after {restart} restarts");
        assert_eq!(told["requester_contact"], "+1 555 0100", "after {restart} restarts");
        let (status, place, password) = server.end();
        assert!(status.success());
        server = Server::on(place, password, &[]);
        root = server.client().with_token(root.token.as_deref().unwrap());
    }
}
