//! Exports in the forms of others.

use serde_json::Value;

use crate::support::exported::both_ways;
use crate::support::server::text;

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
    use crate::support::exported::activity;
    let (place, _) = crate::support::server::Place::initialised();
    let output = place.run(&["activity", "export", "--output", "parquet"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("built without Parquet"), "{}", text(&output.stderr));
    let exported = activity(&place, &["--action", "activity.exported"]);
    assert_eq!(exported.len(), 1, "this last one alone");
}
