//! `GET /readyz`: whether commands can be carried out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::health::{Readiness, Status};
use mfa_ledger_projections::State as Fold;
use mfa_ledger_schemas::Position;
use serde::Deserialize;
use utoipa::IntoParams;

use super::checks::checks;
use crate::{App, Params, Problem};

/// How much is told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Each check by itself, too; the value does not matter.
    // A list, since a parameter without a value would be none at all.
    #[param(value_type = String, required = false)]
    verbose: Vec<String>,
}

/// Whether commands can be carried out.
///
/// Why not stands in the server's own log: this page is open to everybody.
#[utoipa::path(
    get, path = "/readyz", tag = "health", security(()), params(Wanted),
    responses(
        (status = 200, description = "Ready, or degraded", body = Readiness),
        (
            status = 503,
            description = "A command would fail: the log or the vault cannot be written or hangs, the disk has too little room, or the projection has stopped",
            body = Readiness,
        ),
    ),
)]
pub(crate) async fn ready(
    State(app): State<App>,
    Params(wanted): Params<Wanted>,
) -> Result<(StatusCode, Json<Readiness>), Problem> {
    let mut ready = readiness(&app).await;
    let is_unavailable = ready.status == Status::Unavailable;
    let code = if is_unavailable { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    if wanted.verbose.is_empty() {
        ready.checks.clear();
    }
    Ok((code, Json(ready)))
}

/// How the server fares, with each check.
pub(crate) async fn readiness(app: &App) -> Readiness {
    let position = app.service.peek(Fold::position);
    let head = app.service.head().await.ok();
    let checks = checks(app, position, head);
    let status = checks.iter().map(|check| check.status).max().unwrap_or(Status::Ready);
    Readiness { status, position, head, checks }
}

/// What `/readyz` says while no files are open: the last position that was folded, and why.
pub(crate) fn reopening(position: Position, verbose: bool) -> Response {
    let checks = if verbose { vec![super::checks::reopening()] } else { Vec::new() };
    let readiness = Readiness { status: Status::Unavailable, position, head: None, checks };
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(readiness)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
