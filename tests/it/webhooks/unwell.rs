//! Receivers that are not well.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Receiver, attempts, create, define_role, header, server};

#[tokio::test]
async fn who_answers_410_is_switched_off_and_on_again_by_somebody() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let (id, _) = create(&root, &receiver.url("/gone"), json!({})).await;
    let path = format!("/v1/webhooks/{id}");
    define_role(&root, "one").await;
    assert_eq!(attempts(&root, &id, 1).await[0]["outcome"], "gone");
    let disabled = "/v1/activity?action=webhook.disabled";
    for _ in 0..100 {
        if root.get(disabled).await.ok(200)["data"][0].is_object() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let shown = root.get(&path).await.ok(200);
    assert_eq!((&shown["active"], &shown["fault"]), (&json!(false), &json!("gone")));
    let record = root.get(disabled).await.ok(200)["data"][0].clone();
    assert_eq!((&record["actor"]["type"], &record["actor"]["name"]), (&json!("system"), &json!("webhooks")));
    define_role(&root, "two").await;
    let refused = root.post(&format!("{path}/test"), &Value::Null).await;
    assert_eq!((refused.status, &refused.json["code"]), (409, &json!("webhook-inactive")));

    let change = json!({ "active": true, "url": receiver.url("/ok") });
    root.ask(reqwest::Method::PATCH, &path, &[], Some(&change)).await.ok(200);
    let shown = root.get(&path).await.ok(200);
    assert_eq!((&shown["active"], &shown["fault"]), (&json!(true), &Value::Null));
    define_role(&root, "three").await;
    receiver.wait_for("/ok", 1).await;
    assert_eq!(receiver.seen("/gone").await.len(), 1, "what happened meanwhile was for nobody");
    assert_eq!(receiver.seen("/ok").await.len(), 1);
}

/// Neither a redirect nor ten megabytes get anywhere.
#[tokio::test]
async fn redirects_are_not_followed_and_long_answers_are_cut() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let (moved, _) = create(&root, &receiver.url("/moved"), json!({})).await;
    let (big, _) = create(&root, &receiver.url("/big"), json!({})).await;
    define_role(&root, "one").await;
    let attempt = attempts(&root, &moved, 1).await.remove(0);
    assert_eq!((&attempt["status"], &attempt["outcome"]), (&json!(302), &json!("to_be_repeated")));
    assert!(attempt["failure"].as_str().is_some_and(|why| why.contains("not followed")), "{attempt}");
    assert_eq!(receiver.seen("/ok/elsewhere").await, Vec::<Value>::new());

    let attempt = attempts(&root, &big, 1).await.remove(0);
    assert_eq!(attempt["outcome"], "delivered");
    assert_eq!(attempt["answer"].as_str().map(str::len), Some(512));
    // It was sent once, and cut off.
    let seen = receiver.wait_for("/big", 2).await;
    assert_eq!(seen[1]["method"], "cut");
}

