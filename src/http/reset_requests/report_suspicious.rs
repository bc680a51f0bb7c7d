//! `POST /v1/reset-requests/{id}/report-suspicious`: a request that looks like an attack.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::reset_requests::{Suspicion, SuspicionReported};
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::ResetRequestId;

use super::{into_parts, suspicion_reported};
use crate::{App, Body, Meta, PathId, Problem, Signed, receipt};

/// Report a request that looks like an attack; it is closed.
#[utoipa::path(
    post, path = "/v1/reset-requests/{id}/report-suspicious", tag = "resets", request_body = Suspicion,
    params(("id" = ResetRequestId, Path, description = "The request")),
    responses((status = 200, description = "Reported, and the request is closed", body = SuspicionReported)),
)]
pub(crate) async fn report(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<ResetRequestId>,
    meta: Meta,
    Body { value, bytes }: Body<Suspicion>,
) -> Result<(HeaderMap, Json<SuspicionReported>), Problem> {
    let (red_flags, description) = into_parts(value);
    let command = command::ReportSuspiciousRequest {
        administrator: None,
        reset_request: Some(id),
        red_flags,
        description,
    };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    Ok((receipt::headers(&done.receipt), Json(suspicion_reported(&done))))
}
