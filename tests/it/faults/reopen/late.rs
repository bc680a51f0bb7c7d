//! A secret that could not be destroyed within a minute is an alert, once the files are reopened.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::clock::Clock;
use mfa_ledger::data_dir::Means;
use mfa_ledger::disk::{Disk, Fate, Kind};
use reqwest::Method;
use serde_json::{Value, json};

use super::base::{Base, config};
use super::served::Served;
use crate::support::client::Client;

/// The alert comes within this.
const WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_was_not_destroyed_within_a_minute_is_one_critical_alert() {
    let base = Base::small().await;
    let start = Clock::System.unix_ms();
    let clock = Arc::new(Clock::manual(start));
    let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
    let means = Means { disk, clock: Arc::clone(&clock), ..Means::default() };
    let served = Served::start_with(&config(base.dir.path()), &means).await;
    let client = base.root(&served.client).await;
    let ask = async |what: &str| {
        let path = format!("/v1/administrators/{}/{what}", base.jane);
        client.ask(Method::POST, &path, &[("idempotency-key", what)], None).await
    };
    ask("deactivate").await.ok(200);

    faults.fail_from(Kind::Write, "vault", "slots");
    let answer = ask("personal-data/erase").await;
    assert_eq!(answer.json["code"], "outcome-unknown", "{}", answer.text);
    clock.set(start + 61_000);
    let metrics = client.get("/metrics").await.text;
    assert!(metrics.contains("\nmfa_ledger_destructions_owed 1\n"), "{metrics}");
    assert!(metrics.contains("\nmfa_ledger_destructions_owed_seconds 61\n"), "{metrics}");
    let checks = served.until_ready_is(503).await;
    let secrets = checks.iter().find(|it| it["name"] == "secrets").unwrap();
    assert_eq!(secrets["status"], "degraded", "{secrets}");

    faults.heal();
    served.until_ready_is(200).await;
    let alerts = tokio::time::timeout(WITHIN, until_raised(&client)).await.expect("an alert is raised");
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["severity"], "critical", "{alerts:?}");
    let since = alerts[0]["group"].as_str().unwrap();
    assert!(since.starts_with("since 20"), "{since}");
    ask("personal-data/erase").await.ok(200);
    let metrics = client.get("/metrics").await.text;
    assert!(metrics.contains("\nmfa_ledger_destructions_owed 0\n"), "{metrics}");
    served.end().await;
}

async fn until_raised(client: &Client) -> Vec<Value> {
    loop {
        let alerts = client.get("/v1/alerts").await.ok(200);
        let all = alerts["data"].as_array().unwrap().iter();
        let ours: Vec<_> = all.filter(|it| it["rule"] == json!("secret-not-destroyed")).cloned().collect();
        if !ours.is_empty() {
            return ours;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