/// Into this machine, to the credentials of a cloud, ten megabytes, ten megabytes of headers: each is a failure on
/// record, and what failed and what comes later is delivered all the same.
#[tokio::test]
async fn answers_of_ill_will_are_failures_on_record_and_lose_nothing() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let inside = format!("/away?to={}", receiver.url("/ok/inside"));
    let table = [
        ("/away?to=http://169.254.169.254/latest/meta-data", json!(302), "not followed"),
        (inside.as_str(), json!(302), "not followed"),
        ("/huge", json!(500), ""),
        ("/headers", Value::Null, "too large"),
    ];
    let mut ids = Vec::new();
    for (path, ..) in &table {
        ids.push(create(&root, &receiver.url(path), json!({})).await.0);
    }
    let position = define_role(&root, "one").await;
    for (id, (path, status, why)) in ids.iter().zip(&table) {
        let attempt = attempts(&root, id, 1).await.pop().expect("the first");
        assert_eq!((&attempt["status"], &attempt["outcome"]), (status, &json!("to_be_repeated")), "{path}");
        assert_eq!(attempt["delivery"], position);
        let failure = attempt["failure"].as_str().unwrap_or_default();
        assert!(failure.contains(why), "{path}: {attempt}");
        assert!(attempt["answer"].as_str().is_none_or(|said| said.len() <= 512), "{path}");
    }
    let later = define_role(&root, "two").await;
    for (id, (path, ..)) in ids.iter().zip(&table) {
        // One that failed, its repetition, and the later one.
        let attempts = attempts(&root, id, 3).await;
        let delivered = attempts.iter().filter(|it| it["outcome"] == "delivered");
        let delivered: Vec<_> = delivered.filter_map(|it| it["delivery"].as_u64()).collect();
        assert!(delivered.contains(&position) && delivered.contains(&later), "{path}: {attempts:?}");
    }
    assert_eq!(receiver.seen("/ok/inside").await, Vec::<Value>::new(), "nobody went there");
    let seen = receiver.seen("/huge").await;
    assert!(seen.iter().any(|it| it["method"] == "cut"), "it was not read to its end");
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_nobody_up() {
    let (receiver, (server, root)) = (Receiver::start(), server().await);
    let (hanging, _) = create(&root, &receiver.url("/hang"), json!({})).await;
    create(&root, &receiver.url("/ok"), json!({})).await;
    define_role(&root, "zero").await;
    receiver.wait_for("/hang", 1).await;
    let begun = Instant::now();
    for name in ["one", "two", "three"] {
        define_role(&root, name).await;
    }
    receiver.wait_for("/ok", 4).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let attempt = attempts(&root, &hanging, 1).await.remove(0);
    assert_eq!((&attempt["status"], &attempt["outcome"]), (&Value::Null, &json!("to_be_repeated")));
    assert!(attempt["latency_ms"].as_u64().is_some_and(|ms| (14_000..20_000).contains(&ms)), "{attempt}");
    // Nor does it hold up the end.
    receiver.wait_for("/hang", 2).await;
    let begun = Instant::now();
    assert!(server.end().0.success());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_receiver_that_asks_for_patience_gets_it() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let (id, _) = create(&root, &receiver.url("/busy"), json!({})).await;
    define_role(&root, "one").await;
    receiver.wait_for("/busy", 1).await;
    attempts(&root, &id, 1).await;
    define_role(&root, "two").await;
    let seen = receiver.wait_for("/busy", 3).await;
    let at = |index: usize| seen[index]["at"].as_f64().expect("a time");
    assert!(at(1) - at(0) >= 7.9, "nothing at all for eight seconds: {}", at(1) - at(0));
    let ids: Vec<_> = seen.iter().map(|it| header(it, "webhook-id")).collect();
    assert!(ids[1..].contains(&ids[0]), "the same id for every attempt: {ids:?}");
}

#[tokio::test]
async fn a_failure_is_told_in_full_and_in_metrics() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let (id, _) = create(&root, &receiver.url("/fail"), json!({})).await;
    let position = define_role(&root, "one").await;
    let attempt = attempts(&root, &id, 1).await.remove(0);
    assert_eq!(attempt["delivery"], position);
    assert_eq!((&attempt["status"], &attempt["attempt"]), (&json!(500), &json!(1)));
    assert_eq!(attempt["answer"], "no  and no");
    assert!(attempt["next_at"].is_string());
    let metrics = root.get("/metrics").await.text;
    for line in [
        "mfa_ledger_webhooks 1",
        "mfa_ledger_webhook_waiting_records 1",
        "mfa_ledger_webhook_attempts_total{outcome=\"failed\"} 1",
        "mfa_ledger_webhooks_failing 1",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line}: {metrics}");
    }
    let ready = root.get("/readyz?verbose").await.ok(200);
    let checks = ready["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["name"] == "webhooks").expect("one of webhooks");
    assert_eq!(check["status"], "ready", "not yet for five minutes");
}
