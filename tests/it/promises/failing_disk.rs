//! When the log cannot be written: 503, nothing changed, reading goes on, no answer without a record.

use std::sync::Arc;

use mfa_ledger::disk::{Disk, Fate};
use mfa_ledger::http::Options;
use mfa_ledger::log::embedded::Embedded;
use serde_json::json;

use crate::support::house::House;

async fn fails(fate: Fate) {
    let dir = tempfile::tempdir().expect("a directory");
    let (disk, faults) = Disk::faulty(u64::MAX, fate);
    let (log, _) = Embedded::open(dir.path(), [1; 16], disk).expect("a log");
    let house = House::open_on(Arc::new(log), Options { attempts_per_second: 0, ..Options::default() }).await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    house.admin("jane", "general-staff").await;
    let names = |body: serde_json::Value| {
        let data = body["data"].as_array().expect("a list").clone();
        data.iter().map(|it| it["user_name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let before = names(house.get("/v1/administrators").as_(&root).send().await.ok(200));

    faults.fail_now();
    let body = json!({
        "user_name": "new", "display_name": "New", "emails": ["new@example.org"], "role": "general-staff"
    });
    for _ in 0..3 {
        let answer = house.post("/v1/administrators").as_(&root).json(&body).send().await;
        assert_eq!(answer.status.as_u16(), 503, "{}", answer.text);
        assert!(["log-unavailable", "outcome-unknown"].contains(&answer.told().1), "{}", answer.text);
    }
    let log_in = json!({"user_name": "root", "password": "wrong"});
    let answer = house.post("/v1/session").json(&log_in).send().await;
    assert_eq!(answer.status.as_u16(), 503, "even a refusal needs its record: {}", answer.text);

    let after = names(house.get("/v1/administrators").as_(&root).send().await.ok(200));
    assert_eq!(before, after, "nothing changed, and reading goes on");
    let ready = house.get("/readyz").send().await;
    assert_eq!(ready.status.as_u16(), 503, "{}", ready.text);

    faults.heal();
    let answer = house.post("/v1/administrators").as_(&root).json(&body).send().await;
    assert_eq!(answer.status.as_u16(), 503, "a failed sync is never retried over: {}", answer.text);
}

/// What stands in for a real disk where none can be mounted.
pub(super) async fn without_a_disk_to_fill() {
    fails(Fate::Lost).await;
    fails(Fate::Kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_lost_is_answered_503_and_changes_nothing() {
    fails(Fate::Lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_kept_but_reported_as_failed_is_answered_503_and_changes_nothing() {
    fails(Fate::Kept).await;
}
