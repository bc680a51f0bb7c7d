//! `POST /v1/service-accounts/{id}/resume`: its token works again.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::ServiceAccountId;

use crate::{App, Meta, PathId, Problem, Signed, receipt};

/// Let a service account work again that was suspended when the log was restored. Make sure first that nobody had revoked
/// it since the backup.
#[utoipa::path(
    post, path = "/v1/service-accounts/{id}/resume", tag = "service accounts",
    params(("id" = ServiceAccountId, Path, description = "The service account")),
    responses((status = 200, description = "Resumed", body = Receipt)),
)]
pub(crate) async fn resume(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(service_account): PathId<ServiceAccountId>,
) -> Result<(HeaderMap, Json<Receipt>), Problem> {
    let done = meta.execute(&app, caller, &[], command::ResumeServiceAccount { service_account }).await?;
    Ok((receipt::headers(&done.receipt), Json(receipt::of(&done.receipt))))
}
