//! `GET /v1/roles`: all roles.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::roles::RoleBody;
use mfa_ledger_ledger::service::Right;

use super::role_body;
use crate::cursor::RoleCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

const COLUMNS: &[&str] = &["id", "name", "permissions", "mfa_required"];

list_params! {
    /// Which page.
    ids Wanted by RoleCursor
}

/// All roles, by id.
#[utoipa::path(
    get, path = "/v1/roles", tag = "roles", params(Wanted),
    responses((
        status = 200, description = "A page of roles",
        content(
            (Page<RoleBody> = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        ),
    )),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    let data: Vec<_> = app.service.query(&caller, Right::Signed, |state, _| {
        let roles = state.directory.roles().filter(|role| page.is_behind(&role.id));
        roles.take(page.most()).map(role_body).collect()
    })?;
    Ok(page.answer(&app, data, COLUMNS, |last| last.id.clone()))
}
