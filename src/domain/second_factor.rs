//! The second factor: one code, one yes, for ever.

use mfa_ledger_projections::{Administrator, Throttle};
use mfa_ledger_schemas::v1::{BackupCodeUsed, SecondFactorFailed, SecondFactorVerified};
use mfa_ledger_schemas::{
    Event, Factor, FactorFailure, FactorUse, Instant, RefusalCode, Scope, SessionId, SessionStage,
};

use super::case::{Case, No};
use super::command::{FactorProof, VerifyForHost, VerifySecondFactor};
use super::log_in::session_end;
use super::{Undecided, delay, policy};

/// What was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accepted {
    Totp { step: u64 },
    BackupCode { index: u8 },
}

pub(super) fn verify(case: &Case<'_>, command: &VerifySecondFactor) -> Result<Event, No> {
    let acting = case.acting_at(&[SessionStage::Verify, SessionStage::Done])?;
    let finishes = policy::stage(&case.state().directory, acting.session) == SessionStage::Verify;
    let used_for = if finishes { FactorUse::LogIn } else { FactorUse::StepUp };
    let target = acting.administrator;
    let expires = if finishes { session_end(case) } else { acting.session.expires };
    let known = target.knows(command.address.as_deref());
    let session = Some((acting.session.id, expires));
    prove(case, target, command.proof, used_for, session, known)
}

pub(super) fn verify_for_host(case: &Case<'_>, command: &VerifyForHost) -> Result<Event, No> {
    let super::Caller::ServiceAccount(_) = case.caller() else {
        return Err(RefusalCode::PermissionDenied.into());
    };
    case.require_or_scope(mfa_ledger_schemas::Permission::ManageSettings, Scope::VerifySecondFactor)?;
    let target = case.administrator(command.administrator)?;
    if !case.settings().mfa_available {
        return Err(RefusalCode::MfaNotAvailable.into());
    }
    if !target.can_log_in() {
        return Err(RefusalCode::AdministratorInactive.into());
    }
    prove(case, target, command.proof, FactorUse::HostApplication, None, true)
}

fn prove(
    case: &Case<'_>,
    target: &Administrator,
    proof: FactorProof,
    used_for: FactorUse,
    session: Option<(SessionId, Instant)>,
    device_known: bool,
) -> Result<Event, No> {
    let enrolled = target.mfa.enrolled.as_ref().ok_or(RefusalCode::MfaNotEnabled)?;
    let id = session.map(|(id, _)| id);
    let expires = session.map(|(_, expires)| expires);
    match check(case, target, proof, used_for, id)? {
        Err(failed) => Ok(failed.into()),
        Ok(Accepted::Totp { step }) => Ok(SecondFactorVerified {
            administrator: target.id,
            credential: enrolled.credential,
            used_for,
            session: id,
            expires,
            step,
            device_known,
        }
        .into()),
        Ok(Accepted::BackupCode { index }) => Ok(BackupCodeUsed {
            administrator: target.id,
            backup_codes: enrolled.backup_codes,
            used_for,
            session: id,
            expires,
            index,
            left: u8::try_from(enrolled.unused.len().saturating_sub(1)).unwrap_or(u8::MAX),
            device_known,
        }
        .into()),
    }
}

/// Whether the evidence is good now. The inner error is the event to record in its place.
pub(super) fn check(
    case: &Case<'_>,
    target: &Administrator,
    proof: FactorProof,
    used_for: FactorUse,
    session: Option<SessionId>,
) -> Result<Result<Accepted, SecondFactorFailed>, No> {
    let factor = match proof {
        FactorProof::NotLooked(factor) => factor,
        FactorProof::Totp { .. } => Factor::Totp,
        FactorProof::BackupCode { .. } => Factor::BackupCode,
    };
    let throttle = target.throttles.factor(factor);
    let fail = |cause, throttle: Throttle, drift_steps| {
        Ok(Err(SecondFactorFailed {
            administrator: target.id,
            factor,
            used_for,
            session,
            cause,
            drift_steps,
            consecutive: throttle.consecutive,
            next_attempt: throttle.next_attempt,
        }))
    };
    let failed = delay::after_failure(throttle, case.now);
    if delay::wait(throttle, case.now).is_some() {
        return fail(FactorFailure::Throttled, throttle, None);
    }
    if blocked(target, factor) {
        return fail(FactorFailure::Blocked, throttle, None);
    }
    match judge(target, proof, used_for)? {
        Verdict::Accepted(accepted) => Ok(Ok(accepted)),
        // Tells a guesser nothing, and a double click must not lock anybody out: it does not count.
        Verdict::Replayed => fail(FactorFailure::Replayed, throttle, None),
        Verdict::Wrong { drift } => fail(FactorFailure::WrongCode, failed, drift),
    }
}

enum Verdict {
    Accepted(Accepted),
    Replayed,
    Wrong { drift: Option<i32> },
}

fn judge(target: &Administrator, proof: FactorProof, used_for: FactorUse) -> Result<Verdict, No> {
    let stale = No::Undecided(Undecided::StaleEvidence);
    let enrolled = target.mfa.enrolled.as_ref();
    match proof {
        FactorProof::NotLooked(_) => Err(stale),
        FactorProof::Totp { credential, step, drift } => {
            let current = if used_for == FactorUse::Enrollment {
                target.mfa.pending.as_ref().map(|pending| pending.credential)
            } else {
                enrolled.map(|enrolled| enrolled.credential)
            };
            if current != Some(credential) {
                return Err(stale);
            }
            Ok(match step {
                None => Verdict::Wrong { drift },
                Some(step) if target.last_step.is_some_and(|last| step <= last) => Verdict::Replayed,
                Some(step) => Verdict::Accepted(Accepted::Totp { step }),
            })
        }
        FactorProof::BackupCode { backup_codes, index } => {
            let enrolled = enrolled.filter(|enrolled| enrolled.backup_codes == backup_codes).ok_or(stale)?;
            Ok(match index {
                None => Verdict::Wrong { drift: None },
                Some(index) if enrolled.unused.contains(&index) => {
                    Verdict::Accepted(Accepted::BackupCode { index })
                }
                Some(_) => Verdict::Replayed,
            })
        }
    }
}

fn blocked(target: &Administrator, factor: Factor) -> bool {
    target.mfa.enrolled.as_ref().is_some_and(|enrolled| {
        if factor == Factor::BackupCode { enrolled.backup_codes_blocked } else { enrolled.totp_blocked }
    })
}
