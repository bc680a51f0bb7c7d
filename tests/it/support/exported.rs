//! The activity log, exported both ways.

use std::process::Output;

use serde_json::Value;

use super::server::{Place, Server, text};

/// Exports through a server that holds the ledger, then from the directory itself.
pub async fn both_ways(form: &'static str) -> (Output, Output, Place) {
    let server = tokio::task::spawn_blocking(Server::start).await.expect("no panic");
    let (root, _) = server.root().await;
    let token = root.token.expect("a token");
    tokio::task::spawn_blocking(move || {
        let mut command = server.place.command(&["activity", "export", "--output", form]);
        let there = command.env("MFA_LEDGER_TOKEN", token).output().expect("the program starts");
        let (_, place, _) = server.end();
        let here = place.run(&["activity", "export", "--format", form]);
        (there, here, place)
    })
    .await
    .expect("no panic")
}

/// All rows of the activity log that fit, oldest first.
#[track_caller]
pub fn activity(place: &Place, filter: &[&str]) -> Vec<Value> {
    let output = place.run(&[&["activity", "export", "--output", "json"], filter].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a list of rows")
}
