//! `GET /v1/overview`: what needs attention.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::alerts::Stage;
use mfa_ledger_api::overview::Overview;
use mfa_ledger_api::reset_requests::RequestStage;
use mfa_ledger_schemas::MfaStatus;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{UNSEEN, unless};
use super::{App, ListQuery, Problem, Signed, administrators, alerts, reset_requests, resets};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(overview))
}

/// What needs attention, as far as the caller may see it: the first pages of four lists in one answer.
#[utoipa::path(
    get, path = "/v1/overview", tag = "overview",
    responses((status = 200, description = "The lists", body = Overview)),
)]
pub(crate) async fn overview(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<Overview>, Problem> {
    let all = ListQuery::first(resets::list::Wanted::default());
    let not_enabled = administrators::list::Wanted { mfa: Some(MfaStatus::NotEnabled), ..Default::default() };
    let not_enabled = ListQuery::first(not_enabled);
    let asked = reset_requests::list::Wanted { stage: Some(RequestStage::Open), ..Default::default() };
    let raised = alerts::list::Wanted { stage: Some(Stage::Open), ..Default::default() };
    let (asked, raised) = (ListQuery::first(asked), ListQuery::first(raised));
    let without_mfa = administrators::list::found(&app, &caller, &not_enabled, None);
    Ok(Json(Overview {
        resets: unless(&UNSEEN, resets::list::found(&app, &caller, &all))?,
        administrators_without_mfa: unless(&UNSEEN, without_mfa)?,
        open_reset_requests: unless(&UNSEEN, reset_requests::list::found(&app, &caller, &asked))?,
        open_alerts: unless(&UNSEEN, alerts::list::found(&app, &caller, &raised))?,
    }))
}
