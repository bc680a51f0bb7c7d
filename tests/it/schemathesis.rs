//! The real binary under Schemathesis: it reads the OpenAPI document and sends what fits and what does not.
//! Nothing may be a server error, undocumented, or judged otherwise than the document says.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::server::{FIRST, Server, text, totp};

/// Requests made up for each operation, beside those at every edge of its schema.
const EXAMPLES: &str = "5";
/// The same requests each time: a failure can be looked at.
const SEED: &str = "1";
/// These need to remember what they made, which the document does not describe.
const CHECKS_LEFT_OUT: &str = "use_after_free,ensure_resource_availability,object_level_authorization";

/// Operations that end the caller's session, or change what it may do: they go last, in this order.
const LAST: [&str; 3] = ["patch_settings", "post_administrators_id_sessions_revoke", "delete_session"];

#[tokio::test]
async fn every_operation_keeps_what_the_document_says() {
    let server = Server::start();
    let token = somebody_who_may(&server).await;
    let all_but_last: Vec<_> = LAST.iter().flat_map(|id| ["--exclude-operation-id", id]).collect();
    check(&server, &token, &all_but_last);
    for id in LAST {
        check(&server, &token, &["--include-operation-id", id]);
    }
}

/// A super administrator with a fresh second factor, in a house where there is something to be found.
async fn somebody_who_may(server: &Server) -> String {
    let client = server.client();
    let body = json!({"user_name": FIRST, "password": server.password});
    let session = client.post("/v1/session", &body).await.json;
    let token = session["token"].as_str().expect("a token").to_owned();
    let client = client.with_token(&token);
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.json;
    let code = totp(begun["manual_key"].as_str().expect("a seed"), 0);
    let confirmed = client.post("/v1/me/mfa/enrollment/confirm", &json!({"code": code})).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let dana: Value = json!({
        "user_name": "dana", "display_name": "Dana Whitfield", "emails": ["dana@example.org"],
        "role": "general-staff",
    });
    let dana = client.post("/v1/administrators", &dana).await;
    assert_eq!(dana.status, 201, "{}", dana.text);
    token
}

fn check(server: &Server, token: &str, operations: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = root.join("target/tools/bin/schemathesis");
    let program = if installed.exists() { installed.as_path() } else { Path::new("schemathesis") };
    let output = Command::new(program)
        .arg("--config-file")
        .arg(root.join("tests/it/schemathesis.toml"))
        .args(["run", &format!("{}/openapi.json", server.url)])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", "all", "--exclude-checks", CHECKS_LEFT_OUT])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED])
        .args(["--generation-database", "none", "--no-shrink", "--continue-on-failure", "--no-color"])
        .args(["--workers", "1", "--warnings", "off"])
        .args(operations)
        .current_dir(server.place.outside())
        .output()
        .unwrap_or_else(|error| panic!("schemathesis ({error}): `.ci/install test` installs it"));
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}
