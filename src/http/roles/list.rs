//! `GET /v1/roles`: all roles.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::roles::RoleBody;
use mfa_ledger_ledger::service::Right;
use mfa_ledger_schemas::RoleId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::role_body;
use crate::App;
use crate::cursor::{RoleCursor, behind};
use crate::list::{Format, answer, limit};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

const COLUMNS: &[&str] = &["id", "name", "permissions", "mfa_required"];

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Entries of a page, 1 to 1000; 100 when not given.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before, or the id of an entry.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<RoleCursor>,
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
    headers: HeaderMap,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit)?;
    let after = wanted.after.clone().map(|cursor| cursor.mark(&app)).transpose()?;
    let data: Vec<_> = app.service.query(&caller, Right::Signed, |state, _| {
        let behind = |id: &RoleId| after.as_ref().is_none_or(|after| id > after);
        let roles = state.directory.roles().filter(|role| behind(&role.id));
        roles.take(limit + 1).map(role_body).collect()
    })?;
    let page = Page::of(data, limit, |role| behind(&app, &role.id));
    Ok(answer(Format::of(&headers), page, COLUMNS, &uri))
}
