//! `PATCH /v1/administrators/{id}`: change an account, or give it another role.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::{AdministratorChange, AdministratorChanged};
use mfa_ledger_api::several::Several;
use mfa_ledger_api::text::{Name, UserName};
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use super::account;
use crate::receipt::{self, etag};
use crate::{App, Body, Meta, PathId, Problem, Signed};

/// Two commands share the address.
enum Change {
    Role(command::AssignRole),
    Account(command::ChangeAdministrator),
}

fn into_command(given: AdministratorChange, administrator: AdministratorId) -> Result<Change, Problem> {
    let AdministratorChange { user_name, display_name, emails, super_administrator, role } = given;
    let others =
        user_name.is_some() || display_name.is_some() || emails.is_some() || super_administrator.is_some();
    match (role, others) {
        (None, false) => Err(Problem::new("invalid-request").fault("#", "at least one change")),
        (Some(_), true) => Err(Problem::new("invalid-request")
            .fault("#/role", "the role alone: it is a command of its own, send two requests")),
        (Some(role), false) => Ok(Change::Role(command::AssignRole { administrator, role })),
        (None, true) => Ok(Change::Account(command::ChangeAdministrator {
            administrator,
            user_name: user_name.map(UserName::into_inner),
            super_administrator,
            display_name: display_name.map(Name::into_inner),
            emails: emails.map(Several::distinct),
        })),
    }
}

/// Change an account, or give it another role; with `If-Match` only as it was seen.
#[utoipa::path(
    patch, path = "/v1/administrators/{id}", tag = "administrators", request_body = AdministratorChange,
    params(("id" = AdministratorId, Path, description = "The administrator")),
    responses((status = 200, description = "Changed; the new version is the `ETag`", body = AdministratorChanged)),
)]
pub(crate) async fn change(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<AdministratorId>,
    meta: Meta,
    Body { value, bytes }: Body<AdministratorChange>,
) -> Result<(HeaderMap, Json<AdministratorChanged>), Problem> {
    let is_part = value.display_name.is_some() != value.emails.is_some();
    let command = into_command(value, id)?;
    // Who may not see the account is refused, on record.
    if is_part && account(&app, &caller, id).is_ok_and(|account| account.unreadable) {
        return Err(Problem::new("invalid-request")
            .fault("#", "the stored name and addresses cannot be read: give both display_name and emails"));
    }
    let receipt = match command {
        Change::Role(command) => meta.execute(&app, caller.clone(), &bytes, command).await?.receipt,
        Change::Account(command) => meta.execute(&app, caller.clone(), &bytes, command).await?.receipt,
    };
    let administrator = account(&app, &caller, id)?;
    let mut headers = receipt::headers(&receipt);
    headers.extend([etag(administrator.version)]);
    Ok((headers, Json(AdministratorChanged { administrator, receipt: receipt::of(&receipt) })))
}
