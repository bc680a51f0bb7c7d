//! `POST /console/log-out`.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::response::Response;
use axum::routing::post;
use mfa_ledger_api::receipt::Receipt;
use serde_json::json;

use crate::visit::LOG_IN;
use crate::{Command, Console, Trouble, Visit, see_other};

/// What the browser kept of the pages goes as well.
const CLEAR: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/log-out", post(log_out))
}

async fn log_out(visit: Visit) -> Result<Response, Trouble> {
    let command = Command::new(Method::DELETE, "/v1/session", "", &json!({}))?;
    let answer = visit.api.command::<Receipt>(command).await?;
    let mut response = answer.with_cookies(see_other(&format!("{LOG_IN}?done=log_out")));
    let (name, value) = CLEAR;
    response.headers_mut().insert(name, value);
    Ok(response)
}
