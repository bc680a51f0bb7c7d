//! `GET /v1/rules/{id}`: one rule, with its file.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::rules::RuleShown;
use mfa_ledger_schemas::RuleId;

use super::{in_force, rule_body};
use crate::alerts::SEES_ALERTS;
use crate::{App, PathId, Problem, Signed};

/// One rule, with its file.
#[utoipa::path(
    get, path = "/v1/rules/{id}", tag = "alerts",
    params(("id" = String, Path, description = "The name of the rule", pattern = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")),
    responses((status = 200, description = "The rule", body = RuleShown)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<RuleId>,
) -> Result<Json<RuleShown>, Problem> {
    app.service.query(&caller, SEES_ALERTS, |_, _| ())?;
    let rule = in_force(&app, &id).ok_or_else(|| Problem::new("not-found"))?;
    Ok(Json(RuleShown { rule: rule_body(rule), text: rule.text.to_string() }))
}
