//! `POST /v1/administrators/{id}/mfa/report-suspicious`: a suspicious request that nobody filed.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::reset_requests::{Suspicion, SuspicionReported};
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use crate::reset_requests::{into_parts, suspicion_reported};
use crate::{App, Body, Meta, PathId, Problem, Signed, receipt};

/// Report that somebody asked for this person's MFA to be reset, and that it looked like an attack.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/mfa/report-suspicious", tag = "resets", request_body = Suspicion,
    params(("id" = AdministratorId, Path, description = "The administrator whose MFA was asked for")),
    responses((status = 200, description = "Reported", body = SuspicionReported)),
)]
pub(crate) async fn report(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<AdministratorId>,
    meta: Meta,
    Body { value, bytes }: Body<Suspicion>,
) -> Result<(HeaderMap, Json<SuspicionReported>), Problem> {
    let (red_flags, description) = into_parts(value);
    let command = command::ReportSuspiciousRequest {
        administrator: Some(id),
        reset_request: None,
        red_flags,
        description,
    };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    Ok((receipt::headers(&done.receipt), Json(suspicion_reported(&done))))
}
