//! `GET /v1/alerts/{id}/events`: the records behind an alert.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use mfa_ledger_api::activity::ActivityPage;
use mfa_ledger_ledger::service::{Found, READ, command};
use mfa_ledger_schemas::AlertId;

use super::SEES_ALERTS;
use crate::activity::form::Form;
use crate::activity::noted::noted;
use crate::{App, Meta, PathId, Problem, Signed};

/// The records behind an alert, the newest first, on one page.
///
/// Takes `view-activity` besides, and is recorded as reading.
#[utoipa::path(
    get, path = "/v1/alerts/{id}/events", tag = "alerts",
    params(("id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "The entries of the activity log", body = ActivityPage)),
)]
pub(crate) async fn events(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(id): PathId<AlertId>,
    uri: Uri,
) -> Result<Response, Problem> {
    let positions = app.service.query(&caller, SEES_ALERTS, |state, _| {
        state.alerts.get(id).map(|alert| alert.positions.iter().rev().copied().collect())
    })?;
    let positions = positions.ok_or_else(|| Problem::new("not-found"))?;
    let call = meta.call(&app, caller.clone(), &[], false);
    noted(&app, call, command::ReadActivity { query: format!("alert={id}"), right: READ }).await?;
    app.service.query(&caller, READ, |_, _| ())?;
    let found = Found { positions, has_more: false, looked_to: None, unsealed: false };
    Form::JSON.page(&app, &found, &uri).await
}
