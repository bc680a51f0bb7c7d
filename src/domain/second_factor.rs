//! The second factor: one code, one yes, for ever.

use mfa_ledger_projections::{Administrator, Throttle};
use mfa_ledger_schemas::bodies::{BackupCodeUsed, SecondFactorFailed, SecondFactorVerified};
use mfa_ledger_schemas::{
    AdministratorId, Event, Factor, FactorFailure, FactorUse, Instant, OtherEvent, RefusalCode, SessionId,
};
use mfa_ledger_wiped::SecretText;

use crate::evidence::TypedFactor;
use crate::{Case, Evidence, No, Question, Undecided, delay};

/// A second factor was good.
#[derive(Clone, Debug, PartialEq)]
pub enum Verified {
    Totp(SecondFactorVerified),
    BackupCode(BackupCodeUsed),
}

impl From<Verified> for Event {
    fn from(verified: Verified) -> Self {
        match verified {
            Verified::Totp(event) => event.into(),
            Verified::BackupCode(event) => event.into(),
        }
    }
}

impl TryFrom<Event> for Verified {
    type Error = OtherEvent;

    fn try_from(event: Event) -> Result<Self, OtherEvent> {
        if let Event::BackupCodeUsed(event) = event {
            return Ok(Self::BackupCode(event));
        }
        event.try_into().map(Self::Totp)
    }
}

/// What was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    Totp { step: u64 },
    BackupCode { index: u8 },
}

/// The session that a second factor is proved in, and how long it lasts from then on.
#[derive(Clone, Copy)]
pub(crate) struct InSession {
    pub id: SessionId,
    pub expires: Instant,
}

/// What is to be compared for an administrator who has enrolled.
pub(crate) fn question<'c>(
    case: &Case<'_>,
    administrator: Option<AdministratorId>,
    typed: &'c TypedFactor,
    used_for: FactorUse,
) -> Question<'c> {
    let known = administrator.and_then(|id| case.state().directory.administrator(id));
    let enrolled = known.and_then(|it| it.mfa.enrolled.as_ref().map(|enrolled| (it, enrolled)));
    let Some((it, enrolled)) = enrolled else { return Question::Nothing };
    let factor = typed.factor();
    if delay::wait(throttle(it, factor, used_for), case.now).is_some() || blocked(it, factor) {
        return Question::Nothing;
    }
    match typed {
        TypedFactor::Code(typed) => {
            Question::Totp { administrator: it.id, credential: enrolled.credential, typed }
        }
        TypedFactor::BackupCode(typed) => {
            Question::BackupCode { administrator: it.id, backup_codes: enrolled.backup_codes, typed }
        }
    }
}

/// What is to be compared to confirm the caller's enrollment.
pub(crate) fn question_of_pending<'c>(case: &Case<'_>, typed: &'c SecretText) -> Question<'c> {
    let own = case.own().and_then(|id| case.state().directory.administrator(id));
    let pending = own.and_then(|it| it.mfa.pending.as_ref().map(|pending| (it, pending.credential)));
    match pending {
        Some((it, credential)) if delay::wait(it.throttles.totp, case.now).is_none() => {
            Question::Totp { administrator: it.id, credential, typed }
        }
        Some(_) | None => Question::Nothing,
    }
}

/// Whether somebody's second factor is good, as an event of its own.
pub(crate) fn verify(
    case: &Case<'_>,
    target: &Administrator,
    factor: Factor,
    used_for: FactorUse,
    session: Option<InSession>,
    device_known: bool,
) -> Result<Verified, No> {
    let enrolled = target.mfa.enrolled.as_ref().ok_or(RefusalCode::MfaNotEnabled)?;
    let id = session.map(|session| session.id);
    let expires = session.map(|session| session.expires);
    Ok(match check(case, target, factor, used_for, id)? {
        Accepted::Totp { step } => Verified::Totp(SecondFactorVerified {
            administrator: target.id,
            credential: enrolled.credential,
            used_for,
            session: id,
            expires,
            step,
            device_known,
        }),
        Accepted::BackupCode { index } => Verified::BackupCode(BackupCodeUsed {
            administrator: target.id,
            backup_codes: enrolled.backup_codes,
            used_for,
            session: id,
            expires,
            index,
            left: u8::try_from(enrolled.unused.len().saturating_sub(1)).unwrap_or(u8::MAX),
            device_known,
        }),
    })
}

