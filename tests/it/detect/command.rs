//! `mfa-ledger rules`, and a server that is given rules.

use bytes::Bytes;
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::Embedded;
use mfa_ledger::log::{Log, Stream};
use mfa_ledger::react::detect::Rules;
use serde_json::{Value, json};

use super::history::LEDGER;
use super::planted::planted;
use crate::support::server::{Place, Server, text};

const FILTER: &str = "\
title: Carol is on call
id: 00000000-0000-4000-8000-00000000000f
logsource:
  product: mfa-ledger
  service: activity
filter:
  rules:
    - many-resets-by-one-performer
  selection:
    data.actor.name: person-3
  condition: not selection
";

fn json_of(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A data directory with the planted days in it.
async fn planted_place() -> (Place, String, String, usize) {
    let (since, until, history) = planted();
    let place = Place::empty();
    let dir = place.data_dir();
    std::fs::create_dir(&dir).expect("a directory");
    let (log, _) = Embedded::open(&dir, LEDGER.bytes(), Disk::real()).expect("a log");
    for (record, stored) in history.records.iter().zip(history.stored()) {
        let stream = Stream::new(&record.stream.to_string());
        log.append(&stream, &[], Bytes::from(stored)).await.expect("it takes it");
    }
    log.close().await.expect("it closes");
    let meta = json!({"format": 1, "ledger": LEDGER, "created": "2025-12-01T00:00:00.000Z"});
    std::fs::write(dir.join("ledger.json"), meta.to_string()).expect("a file");
    (place, since.to_string(), until.to_string(), history.expected.len())
}

#[tokio::test]
async fn a_backtest_over_a_data_directory_finds_every_attack_and_leaves_no_trace() {
    let (place, since, until, attacks) = planted_place().await;
    let range = ["--since", &since, "--until", &until];
    let backtest = |more: &[&str]| {
        let output = place.run(&[&["rules", "backtest"], &range[..], more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        output
    };
    let report = json_of(&backtest(&["--all", "--output", "json"]));
    assert_eq!(report["alerts"], attacks);
    assert!(report["share_of_resets"].as_f64().expect("a share") > 0.5, "{report}");
    let lines = backtest(&["--rule", "burst-of-resets", "--output", "ndjson"]);
    let alert: Value = serde_json::from_slice(&lines.stdout).expect("one line");
    assert_eq!(
        (&alert["rule"], alert["positions"].as_array().map(Vec::len)),
        (&json!("burst-of-resets"), Some(10))
    );
    assert!(text(&lines.stderr).contains("1 alerts; 10 of"), "{}", text(&lines.stderr));
    assert!(text(&lines.stderr).contains("week of 2026-"), "{}", text(&lines.stderr));

    // A file of one's own, before it is switched on.
    let file = place.outside().join("mine.yml");
    let pack = include_str!("../../../src/react/detect/pack/burst-of-resets.yml");
    std::fs::write(&file, pack.replace("gte: 10", "gte: 5")).expect("a file");
    let report = json_of(&backtest(&["--rule", file.to_str().expect("UTF-8"), "--output", "json"]));
    assert_eq!(report["alerts"], 2, "five by one performer, and ten by three");
    let files = std::fs::read_dir(place.data_dir()).expect("the directory").count();
    backtest(&["--all"]);
    assert_eq!(std::fs::read_dir(place.data_dir()).expect("the directory").count(), files);
}

#[tokio::test]
async fn a_filter_of_the_site_takes_what_it_names_out() {
    let (place, since, until, attacks) = planted_place().await;
    let rules = place.outside().join("rules");
    std::fs::create_dir(&rules).expect("a directory");
    std::fs::write(rules.join("filter.yml"), FILTER).expect("a file");
    let run = |dir: &str| {
        let mut command =
            place.command(&["rules", "backtest", "--all", "--since", &since, "--until", &until]);
        let output = command.args(["--output", "json"]).env("MFA_LEDGER__RULES__DIR", dir).output();
        json_of(&output.expect("the program starts"))
    };
    let report = run(rules.to_str().expect("UTF-8"));
    assert_eq!(report["alerts"], attacks - 1);
    assert_eq!(report["weeks"]["many-resets-by-one-performer"], Value::Null);
}

#[test]
fn list_check_and_test_look_at_the_pack() {
    let place = Place::empty();
    let listed = json_of(&place.run(&["rules", "list", "--output", "json"]));
    assert_eq!(listed.as_array().map(Vec::len), Some(Rules::pack().all().len()));
    let checked = place.run(&["rules", "check"]);
    let usable = format!("{} rules and 0 filters can be used", Rules::pack().all().len());
    assert!(checked.status.success() && text(&checked.stderr).contains(&usable));
    let tested = place.run(&["rules", "test"]);
    assert!(tested.status.success(), "{}", text(&tested.stderr));
    assert!(!text(&tested.stdout).contains("FAILED"));

    let rules = place.outside().join("rules");
    std::fs::create_dir(&rules).expect("a directory");
    let pack = include_str!("../../../src/react/detect/pack/burst-of-resets.yml");
    let mine =
        pack.replace("burst-of-resets", "small-burst").replace("-5", "-4").replace("gte: 10", "gte: 5");
    std::fs::write(rules.join("mine.yml"), mine).expect("a file");
    let dir = rules.to_str().expect("UTF-8");
    let tested = place.run(&["rules", "test", "--dir", dir, "--rule", "small-burst"]);
    assert_eq!(tested.status.code(), Some(1), "nine resets are a burst of five: {}", text(&tested.stdout));
    assert!(text(&tested.stdout).contains("FAILED"));
    assert_eq!(place.run(&["rules", "backtest"]).status.code(), Some(2));
    let unknown = place.run(&["rules", "backtest", "--rule", "no-such-rule"]);
    assert_eq!(unknown.status.code(), Some(5), "{}", text(&unknown.stderr));
}

#[test]
fn a_broken_rule_keeps_the_server_from_starting_and_check_says_the_same() {
    let (place, _) = Place::initialised();
    let rules = place.outside().join("rules");
    std::fs::create_dir(&rules).expect("a directory");
    let file = rules.join("broken.yml");
    std::fs::write(&file, FILTER.replace("data.actor.name", "data.actor.nickname")).expect("a file");
    let told = format!("{}:10: unknown field 'data.actor.nickname'", file.display());
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["rules", "check"]] {
        let output = place.command(arguments).env("MFA_LEDGER__RULES__DIR", &rules).output();
        let output = output.expect("the program starts");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stderr).contains(&told), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_backtest_runs_beside_a_server_that_detects() {
    let server = Server::start();
    let ready = server.client().get("/readyz?verbose").await.ok(200);
    let checks = ready["checks"].as_array().expect("checks");
    assert!(checks.iter().any(|it| it["name"] == "detection" && it["status"] == "ready"), "{ready}");
    let report = json_of(&server.place.run(&["rules", "backtest", "--all", "--output", "json"]));
    assert!(report["records"].as_u64().expect("a number") > 0);
}
