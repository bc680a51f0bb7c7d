//! `/livez`, `/readyz`, `/metrics`, `/docs`, `/.well-known/security.txt`, and the limit of requests in flight.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use mfa_ledger::http::Options;
use serde_json::json;

use super::signed;
use crate::support::house::House;

#[tokio::test]
async fn a_fresh_house_is_alive_and_ready() {
    let house = House::open().await;
    assert_eq!(house.get("/livez").send().await.text, "ok");
    let head = house.records();
    let ready = house.get("/readyz").send().await.ok(200);
    assert_eq!(ready, json!({"status": "ready", "position": head, "head": head}));
    let verbose = house.get("/readyz?verbose").send().await.ok(200);
    let checks = verbose["checks"].as_array().expect("checks");
    let names: Vec<_> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
    assert_eq!(names, ["log", "vault", "disk", "projection", "secrets", "callers"]);
}

#[tokio::test]
async fn what_is_shown_says_how_new_it_is() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    for path in ["/v1/me", "/v1/activity", "/v1/roles"] {
        let before = house.records();
        let answer = house.get(path).as_(&auditor).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("mfa-ledger-position")),
            (200, before.to_string().as_str()),
            "{path}"
        );
    }
    let missing = house.get("/v1/nothing").as_(&auditor).send().await;
    assert_eq!(
        (missing.status.as_u16(), missing.header("mfa-ledger-position")),
        (404, ""),
        "nothing is shown"
    );
}

#[tokio::test]
async fn metrics_count_requests_commands_and_people_as_promtool_wants_it() {
    let house = House::open().await;
    let auditor = signed(&house, "ada", "auditor").await;
    house.get("/v1/activity").as_(&auditor).send().await.ok(200);
    house.get("/v1/activity/1").as_(&auditor).send().await.ok(200);
    house.get("/nowhere").send().await;
    let page = house.get("/metrics").send().await;
    assert_eq!(page.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        r#"http_requests_total{method="GET",route="/v1/activity/{position}",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
        r#"http_request_duration_seconds_count{method="POST",route="/v1/session"} 1"#,
        r#"mfa_ledger_commands_total{action="session.started",outcome="success"} 1"#,
        r#"mfa_ledger_commands_total{action="activity.read",outcome="success"} 1"#,
        r#"mfa_ledger_administrators{mfa="not_enabled"} 1"#,
        "mfa_ledger_sessions 1",
        &format!("mfa_ledger_log_head {}", house.records()),
        &format!("mfa_ledger_projection_position {}", house.records()),
    ] {
        assert!(page.text.lines().any(|it| it == line), "{line} is not in\n{}", page.text);
    }
    judged_by_promtool(&page.text);
}

/// The names in a text that begin as ours do.
fn numbers(text: &str) -> BTreeSet<&str> {
    let words = text.split(|it: char| !it.is_ascii_lowercase() && it != '_');
    words.filter(|word| word.len() > "mfa_ledger_".len() && word.starts_with("mfa_ledger_")).collect()
}

#[test]
fn the_manual_has_every_number_and_no_other() {
    let sources = concat!(
        include_str!("../../../src/http/health/metrics.rs"),
        include_str!("../../../src/http/health/storage.rs"),
        include_str!("../../../src/http/metrics.rs"),
    );
    let manual = include_str!("../../../src/manual/operating.rs");
    let is_crate = |name: &str| {
        let folder = name.trim_start_matches("mfa_ledger_");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        root.join(folder).is_dir() || root.join("src").join(folder).is_dir()
    };
    let (shown, told) = (numbers(sources), numbers(manual));
    // A counter gets `_total` behind its name, and some names are put together.
    for number in shown.iter().filter(|it| !is_crate(it)) {
        assert!(told.iter().any(|it| it.starts_with(number)), "{number} is not in the manual");
    }
    for number in &told {
        assert!(shown.iter().any(|it| number.starts_with(it)), "{number} is in the manual alone");
    }
}

/// Prometheus' own checker.
fn judged_by_promtool(page: &str) {
    let tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut tool = tool.expect("promtool: `.ci/install test` installs it");
    tool.stdin.take().expect("a pipe").write_all(page.as_bytes()).expect("it reads");
    let output = tool.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}\n{page}");
}

#[tokio::test]
async fn the_documentation_needs_no_other_host() {
    let house = House::open().await;
    let page = house.get("/docs/").send().await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        let answer = house.get(&format!("/docs/{file}")).send().await;
        assert_eq!(answer.status, 200, "{file}");
    }
    let initializer = house.get("/docs/swagger-initializer.js").send().await;
    assert!(initializer.text.contains("/openapi.json"), "{}", initializer.text);
    assert_eq!(house.get("/openapi.json").send().await.ok(200)["openapi"], "3.1.0");
}

#[tokio::test]
async fn security_txt_is_there_when_there_is_a_contact() {
    let house = House::open().await;
    assert_eq!(house.get("/.well-known/security.txt").send().await.told(), (404, "not-found"));
    let contact = Some("mailto:security@example.org".to_owned());
    let house = House::open_with(Options { security_contact: contact, ..Options::default() }).await;
    let page = house.get("/.well-known/security.txt").send().await;
    assert_eq!(page.text, "Contact: mailto:security@example.org\nExpires: 2026-08-02T09:00:00.000Z\n");
}

#[tokio::test]
async fn more_than_may_be_in_flight_is_busy_but_health_answers() {
    let house = House::open_with(Options { in_flight: 0, ..Options::default() }).await;
    let answer = house.get("/v1/roles").send().await;
    assert_eq!((answer.told(), answer.header("retry-after")), ((503, "busy"), "1"));
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(house.get(path).send().await.status, 200, "{path}");
    }
}
