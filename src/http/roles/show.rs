//! `GET /v1/roles/{id}`: one role.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use mfa_ledger_api::roles::RoleBody;
use mfa_ledger_ledger::service::Right;
use mfa_ledger_schemas::{RefusalCode, RoleId};

use super::role_body;
use crate::receipt::etag;
use crate::{App, PathId, Problem, Signed};

/// One role; its `ETag` is what `If-Match` takes.
#[utoipa::path(
    get, path = "/v1/roles/{id}", tag = "roles",
    params(("id" = RoleId, Path, description = "The role")),
    responses((
        status = 200, description = "The role", body = RoleBody,
        headers(("etag" = String, description = "Its version")),
    )),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<RoleId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<RoleBody>), Problem> {
    let found = app.service.query(&caller, Right::Signed, |state, _| {
        state.directory.role(&id).map(|role| (role.version, role_body(role)))
    })?;
    let (version, role) = found.ok_or_else(|| Problem::code_of(RefusalCode::RoleNotFound))?;
    Ok(([etag(version)], Json(role)))
}
