//! Service accounts.

mod create;
mod resume;
mod revoke;

use mfa_ledger_projections::ServiceAccount;
use mfa_ledger_schemas::{Permission, RefusalCode, Scope, ServiceAccountId, StreamName};

use crate::{Case, No};

pub use create::CreateServiceAccount;
pub use resume::ResumeServiceAccount;
pub use revoke::RevokeServiceAccount;

fn unrevoked<'a>(case: &Case<'a>, id: ServiceAccountId) -> Result<&'a ServiceAccount, No> {
    case.note(StreamName::ServiceAccount(id));
    let account = case.state().directory.service_account(id).filter(|account| !account.revoked);
    account.ok_or(RefusalCode::ServiceAccountNotFound.into())
}

/// The permission that lets a person do what a scope lets a program do. To ask for a verdict on a second
/// factor is nobody's permission: it shows nothing and changes nothing but the counters.
fn behind(scope: Scope) -> Option<Permission> {
    match scope {
        Scope::ViewMfa | Scope::RequestReset => Some(Permission::ManageMfa),
        Scope::ViewActivity => Some(Permission::ViewActivity),
        Scope::ExportActivity => Some(Permission::ExportActivity),
        Scope::VerifySecondFactor | Scope::Unknown(_) => None,
    }
}
