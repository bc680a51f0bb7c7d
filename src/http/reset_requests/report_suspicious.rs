//! `POST /v1/reset-requests/{id}/report-suspicious`: a request that looks like an attack.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_schemas::ResetRequestId;

use super::{Suspicion, SuspicionReported};
use crate::http::App;
use crate::http::body::Body;
use crate::http::meta::Meta;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::receipt::Receipt;
use crate::http::signed::Signed;
use crate::service::Intent;

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
    let (red_flags, description) = value.into_parts();
    let intent = Intent::ReportSuspiciousRequest {
        administrator: None,
        reset_request: Some(id),
        red_flags,
        description,
    };
    let done = meta.execute(&app, caller, &bytes, intent).await?;
    Ok((Receipt::headers(&done), Json(SuspicionReported::of(&done)?)))
}
