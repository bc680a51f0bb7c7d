//! Bare `mfa-ledger replay`: the log folded from its beginning is what runs, and what a snapshot holds.

use serde_json::Value;

use super::{Played, printed, through};

const PROJECTIONS: [&str; 8] =
    ["activity", "alerts", "directory", "keys", "notices", "resets", "secrets", "webhooks"];

/// The checksums; every row must agree.
fn sums(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().expect("a list");
    let names: Vec<_> = rows.iter().map(|row| row["projection"].as_str().expect("a name")).collect();
    assert_eq!(names, PROJECTIONS);
    for row in rows {
        assert_eq!(row["agrees"], true, "{row}");
        assert_eq!(row["records"], row["position"], "all of it: {row}");
    }
    rows.iter().map(|row| row["sha256"].as_str().expect("a sum").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_agrees_with_the_server_with_a_snapshot_and_with_itself() {
    let played = Played::new().await;
    let ask = ["replay", "--output", "json"];
    let there = printed(&through(&played.server.place, &played.root, &ask));
    sums(&there);
    let (_, place, _) = played.server.end();
    assert!(place.data_dir().join("snapshots/latest").exists(), "the end wrote one");
    let here = sums(&printed(&place.run(&ask)));
    std::fs::remove_dir_all(place.data_dir().join("snapshots")).expect("it is removed");
    assert_eq!(sums(&printed(&place.run(&ask))), here);
}
