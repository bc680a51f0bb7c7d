//! `GET /v1/settings`: what holds system-wide.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use mfa_ledger_api::settings::Settings;
use mfa_ledger_ledger::service::{Caller, Right, presets};
use mfa_ledger_schemas::Position;

use super::shown;
use crate::receipt::etag;
use crate::{App, Problem, Signed};

/// The settings; their `ETag` is what `If-Match` takes.
#[utoipa::path(
    get, path = "/v1/settings", tag = "settings",
    responses((
        status = 200, description = "All settings", body = Settings,
        headers(("etag" = String, description = "Their version")),
    )),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Settings>), Problem> {
    let (version, settings) = current(&app, &caller)?;
    Ok(([etag(version)], Json(settings)))
}

/// The settings, and their version.
pub(crate) fn current(app: &App, caller: &Caller) -> Result<(Position, Settings), Problem> {
    let (version, settings) = app.service.query(caller, Right::Signed, |state, _| {
        (state.directory.settings_version(), state.directory.settings().cloned())
    })?;
    Ok((version, shown(&settings.unwrap_or_else(presets::settings))))
}
