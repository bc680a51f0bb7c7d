//! What only the operator of the machine does, who holds the log and its keys in hand anyway: it is recorded,
//! not asked for.

mod accept_loss;
mod accept_vault_loss;
mod record_restore;
mod rotate_signing_key;

use mfa_ledger_schemas::limits::ACCEPTED_LOSS_CHARS;
use mfa_ledger_schemas::{RefusalCode, StreamName};

use crate::{Caller, Case, No};

pub use accept_loss::AcceptLoss;
pub use accept_vault_loss::AcceptVaultLoss;
pub use record_restore::RecordRestore;
pub use rotate_signing_key::RotateSigningKey;

fn stream(case: &Case<'_>) -> Option<StreamName> {
    matches!(case.caller(), Caller::Operator(_)).then_some(StreamName::Ledger)
}

fn require_operator(case: &Case<'_>) -> Result<(), No> {
    match case.caller() {
        Caller::Operator(_) => Ok(()),
        Caller::Session { .. }
        | Caller::ServiceAccount(_)
        | Caller::System(_)
        | Caller::NoticeLink(_)
        | Caller::Anonymous => Err(RefusalCode::PermissionDenied.into()),
    }
}

fn require_reason(reason: &str) -> Result<(), No> {
    let given = (1..=ACCEPTED_LOSS_CHARS).contains(&reason.trim().chars().count());
    if given { Ok(()) } else { Err(RefusalCode::ReasonRequired.into()) }
}
