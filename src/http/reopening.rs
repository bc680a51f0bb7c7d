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
