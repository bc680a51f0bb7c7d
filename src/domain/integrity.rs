//! What only the operator of the machine does, who holds the log and its keys in hand anyway: it is recorded,
//! not asked for.

use mfa_ledger_schemas::limits::ACCEPTED_LOSS_CHARS;
use mfa_ledger_schemas::v1::{LossAccepted, SigningKeyRotated, VaultLossAccepted};
use mfa_ledger_schemas::{Event, RefusalCode};

use super::Caller;
use super::case::{Case, No};

pub(super) fn accept_loss(case: &Case<'_>, loss: &LossAccepted) -> Result<Event, No> {
    require_operator(case)?;
    let chars = loss.reason.trim().chars().count();
    if !(1..=ACCEPTED_LOSS_CHARS).contains(&chars) {
        return Err(RefusalCode::ReasonRequired.into());
    }
    Ok(loss.clone().into())
}

pub(super) fn accept_vault_loss(case: &Case<'_>, loss: &VaultLossAccepted) -> Result<Event, No> {
    require_operator(case)?;
    let chars = loss.reason.trim().chars().count();
    if !(1..=ACCEPTED_LOSS_CHARS).contains(&chars) {
        return Err(RefusalCode::ReasonRequired.into());
    }
    Ok(loss.clone().into())
}

pub(super) fn rotate_signing_key(case: &Case<'_>, rotated: &SigningKeyRotated) -> Result<Event, No> {
    require_operator(case)?;
    Ok(rotated.clone().into())
}

fn require_operator(case: &Case<'_>) -> Result<(), No> {
    match case.caller() {
        Caller::Operator(_) => Ok(()),
        _ => Err(RefusalCode::PermissionDenied.into()),
    }
}
