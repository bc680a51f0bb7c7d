//! What answers while the server has no files open: it lives, it is not ready, and everything else comes later.

use axum::Router;
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mfa_ledger_schemas::Position;

use super::health;
use super::problem::Problem;

/// Reopening takes about a second, and longer after a crash of a long log.
const RETRY_SECONDS: u64 = 2;

/// So that alerts on these numbers see the time without files too.
const METRICS: &str = "\
# HELP mfa_ledger_ready 1 while commands are taken.
# TYPE mfa_ledger_ready gauge
mfa_ledger_ready 0
# HELP mfa_ledger_log_writable 1 while records are taken.
# TYPE mfa_ledger_log_writable gauge
mfa_ledger_log_writable 0
# HELP mfa_ledger_vault_writable 1 while the vault can be written.
# TYPE mfa_ledger_vault_writable gauge
mfa_ledger_vault_writable 0
";

/// The whole API meanwhile; `position` is the last record that answers were true up to.
pub fn reopening(position: Position) -> Router {
    let ready = move |uri: Uri| async move {
        let verbose = uri.query().is_some_and(|query| query.starts_with("verbose"));
        health::reopening(position, verbose)
    };
    let metrics =
        || async { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], METRICS) };
    Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(|| async { Problem::new("reopening").retry_in(RETRY_SECONDS).into_response() })
        .layer(map_response(hardened))
}

async fn hardened(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str) -> (u16, Option<String>, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = reopening(Position(7)).oneshot(request).await.unwrap();
        let retry = response.headers().get(header::RETRY_AFTER).map(|it| it.to_str().unwrap().to_owned());
        let (status, body) =
            (response.status().as_u16(), to_bytes(response.into_body(), 10_000).await.unwrap());
        (status, retry, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn it_lives_is_not_ready_and_asks_for_everything_else_again() {
        assert_eq!(ask("/livez").await, (200, None, "ok".to_owned()));
        let (status, _, ready) = ask("/readyz").await;
        let ready: Value = serde_json::from_str(&ready).unwrap();
        assert_eq!((status, ready), (503, json!({"status": "unavailable", "position": 7, "head": null})));
        let (status, _, ready) = ask("/readyz?verbose").await;
        let ready: Value = serde_json::from_str(&ready).unwrap();
        assert_eq!((status, &ready["checks"][0]["name"]), (503, &json!("server")));
        assert!(ask("/metrics").await.2.contains("mfa_ledger_ready 0\n"));
        for path in ["/v1/administrators", "/console", "/nowhere"] {
            let (status, retry, problem) = ask(path).await;
            let problem: Value = serde_json::from_str(&problem).unwrap();
            assert_eq!((status, retry.as_deref(), &problem["code"]), (503, Some("2"), &json!("reopening")));
        }
    }
}
