//! `POST /console/log-out`.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::post;
use serde_json::json;

use crate::Console;
use crate::api::Trouble;
use crate::html::see_other;
use crate::visit::{LOG_IN, Visit};
use mfa_ledger_api::receipt::Receipt;

/// What the browser kept of the pages goes as well.
const CLEAR: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/log-out", post(log_out))
}

async fn log_out(visit: Visit) -> Result<Response, Trouble> {
    let answer = visit.api.command::<Receipt>(Method::DELETE, "/v1/session", "", &json!({})).await?;
    let mut response = see_other(&format!("{LOG_IN}?done=log_out"));
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    let (name, value) = CLEAR;
    response.headers_mut().insert(name, value);
    Ok(response)
}
