//! `GET /v1/alerts/{id}`: one alert.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::alerts::AlertBody;
use mfa_ledger_schemas::AlertId;

use super::{Raised, SEES_ALERTS};
use crate::{App, PathId, Problem, Signed};

/// One alert.
#[utoipa::path(
    get, path = "/v1/alerts/{id}", tag = "alerts",
    params(("id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "The alert", body = AlertBody)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<AlertId>,
) -> Result<Json<AlertBody>, Problem> {
    let raised = app.service.query(&caller, SEES_ALERTS, |state, _| state.alerts.get(id).map(Raised::of))?;
    Ok(Json(raised.ok_or_else(|| Problem::new("not-found"))?.unseal(&app)))
}
