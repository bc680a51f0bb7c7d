//! `activity export --output parquet`, read by others. A binary of its own: with the feature, all of `tests/it` would be
//! built twice.

#[path = "it/support/mod.rs"]
#[expect(dead_code, reason = "the whole of what the tests share, of which this one needs little")]
mod support;

use serde_json::Value;
use support::exported::{activity, both_ways};
use support::server::{Place, text};

/// Reads it with pyarrow; a row is what Python makes of it, with times in milliseconds.
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

#[tokio::test(flavor = "multi_thread")]
async fn parquet_is_read_by_others_as_it_was_recorded() {
    let (there, here, place) = both_ways("parquet").await;
    assert!(there.status.success() && here.status.success(), "{}{}", text(&there.stderr), text(&here.stderr));
    let there = rows_by_pyarrow(&place, &there.stdout);
    let rows = rows_by_pyarrow(&place, &here.stdout);
    assert!(there.len() > 5 && rows.starts_with(&there), "{} of {}", there.len(), rows.len());
    let entries = activity(&place, &[]);
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
