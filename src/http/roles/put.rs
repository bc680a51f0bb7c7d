//! `PUT /v1/roles/{id}`: define a role, or change it.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::roles::{Defined, RoleBody, RoleDefinition};
use mfa_ledger_ledger::service::command::DefineRole;
use mfa_ledger_schemas::RoleId;

use crate::receipt::{self, etag};
use crate::{App, Body, Meta, PathId, Problem, Signed};

/// Define a role, or change it.
///
/// Nobody hands out a permission that they do not hold themselves.
#[utoipa::path(
    put, path = "/v1/roles/{id}", tag = "roles",
    request_body = RoleDefinition,
    params(
        ("id" = RoleId, Path, description = "The role"),
        (
            "if-match" = Option<String>, Header, nullable = false, pattern = "^(\"[0-9]{1,18}\"|[*])$",
            description = "The version that the caller saw",
        ),
    ),
    responses((
        status = 200, description = "Defined", body = Defined,
        headers(("etag" = String, description = "Its version")),
    )),
)]
pub(crate) async fn put(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(id): PathId<RoleId>,
    Body { value, bytes }: Body<RoleDefinition>,
) -> Result<(HeaderMap, Json<Defined>), Problem> {
    let role = DefineRole {
        role: id.clone(),
        name: value.name.into_inner(),
        permissions: value.permissions,
        mfa_required: value.mfa_required,
    };
    let shown = RoleBody {
        id,
        name: role.name.clone(),
        permissions: role.permissions.clone(),
        mfa_required: role.mfa_required,
    };
    let done = meta.execute(&app, caller, &bytes, role).await?;
    let mut headers = receipt::headers(&done.receipt);
    headers.extend([etag(done.receipt.position)]);
    Ok((headers, Json(Defined { role: shown, receipt: receipt::of(&done.receipt) })))
}
