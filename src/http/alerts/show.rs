//! `GET /v1/alerts/{id}`: one alert, and its rule.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::alerts::AlertShown;
use mfa_ledger_schemas::AlertId;

use super::{Raised, SEES_ALERTS};
use crate::administrators::named;
use crate::rules::{in_force, rule_body};
use crate::{App, PathId, Problem, Signed};

/// One alert, and its rule.
#[utoipa::path(
    get, path = "/v1/alerts/{id}", tag = "alerts",
    params(("id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "The alert", body = AlertShown)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<AlertId>,
) -> Result<Json<AlertShown>, Problem> {
    let raised = app.service.query(&caller, SEES_ALERTS, |state, now| {
        state.alerts.get(id).map(|alert| Raised::of(alert, &named(state, &caller, now)))
    })?;
    let alert = raised.ok_or_else(|| Problem::new("not-found"))?.unseal(&app);
    // The right to see alerts includes the rules.
    let rule_in_force = in_force(&app, &alert.rule).map(rule_body);
    Ok(Json(AlertShown { alert, rule_in_force }))
}
