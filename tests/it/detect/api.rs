//! Rules, back-tests, alerts and silences over HTTP.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::http::Options;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::react::detect::Rules;
use mfa_ledger::service::Guard;
use mfa_ledger::service::command::ChangeSettings;
use serde_json::{Value, json};

use super::A_RESET;
use crate::support::house::{House, Person};

async fn watched() -> House {
    let options = Options { attempts_per_second: 0, ..Options::default() };
    House::open_watched(Arc::new(Memory::new()), options, Guard::off(), Some(Rules::pack())).await
}

/// A reset by somebody who never reset anybody.
async fn reset(house: &House, name: &str) -> u64 {
    let desk = house.enrolled(&format!("desk-{name}"), "help-desk").await;
    let dana = house.enrolled(name, "general-staff").await;
    house.step_up(&desk).await;
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": name,
        "requester_contact": "+1 555 0100", "requested_at": "2026-05-04T08:45:00.000Z", "ticket": "HD-1042",
        "confirmation": name,
    });
    let path = format!("/v1/administrators/{}/mfa/reset", dana.id);
    let done = house.post(&path).as_(&desk).json(&story).send().await.ok(201);
    let position = &done["position"];
    position.as_u64().unwrap_or_else(|| position.as_str().expect("a position").parse().expect("a number"))
}

