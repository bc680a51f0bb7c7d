//! `GET /v1/rules`: the rules in force.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::rules::RuleList;

use super::rule_body;
use crate::alerts::SEES_ALERTS;
use crate::{App, Problem, Signed};

/// The rules in force, by name.
#[utoipa::path(
    get, path = "/v1/rules", tag = "alerts",
    responses((status = 200, description = "All rules", body = RuleList)),
)]
pub(crate) async fn list(State(app): State<App>, Signed(caller): Signed) -> Result<Json<RuleList>, Problem> {
    app.service.query(&caller, SEES_ALERTS, |_, _| ())?;
    let rules = app.options.rules.as_ref();
    let data = rules.iter().flat_map(|it| it.all()).map(|rule| rule_body(rule)).collect();
    Ok(Json(RuleList { data, filters: rules.map_or(0, |it| it.filters()) }))
}
