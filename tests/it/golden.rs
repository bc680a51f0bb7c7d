//! Ledgers that earlier builds wrote open, verify, and mean what they meant; what is written now follows them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::server::{Place, Server, text, totp};

/// What `2026-11.tar.gz` was when its server stopped.
const HEAD: u64 = 98;

fn unpacked(archive: &str) -> (Place, Value) {
    let place = Place::empty();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(archive);
    let tar = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(place.outside()).output();
    let tar = tar.expect("there is tar");
    assert!(tar.status.success(), "{}", text(&tar.stderr));
    let people = std::fs::read(place.outside().join("people.json")).expect("it is in the archive");
    (place, serde_json::from_slice(&people).expect("it is JSON"))
}

fn verified(place: &Place) -> Value {
    let output = place.run(&["log", "verify", "--output", "json"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_the_first_format_goes_on_under_this_build() {
    let (place, people) = unpacked("2026-11.tar.gz");
    let before = verified(&place);
    assert_eq!((&before["to"], &before["result"]), (&json!(HEAD), &json!("sound")), "{before}");
    let root = &people["root"];
    let server = Server::on(place, root["pw"].as_str().expect("a password").to_owned(), &[]);
    let (client, session) = server.client().log_in("root", &server.password).await;
    assert_eq!(session["next"], "verify", "the authenticator is still known");
    let code = json!({ "code": totp(root["sec"].as_str().expect("a seed"), 0) });
    client.post("/v1/session/second-factor", &code).await.ok(200);

    let resets = client.get("/v1/resets?limit=10").await.ok(200);
    let resets = resets["data"].as_array().expect("a page");
    assert_eq!(resets.len(), 2, "{resets:?}");
    let approved = client.get(&format!("/v1/resets/{}", resets[0]["position"])).await.ok(200);
    assert_eq!(approved["requester_name"], "Dana Sample", "what was sealed is read: {approved}");
    assert!(approved["approved_by"].is_string() && approved["reset_request"].is_string(), "{approved}");
    let denied = client.get(&format!("/v1/resets/{}", resets[1]["position"])).await.ok(200);
    assert!(denied["repudiated"].is_object() && denied["follow_ups"][0]["note"] == "called back", "{denied}");

    let old = client.get("/v1/activity/1/leaf").await.ok(200);
    assert!(old["dataschema"].is_null() && old["type"] == "mfa-ledger.settings.changed.v1", "{old}");
    let done = client
        .ask(
            reqwest::Method::PATCH,
            "/v1/settings",
            &[("x-correlation-id", "case-7")],
            Some(&json!({ "step_up_minutes": 15 })),
        )
        .await;
    let position = done.position().expect("a position");
    done.ok(200);
    let new = client.get(&format!("/v1/activity/{position}/leaf")).await.ok(200);
    assert_eq!(new["dataschema"], "urn:mfa-ledger:schema:settings.changed.v2", "{new}");
    assert_eq!(new["data"]["correlation"], "case-7", "{new}");

    let (status, place, _) = server.end();
    assert!(status.success());
    let after = verified(&place);
    assert!(after["to"].as_u64() > Some(HEAD), "{after}");
}
