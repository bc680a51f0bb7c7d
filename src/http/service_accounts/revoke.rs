//! `DELETE /v1/service-accounts/{id}`: its token does not work any more.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_schemas::ServiceAccountId;

use crate::http::App;
use crate::http::meta::Meta;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::receipt::Receipt;
use crate::http::signed::Signed;
use crate::service::Intent;

/// Revoke a service account: its token does not work any more.
#[utoipa::path(
    delete, path = "/v1/service-accounts/{id}", tag = "service accounts",
    params(("id" = ServiceAccountId, Path, description = "The service account")),
    responses((status = 200, description = "Revoked", body = Receipt)),
)]
pub(crate) async fn revoke(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(service_account): PathId<ServiceAccountId>,
) -> Result<(HeaderMap, Json<Receipt>), Problem> {
    let done = meta.execute(&app, caller, &[], Intent::RevokeServiceAccount { service_account }).await?;
    Ok((Receipt::headers(&done), Json(Receipt::of(&done))))
}
