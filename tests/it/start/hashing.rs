//! A change of `hashing.*` reaches everybody with their next log-in.

use serde_json::json;

use crate::support::server::{Place, Server, text};

#[tokio::test]
async fn a_password_is_hashed_at_the_cost_of_now_once_its_owner_logs_in() {
    let (place, password) = Place::initialised();
    let raised = [("MFA_LEDGER__HASHING__MEMORY_KIB", "256")];
    let server = Server::on(place, password, &raised);
    let (root, _) = server.root().await;
    let found = root.get("/v1/activity?action=password.rehashed").await.ok(200);
    let record = &found["data"][0];
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&record["actor"]["type"], &record["actor"]["name"]), (&json!("system"), &json!("hashing")));
    let started = root.get("/v1/activity?action=session.started").await.ok(200);
    assert_eq!(record["causation"], started["data"][0]["position"], "the log-in that it followed");

    let (root, _) = server.root().await;
    let found = root.get("/v1/activity?action=password.rehashed").await.ok(200);
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1), "its cost is that of now");
    let (status, place, password) = server.end();
    assert!(status.success());
    let judged = place.run(&["doctor", "--output", "json"]);
    assert!(judged.status.success(), "the old hash is gone, the new one is there: {}", text(&judged.stdout));
    let (_, started) = Server::on(place, password, &raised).root().await;
    assert_eq!(started["next"], "verify");
}
