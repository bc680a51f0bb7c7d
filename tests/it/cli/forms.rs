//! Exports in the forms of others.

use std::process::Output;

use serde_json::Value;

use crate::support::server::{FIRST, Place, Server, text};

/// Exports through a server that holds the ledger, then from the directory itself.
async fn both_ways(form: &'static str) -> (Output, Output, Place) {
    let server = tokio::task::spawn_blocking(Server::start).await.expect("no panic");
    let (root, _) = server.client().log_in(FIRST, &server.password).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn ocsf_is_the_same_through_a_server_and_without_one() {
    let (there, here, _place) = both_ways("ocsf").await;
    assert!(there.status.success() && here.status.success(), "{}", text(&there.stderr));
    let (there, here) = (text(&there.stdout), text(&here.stdout));
    for line in here.lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(event["metadata"]["version"], "1.3.0");
        let leaf: Value = serde_json::from_str(event["raw_data"].as_str().expect("the leaf")).expect("JSON");
        assert_eq!((&event["metadata"]["uid"], &event["message"]), (&leaf["id"], &leaf["data"]["action"]));
    }
    let known = there.lines().count();
    assert!(known > 5 && here.lines().count() > known, "{known}");
    assert!(here.lines().zip(there.lines()).all(|(here, there)| here == there));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_program_without_parquet_says_so_and_records_nothing() {
    let (place, _) = Place::initialised();
    let output = place.run(&["activity", "export", "--output", "parquet"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("built without Parquet"), "{}", text(&output.stderr));
    let exported = super::activity(&place, &["--action", "activity.exported"]);
    assert_eq!(exported.len(), 1, "this last one alone");
}

/// Reads it with pyarrow; a row is what Python makes of it, with times in milliseconds.
#[cfg(feature = "parquet")]
fn rows_by_pyarrow(place: &Place, bytes: &[u8]) -> Vec<Value> {
    const SCRIPT: &str = "
import json, sys
import pyarrow, pyarrow.parquet
table = pyarrow.parquet.read_table(sys.argv[1])
table.validate(full=True)
for moment in ('time', 'requested_at'):
    assert table.schema.field(moment).type == pyarrow.timestamp('ms', tz='UTC'), table.schema
at = lambda it: int(it.timestamp() * 1000) if hasattr(it, 'timestamp') else it
print(json.dumps([{name: at(cell) for name, cell in row.items()} for row in table.to_pylist()]))
";
    let file = place.outside().join("activity.parquet");
    std::fs::write(&file, bytes).expect("it is written");
    let python = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/python");
    let output = std::process::Command::new(python).args(["-c", SCRIPT]).arg(&file).output();
    let output = output.expect("`.ci/install test` has made a virtual environment");
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[cfg(feature = "parquet")]
#[tokio::test(flavor = "multi_thread")]
async fn parquet_is_read_by_others_as_it_was_recorded() {
    let (there, here, place) = both_ways("parquet").await;
    assert!(there.status.success() && here.status.success(), "{}{}", text(&there.stderr), text(&here.stderr));
    let there = rows_by_pyarrow(&place, &there.stdout);
    let rows = rows_by_pyarrow(&place, &here.stdout);
    assert!(there.len() > 5 && rows.starts_with(&there), "{} of {}", there.len(), rows.len());
    let entries = super::activity(&place, &[]);
    for (row, entry) in rows.iter().zip(&entries) {
        for (column, pointer) in [
            ("position", "/position"),
            ("action", "/action"),
            ("outcome", "/outcome"),
            ("code", "/code"),
            ("actor_name", "/actor/name"),
            ("target_user_name", "/target/user_name"),
            ("target_super_admin", "/target/super_admin"),
            ("origin_address", "/origin/address"),
            ("void", "/void"),
            ("stream", "/stream"),
            ("id", "/id"),
        ] {
            assert_eq!(&row[column], entry.pointer(pointer).unwrap_or(&Value::Null), "{column} of {row}");
        }
        let time: mfa_ledger_schemas::Instant =
            entry["time"].as_str().expect("a time").parse().expect("a time");
        assert_eq!(row["time"], time.unix_ms());
        let details: Value = serde_json::from_str(row["details"].as_str().expect("JSON")).expect("JSON");
        assert_eq!(details, entry["details"]);
    }
    // An export is on record once a minute: the last one may have added its own.
    assert!(entries.len() - rows.len() <= 1);
    assert!(rows.iter().any(|row| row["code"].is_null()), "cells may be empty");
}
