//! `GET /v1/permissions`: what a role can allow.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::roles::PermissionBody;
use mfa_ledger_ledger::service::Right;
use mfa_ledger_schemas::Permission;

use crate::list::{Format, answer};
use crate::{App, Problem, Signed};

const COLUMNS: &[&str] = &["name", "display_name", "category"];

/// All permissions there are.
#[utoipa::path(
    get, path = "/v1/permissions", tag = "roles",
    responses((
        status = 200, description = "All of them, on one page",
        content(
            (Page<PermissionBody> = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        ),
    )),
)]
pub(crate) async fn permissions(
    State(app): State<App>,
    Signed(caller): Signed,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    app.service.query(&caller, Right::Signed, |_, _| ())?;
    let all = Permission::ALL.iter().map(|permission| PermissionBody {
        name: *permission,
        display_name: permission.display_name().into(),
        category: permission.category().into(),
    });
    let page = Page { data: all.collect(), has_more: false, next: None };
    Ok(answer(Format::of(&headers), page, COLUMNS, &uri))
}
