//! `GET /v1/administrators/{id}`: one account.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use mfa_ledger_schemas::AdministratorId;

use super::{AdministratorBody, account};
use crate::http::App;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::receipt::etag;
use crate::http::signed::Signed;

/// One account; everybody sees their own.
#[utoipa::path(
    get, path = "/v1/administrators/{id}", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    responses((status = 200, description = "The account; its version is the `ETag`", body = AdministratorBody)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<AdministratorId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<AdministratorBody>), Problem> {
    let body = account(&app, &caller, id)?;
    Ok(([etag(body.version)], Json(body)))
}
