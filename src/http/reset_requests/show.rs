//! `GET /v1/reset-requests/{id}`: one request.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::reset_requests::ResetRequestBody;
use mfa_ledger_ledger::service::Caller;
use mfa_ledger_schemas::ResetRequestId;

use super::{Filed, SEES_REQUESTS};
use crate::{App, PathId, Problem, Signed};

/// One request; a service account sees those that it filed itself.
#[utoipa::path(
    get, path = "/v1/reset-requests/{id}", tag = "resets",
    params(("id" = ResetRequestId, Path, description = "The request")),
    responses((status = 200, description = "The request", body = ResetRequestBody)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<ResetRequestId>,
) -> Result<Json<ResetRequestBody>, Problem> {
    let filed = app.service.query(&caller, SEES_REQUESTS, |state, now| {
        let request = state.directory.reset_request(id)?;
        let visible = match &caller {
            Caller::ServiceAccount(own) => request.requester.service_account == Some(*own),
            _ => true,
        };
        visible.then(|| Filed::of(state, request, now))
    })?;
    Ok(Json(filed.ok_or_else(|| Problem::new("not-found"))?.unseal(&app)))
}
