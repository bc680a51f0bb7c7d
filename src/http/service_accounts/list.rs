//! `GET /v1/service-accounts`: all of them, revoked ones included.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::service_accounts::ServiceAccount;
use mfa_ledger_ledger::service::Right;
use mfa_ledger_schemas::Permission;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::App;
use crate::cursor::{ServiceAccountCursor, behind};
use crate::list::{Format, answer, limit};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

const COLUMNS: &[&str] = &["id", "name", "scopes", "expires", "created_at", "created_by", "revoked"];

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
    after: Option<ServiceAccountCursor>,
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
    headers: HeaderMap,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit)?;
    let after = wanted.after.clone().map(|cursor| cursor.mark(&app)).transpose()?;
    let right = Right::Permission(Permission::ManageSettings);
    let data: Vec<_> = app.service.query(&caller, right, |state, _| {
        let accounts = state.directory.service_accounts();
        let behind = accounts.filter(|account| after.is_none_or(|after| account.id > after));
        behind.take(limit + 1).map(account).collect()
    })?;
    let page = Page::of(data, limit, |account| behind(&app, account.id));
    Ok(answer(Format::of(&headers), page, COLUMNS, &uri))
}
