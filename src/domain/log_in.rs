//! Log in, log out, end sessions.

use mfa_ledger_schemas::v1::{LogInFailed, SessionEnded, SessionStarted, SessionsRevoked};
use mfa_ledger_schemas::{Event, Instant, LogInFailure, Permission, SessionStage, StreamName};

use mfa_ledger_projections::{Administrator, Throttle};

use super::case::{Case, No};
use super::command::{LogIn, PasswordProof, RevokeSessions};
use super::{Undecided, delay};

/// How long a session may wait for its second factor, in minutes.
pub const VERIFY_MINUTES: i64 = 10;

pub(super) fn log_in(case: &Case<'_>, command: &LogIn) -> Result<Event, No> {
    let address = command.address.as_deref();
    let Some(target) = case.by_user_name(&command.user_name) else {
        case.note(StreamName::Strangers);
        let throttle = case.state().directory.unknown_name(&command.name_hash);
        return fail_unknown(case, command, throttle);
    };
    let known = target.knows(address);
    let throttle = target.throttles.password(known);
    let fail = |cause: LogInFailure, throttle: Throttle| {
        Ok(LogInFailed {
            administrator: Some(target.id),
            unknown_name: None,
            cause,
            device_known: known,
            consecutive: throttle.consecutive,
            next_attempt: throttle.next_attempt,
        }
        .into())
    };
    if delay::wait(throttle, case.now).is_some() {
        return fail(LogInFailure::Throttled, throttle);
    }
    let PasswordProof::Compared { credential, fits } = command.proof else {
        return Err(No::Undecided(Undecided::StaleEvidence));
    };
    if credential != Some(target.password.credential) {
        return Err(No::Undecided(Undecided::StaleEvidence));
    }
    let failed = delay::after_failure(throttle, case.now);
    match obstacle(case, target, known, fits) {
        Some(obstacle) => fail(obstacle, failed),
        None => Ok(start(case, command, target, known)),
    }
}

/// Why a password that was looked at does not open a session. Whatever the reason, the caller hears the
/// same and the failure counts the same.
fn obstacle(case: &Case<'_>, target: &Administrator, known: bool, fits: bool) -> Option<LogInFailure> {
    let expired = target.password.expires.is_some_and(|end| end <= case.now);
    if target.password.blocked(known) {
        Some(LogInFailure::Blocked)
    } else if !fits {
        Some(LogInFailure::WrongPassword)
    } else if !target.active {
        Some(LogInFailure::Inactive)
    } else if target.frozen {
        Some(LogInFailure::Frozen)
    } else if expired && !case.is_last_super_administrator(target) {
        Some(LogInFailure::PasswordExpired)
    } else {
        None
    }
}

fn start(case: &Case<'_>, command: &LogIn, target: &Administrator, known: bool) -> Event {
    let settings = case.settings();
    case.role(&target.role);
    let stage = if settings.mfa_available && target.mfa.enrolled.is_some() {
        SessionStage::Verify
    } else if case.state().directory.mfa_required(target) {
        SessionStage::Enroll
    } else {
        SessionStage::Done
    };
    let expires = match stage {
        SessionStage::Verify => case.now.plus_minutes(VERIFY_MINUTES),
        _ => session_end(case),
    };
    SessionStarted {
        administrator: target.id,
        session: command.session,
        stage,
        expires,
        device_known: known,
        password_change_due: target.password.expires.is_some(),
    }
    .into()
}

pub(super) fn session_end(case: &Case<'_>) -> Instant {
    case.now.plus_hours(case.settings().session_hours.into())
}

fn fail_unknown(case: &Case<'_>, command: &LogIn, throttle: Throttle) -> Result<Event, No> {
    let (failure, throttle) = if delay::wait(throttle, case.now).is_some() {
        (LogInFailure::Throttled, throttle)
    } else if matches!(command.proof, PasswordProof::Compared { credential: None, .. }) {
        (LogInFailure::UnknownUser, delay::after_failure(throttle, case.now))
    } else {
        return Err(No::Undecided(Undecided::StaleEvidence));
    };
    Ok(LogInFailed {
        administrator: None,
        unknown_name: Some(command.name_hash.clone()),
        cause: failure,
        device_known: false,
        consecutive: throttle.consecutive,
        next_attempt: throttle.next_attempt,
    }
    .into())
}

pub(super) fn log_out(case: &Case<'_>) -> Result<Event, No> {
    let acting = case.acting_at(&[SessionStage::Done, SessionStage::Verify, SessionStage::Enroll])?;
    Ok(SessionEnded { administrator: acting.administrator.id, session: acting.session.id }.into())
}

pub(super) fn revoke_sessions(case: &Case<'_>, command: &RevokeSessions) -> Result<Event, No> {
    if case.is_self(command.administrator) {
        case.acting()?;
    } else {
        case.require(Permission::ManageAdministrators)?;
    }
    let target = case.administrator(command.administrator)?;
    case.require_rank(target)?;
    let sessions_ended = case.count_sessions(target, None);
    Ok(SessionsRevoked { administrator: target.id, sessions_ended }.into())
}
