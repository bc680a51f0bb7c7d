//! The AsyncAPI document: a snapshot that `UPDATE=1` writes, and a judge that is not ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::server::{Server, text};

const SNAPSHOT: &str = "schemas/asyncapi.json";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_document_is_the_snapshot() {
    let document = mfa_ledger::http::events_document("./json");
    let path = root().join(SNAPSHOT);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &document).expect("the snapshot can be written");
    }
    let snapshot = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(snapshot == document, "{SNAPSHOT} is another: run with UPDATE=1, and look at the difference");
}

/// What the parser of the AsyncAPI project makes of a document, in a file or at an address.
fn judge(document: &str) -> Value {
    let output = Command::new("node")
        .arg(root().join("tests/it/asyncapi/judge.cjs"))
        .arg(packages("asyncapi"))
        .arg(document)
        .stdin(Stdio::null())
        .output()
        .expect("node is missing: run .ci/install test");
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

/// A folder of packages from npm that `.ci/install` set up.
pub fn packages(name: &str) -> PathBuf {
    let folder = root().join("target/tools/npm").join(name);
    assert!(
        folder.join("node_modules").exists(),
        "{} has no packages: run .ci/install test",
        folder.display()
    );
    folder
}

#[track_caller]
fn is_sound(seen: &Value) {
    assert_eq!(seen["told"], serde_json::json!([]), "nothing to complain of");
    assert_eq!(seen["version"], "3.1.0");
    let messages = seen["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), mfa_ledger_schemas::Event::REGISTRY.len() + 1, "and the checkpoint");
    for message in messages.iter().filter(|message| message["name"] != "checkpoint") {
        let required = message["required"].as_array().expect("a list");
        assert!(required.contains(&"specversion".into()), "its payload was not found: {message}");
        assert!(message["details"].is_string(), "neither were the details: {message}");
    }
}

#[test]
fn the_parser_of_the_project_takes_the_snapshot() {
    is_sound(&judge(&root().join(SNAPSHOT).display().to_string()));
}

#[test]
fn the_parser_of_the_project_finds_what_is_wrong() {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let file = dir.path().join("asyncapi.json");
    let mut document: Value =
        serde_json::from_str(&mfa_ledger::http::events_document("./elsewhere")).expect("it is JSON");
    std::fs::write(&file, document.to_string()).expect("a file can be made");
    let seen = judge(&file.display().to_string());
    assert!(!seen["told"].as_array().expect("a list").is_empty(), "references that lead nowhere: {seen}");

    document["channels"]["mfa.reset"]["address"] = 1.into();
    std::fs::write(&file, document.to_string().replace("./elsewhere", "./json")).expect("a file can be made");
    std::os::unix::fs::symlink(root().join("schemas/json"), dir.path().join("json")).expect("a link");
    let seen = judge(&file.display().to_string());
    assert!(seen["told"].to_string().contains("channels.mfa.reset.address"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_with_what_it_refers_to() {
    let server = Server::start();
    let seen = judge(&format!("{}/asyncapi.json", server.url));
    is_sound(&seen);
    let client = server.client();
    let answer = client.get("/asyncapi.json").await;
    assert_eq!((answer.status, answer.text), (200, mfa_ledger::http::events_document("./schemas")));
    let schema = client.get("/schemas/mfa.reset.v1.json").await;
    let kept = std::fs::read_to_string(root().join("schemas/json/mfa.reset.v1.json")).expect("it is there");
    assert_eq!((schema.status, schema.text), (200, kept), "as it lies in the repository");
    for nothing in ["mfa.reset.v3.json", "mfa.reset", "..%2fasyncapi.json", "none.v1.json"] {
        let answer = client.get(&format!("/schemas/{nothing}")).await;
        assert_eq!(answer.status, 404, "{nothing}: {}", answer.text);
    }
}
