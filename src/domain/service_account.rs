//! Service accounts.

use mfa_ledger_schemas::v1::{ServiceAccountCreated, ServiceAccountRevoked};
use mfa_ledger_schemas::{Event, Permission, RefusalCode, Scope, StreamName};

use super::case::{Case, No};
use super::command::{CreateServiceAccount, RevokeServiceAccount};

pub(super) fn create(case: &Case<'_>, command: &CreateServiceAccount) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    // A token is shown to whoever creates it: a scope is handed out like a permission.
    case.require_own(command.scopes.iter().filter_map(|scope| behind(*scope)))?;
    Ok(ServiceAccountCreated {
        service_account: command.service_account,
        name: command.name.clone(),
        scopes: command.scopes.iter().copied().collect(),
        expires: command.expires,
    }
    .into())
}

/// The permission that lets a person do what a scope lets a program do. To ask for a verdict on a second
/// factor is nobody's permission: it shows nothing and changes nothing but the counters.
fn behind(scope: Scope) -> Option<Permission> {
    match scope {
        Scope::ViewMfa | Scope::RequestReset => Some(Permission::ManageMfa),
        Scope::ViewActivity => Some(Permission::ViewActivity),
        Scope::ExportActivity => Some(Permission::ExportActivity),
        _ => None,
    }
}

pub(super) fn revoke(case: &Case<'_>, command: &RevokeServiceAccount) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    case.note(StreamName::ServiceAccount(command.service_account));
    let account = case.state().directory.service_account(command.service_account);
    let account = account.filter(|account| !account.revoked).ok_or(RefusalCode::ServiceAccountNotFound)?;
    Ok(ServiceAccountRevoked { service_account: account.id, name: account.name.clone() }.into())
}
