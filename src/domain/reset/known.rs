//! What the commands around a reset look up alike.

use mfa_ledger_projections::{Administrator, Reset, ResetRequest};
use mfa_ledger_schemas::{AdministratorId, Position, RefusalCode, ResetRequestId, StreamName};

use crate::{Case, No};

/// The target exists and is active.
pub(super) fn active<'a>(case: &Case<'a>, id: AdministratorId) -> Result<&'a Administrator, No> {
    let target = case.administrator(id)?;
    if target.active { Ok(target) } else { Err(RefusalCode::AdministratorInactive.into()) }
}

/// The target is active, is not the caller, and is not above the caller.
pub(super) fn resettable<'a>(case: &Case<'a>, id: AdministratorId) -> Result<&'a Administrator, No> {
    let target = active(case, id)?;
    if case.is_self(target.id) {
        return Err(RefusalCode::SelfReset.into());
    }
    // Somebody denied a reset: what froze the account is not undone by the next one.
    if target.frozen {
        return Err(RefusalCode::AdministratorFrozen.into());
    }
    case.require_rank(target)?;
    Ok(target)
}

/// A request that can still lead to a reset, and so can still be stopped: an approved one too.
pub(super) fn live_request<'a>(case: &Case<'a>, id: ResetRequestId) -> Result<&'a ResetRequest, No> {
    let request = case.state().directory.reset_request(id).ok_or(RefusalCode::ResetRequestNotFound)?;
    case.note(StreamName::Administrator(request.target));
    if request.is_live(case.now) { Ok(request) } else { Err(RefusalCode::ResetRequestClosed.into()) }
}

/// Whether somebody has what they may do from another, or can be acted as by them, over any steps. It rests on everybody in
/// between.
fn depends(case: &Case<'_>, it: &Administrator, on: &Administrator) -> bool {
    let above = case.state().directory.above(it, case.now);
    for id in &above {
        case.note(StreamName::Administrator(*id));
    }
    above.contains(&on.id)
}

/// Of two people who act together, neither made the other's account, promoted it, or can act as the other, also through
/// others.
pub(super) fn require_independent(
    case: &Case<'_>,
    one: &Administrator,
    other: &Administrator,
) -> Result<(), No> {
    if one.id == other.id || depends(case, one, other) || depends(case, other, one) {
        return Err(RefusalCode::ApproverNotIndependent.into());
    }
    Ok(())
}

/// Whether somebody may put right what a party did: they are not the party, do not depend on them, and have not made them.
/// Super administrators register everybody, and may.
pub(crate) fn is_free_of(case: &Case<'_>, it: &Administrator, party: &Administrator) -> bool {
    let made_it = !it.super_administrator && depends(case, party, it);
    it.id != party.id && !depends(case, it, party) && !made_it
}

/// A reset by its position.
pub(super) fn known_reset<'a>(case: &Case<'a>, position: Position) -> Result<&'a Reset, No> {
    let reset = case.state().resets.at(position).ok_or(RefusalCode::ResetNotFound)?;
    case.note(StreamName::Administrator(reset.target.administrator));
    Ok(reset)
}

/// Whom a request is about.
pub(super) fn target_of_request(case: &Case<'_>, id: ResetRequestId) -> Option<AdministratorId> {
    case.state().directory.reset_request(id).map(|request| request.target)
}

/// Whom a reset was about.
pub(super) fn target_of_reset(case: &Case<'_>, position: Position) -> Option<AdministratorId> {
    case.state().resets.at(position).map(|reset| reset.target.administrator)
}