/// The alerts, once there are so many.
async fn alerts(house: &House, officer: &Person, count: usize) -> Vec<Value> {
    let mut data = Vec::new();
    for _ in 0..300 {
        let page = house.get("/v1/alerts").as_(officer).send().await.ok(200);
        data = page["data"].as_array().expect("alerts").clone();
        if data.len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(data.len(), count, "{data:?}");
    data
}

async fn officer(house: &House) -> Person {
    house.enrolled("officer", "security-officer").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_by_an_unexpected_performer_is_an_alert_and_alerts_raise_no_alerts() {
    let house = watched().await;
    let officer = officer(&house).await;
    let position = reset(&house, "dana").await;
    let raised = alerts(&house, &officer, 1).await;
    assert_eq!(raised[0]["rule"], "unexpected-performer");
    assert_eq!(raised[0]["positions"], json!([position]));
    let before = house.records();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(house.records(), before, "nothing goes round");
    let entry = house.get("/v1/activity?action=alert.raised").as_(&officer).send().await.ok(200);
    assert_eq!(entry["data"][0]["actor"]["name"], "detect", "{entry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_shown_to_those_who_manage_alerts() {
    let house = watched().await;
    let officer = officer(&house).await;
    let listed = house.get("/v1/rules").as_(&officer).send().await.ok(200);
    let data = listed["data"].as_array().expect("rules");
    assert_eq!((data.len(), &listed["filters"]), (Rules::pack().all().len(), &json!(0)));
    let shown = house.get("/v1/rules/never-enrolled-again").as_(&officer).send().await.ok(200);
    assert_eq!(
        (&shown["kind"], &shown["window_seconds"], &shown["origin"], &shown["severity"]),
        (&json!("absence"), &json!(43_200), &json!("pack"), &json!("medium"))
    );
    assert!(shown["text"].as_str().expect("the file").contains("within: 12h"));
    assert_eq!(house.get("/v1/rules/other").as_(&officer).send().await.told(), (404, "not-found"));
    let desk = house.enrolled("desk", "help-desk").await;
    for path in ["/v1/rules", "/v1/rules/never-enrolled-again"] {
        assert_eq!(house.get(path).as_(&desk).send().await.told(), (403, "permission-denied"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backtest_tells_what_was_raised_and_changes_nothing() {
    let house = watched().await;
    let officer = officer(&house).await;
    let position = reset(&house, "dana").await;
    let raised = alerts(&house, &officer, 1).await;
    let before = house.records();
    let path = "/v1/rules/backtest";
    let asked = json!({"rule": "unexpected-performer"});
    let report = house.post(path).as_(&officer).json(&asked).send().await.ok(200);
    assert_eq!(
        (&report["alerts"], &report["resets"], &report["resets_touched"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(report["would_raise"][0]["alert"], raised[0]["id"], "the same, live and in the past");
    assert_eq!(report["would_raise"][0]["positions"], json!([position]));
    assert_eq!(report["weeks"]["unexpected-performer"]["2026-05-04"], 1);
    assert_eq!(house.records(), before + 1, "a reading, on record");

    let given = json!({"rule": A_RESET, "since": "2026-05-01T00:00:00.000Z"});
    let ask = house.post(path).as_(&officer).header("accept", "application/x-ndjson").json(&given);
    let lines = ask.send().await;
    let last: Value = serde_json::from_str(lines.text.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["report"]["alerts"], &last["report"]["cut"]), (&json!(1), &json!(false)));
    let later = json!({"rule": A_RESET, "since": "2026-06-01T00:00:00.000Z"});
    assert_eq!(house.post(path).as_(&officer).json(&later).send().await.ok(200)["alerts"], 0);
    assert_eq!(alerts(&house, &officer, 1).await.len(), 1);
    assert_eq!(house.records(), before + 1, "once a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_backtested_is_told() {
    let house = watched().await;
    let officer = officer(&house).await;
    let ask = async |body: Value| house.post("/v1/rules/backtest").as_(&officer).json(&body).send().await;
    assert_eq!(ask(json!({"rule": "other"})).await.told(), (404, "unknown-rule"));
    let at = "2026-06-01T00:00:00.000Z";
    let range = ask(json!({"rule": "burst-of-resets", "since": at, "until": at})).await;
    assert_eq!(
        (range.told(), &range.body["errors"][0]["pointer"]),
        ((422, "empty-range"), &json!("#/until"))
    );
    let reversed = json!({"rule": "burst-of-resets", "since": at, "until": "2026-05-01T00:00:00.000Z"});
    assert_eq!(ask(reversed).await.told(), (422, "empty-range"));
    for moment in ["yesterday", "2026-13-01T00:00:00.000Z", "99999-01-01T00:00:00.000Z"] {
        let answer = ask(json!({"rule": "burst-of-resets", "since": moment})).await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{moment}");
    }
    let broken = ask(json!({"rule": A_RESET.replace("data.action", "data.actoin")})).await;
    assert_eq!(broken.told(), (422, "broken-rule"));
    let detail = broken.body["errors"][0]["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("line 11: unknown field 'data.actoin'"), "{detail}");
    let filled = |bytes: usize| format!("{A_RESET}#{}\n", "x".repeat(bytes - A_RESET.len() - 2));
    assert_eq!(ask(json!({"rule": filled(32 * 1024)})).await.status, 200);
    assert_eq!(ask(json!({"rule": filled(32 * 1024 + 1)})).await.told(), (400, "invalid-request"));
    // The right to read the activity log alone is not enough.
    let auditor = house.enrolled("auditor", "auditor").await;
    let body = json!({"rule": "burst-of-resets"});
    let refused = house.post("/v1/rules/backtest").as_(&auditor).json(&body).send().await;
    assert_eq!(refused.told(), (403, "permission-denied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_backtest_runs_at_a_time() {
    let house = watched().await;
    let officer = officer(&house).await;
    for number in 0..1_500 {
        house.settings(ChangeSettings { step_up_minutes: Some(5 + number % 2), ..Default::default() }).await;
    }
    let asked = json!({"rule": "burst-of-resets"});
    let ask = || house.post("/v1/rules/backtest").as_(&officer).json(&asked).send();
    // The first is on record as a reading; for a minute the others need no record.
    ask().await.ok(200);
    let answers = futures_util::future::join_all((0..12).map(|_| ask())).await;
    let (ran, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(!ran.is_empty() && !refused.is_empty(), "{} ran", ran.len());
    for answer in refused {
        assert_eq!(answer.told(), (503, "busy"));
        assert_eq!(answer.header("retry-after"), "5");
    }
    ask().await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_is_over_a_rule_in_force_and_its_alerts_are_on_record() {
    let house = watched().await;
    let officer = officer(&house).await;
    let silence = |rule: &str| json!({"rule": rule, "hours": 2, "note": "new help desk"});
    let unknown =
        house.post("/v1/silences").as_(&officer).json(&silence("unexpected-performers")).send().await;
    assert_eq!(
        (unknown.told(), &unknown.body["errors"][0]["pointer"]),
        ((404, "unknown-rule"), &json!("#/rule"))
    );
    house.post("/v1/silences").as_(&officer).json(&silence("unexpected-performer")).send().await.ok(201);
    let raised = alerts(&house, &officer, 1).await;
    assert_eq!((&raised[0]["rule"], &raised[0]["silenced"]), (&json!("controls-weakened"), &json!(false)));
    reset(&house, "dana").await;
    assert_eq!(alerts(&house, &officer, 2).await[0]["silenced"], true);
    house.pass(3 * 3_600);
    reset(&house, "erin").await;
    assert_eq!(alerts(&house, &officer, 3).await[0]["silenced"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_tell_how_far_detection_is() {
    let house = watched().await;
    reset(&house, "dana").await;
    let mut metrics = String::new();
    for _ in 0..300 {
        metrics = house.get("/metrics").send().await.text;
        if metrics.contains("mfa_ledger_detection_lag_records 0\n") && metrics.contains("raised_total 1\n") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for line in [
        "mfa_ledger_detection_lag_records 0\n".to_owned(),
        "mfa_ledger_detection_stopped 0\n".to_owned(),
        "mfa_ledger_alerts_raised_total 1\n".to_owned(),
        format!("mfa_ledger_detection_rules {}\n", Rules::pack().all().len()),
    ] {
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
    let ready = house.get("/readyz?verbose").send().await.ok(200);
    let checks = ready["checks"].as_array().expect("checks");
    let check = checks.iter().find(|it| it["name"] == "detection").expect("one of detection");
    assert_eq!((&check["status"], &check["detail"]), (&json!("ready"), &json!("keeps up with the log")));
}