/// Whether the evidence is good now.
pub(crate) fn check(
    case: &Case<'_>,
    target: &Administrator,
    factor: Factor,
    used_for: FactorUse,
    session: Option<SessionId>,
) -> Result<Accepted, No> {
    let throttle = throttle(target, factor, used_for);
    let fail = |cause, throttle: Throttle, drift_steps| {
        Err(SecondFactorFailed {
            administrator: target.id,
            factor,
            used_for,
            session,
            cause,
            drift_steps,
            consecutive: throttle.consecutive,
            next_attempt: throttle.next_attempt,
            counts_apart: used_for == FactorUse::HostApplication,
        }
        .into())
    };
    if delay::wait(throttle, case.now).is_some() {
        return fail(FactorFailure::Throttled, throttle, None);
    }
    if blocked(target, factor) {
        return fail(FactorFailure::Blocked, throttle, None);
    }
    match judge(target, factor, case.evidence(), used_for)? {
        Verdict::Accepted(accepted) => Ok(accepted),
        // Tells a guesser nothing, and a double click must not lock anybody out: it does not count.
        Verdict::Replayed => fail(FactorFailure::Replayed, throttle, None),
        Verdict::Wrong { drift } => {
            fail(FactorFailure::WrongCode, delay::after_failure(throttle, case.now), drift)
        }
    }
}

/// What a host application gets wrong is counted apart, and only ever delays: a holder of its token keeps nobody out.
fn throttle(target: &Administrator, factor: Factor, used_for: FactorUse) -> Throttle {
    if used_for == FactorUse::HostApplication {
        target.throttles.host(factor)
    } else {
        target.throttles.factor(factor)
    }
}

enum Verdict {
    Accepted(Accepted),
    Replayed,
    Wrong { drift: Option<i32> },
}

/// Evidence about another secret than the one of now is gathered again.
fn judge(
    target: &Administrator,
    factor: Factor,
    evidence: Evidence,
    used_for: FactorUse,
) -> Result<Verdict, Undecided> {
    let enrolled = target.mfa.enrolled.as_ref();
    match (factor, evidence) {
        (Factor::Totp, Evidence::Totp { credential, step, drift }) => {
            // Single use goes by the seed: of one that waits for its first code, none was accepted yet.
            let (current, last_step) = if used_for == FactorUse::Enrollment {
                (target.mfa.pending.as_ref().map(|pending| pending.credential), None)
            } else {
                (enrolled.map(|enrolled| enrolled.credential), target.last_step)
            };
            if current != Some(credential) {
                return Err(Undecided::StaleEvidence);
            }
            Ok(match step {
                None => Verdict::Wrong { drift },
                Some(step) if last_step.is_some_and(|last| step <= last) => Verdict::Replayed,
                Some(step) => Verdict::Accepted(Accepted::Totp { step }),
            })
        }
        (Factor::BackupCode, Evidence::BackupCode { backup_codes, index }) => {
            let enrolled = enrolled.filter(|enrolled| enrolled.backup_codes == backup_codes);
            let enrolled = enrolled.ok_or(Undecided::StaleEvidence)?;
            Ok(match index {
                None => Verdict::Wrong { drift: None },
                Some(index) if enrolled.unused.contains(&index) => {
                    Verdict::Accepted(Accepted::BackupCode { index })
                }
                Some(_) => Verdict::Replayed,
            })
        }
        _ => Err(Undecided::StaleEvidence),
    }
}

fn blocked(target: &Administrator, factor: Factor) -> bool {
    target.mfa.enrolled.as_ref().is_some_and(|enrolled| {
        if factor == Factor::BackupCode { enrolled.backup_codes_blocked } else { enrolled.totp_blocked }
    })
}
