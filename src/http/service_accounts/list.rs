//! `GET /v1/service-accounts`: all of them, revoked ones included.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::service_accounts::ServiceAccount;
use mfa_ledger_ledger::service::Right;
use mfa_ledger_schemas::Permission;

use crate::cursor::ServiceAccountCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

const COLUMNS: &[&str] =
    &["id", "name", "scopes", "expires", "created_at", "created_by", "revoked", "suspended"];

list_params! {
    /// Which page.
    ids Wanted by ServiceAccountCursor
}

fn account(account: &mfa_ledger_projections::ServiceAccount) -> ServiceAccount {
    ServiceAccount {
        id: account.id,
        name: account.name.clone(),
        scopes: account.scopes.clone(),
        expires: account.expires,
        created_at: account.created_at,
        created_by: account.created_by.clone(),
        revoked: account.revoked,
        suspended: account.suspended,
    }
}

/// All service accounts, the oldest first, revoked ones included.
#[utoipa::path(
    get, path = "/v1/service-accounts", tag = "service accounts", params(Wanted),
    responses((
        status = 200, description = "A page of service accounts",
        content(
            (Page<ServiceAccount> = "application/json"),
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
    let right = Right::Permission(Permission::ManageSettings);
    let data: Vec<_> = app.service.query(&caller, right, |state, _| {
        let accounts = state.directory.service_accounts().filter(|it| page.is_behind(&it.id));
        accounts.take(page.most()).map(account).collect()
    })?;
    Ok(page.answer(&app, data, COLUMNS, |last| last.id))
}
