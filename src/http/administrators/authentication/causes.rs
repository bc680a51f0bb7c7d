//! What keeps somebody out, and what to try.

use mfa_ledger_api::administrators::DeviceClock;
use mfa_ledger_api::authentication::{Cause, CauseCode, LogInStep};
use mfa_ledger_projections::{Administrator, State};
use mfa_ledger_schemas::{Factor, FactorFailure, FactorUse, Instant, LogInFailure, MfaStatus, Outcome};

use super::words::{advice, detail};

/// So many backup codes in a row make a habit.
const HABIT: usize = 3;

fn cause(code: CauseCode) -> Cause {
    cause_until(code, None)
}

fn cause_until(code: CauseCode, until: Option<Instant>) -> Cause {
    let mut told = detail(code).to_owned();
    if let Some(until) = until {
        told = format!("{told} It is over at {until}.");
    }
    Cause { code, until, detail: told, advice: advice(code).to_owned() }
}

/// What the account itself says.
pub(super) fn of_account(state: &State, it: &Administrator, now: Instant) -> Vec<Cause> {
    let is_enrolled = it.mfa.status(now) == MfaStatus::Enabled;
    let plain = [
        (!it.active, CauseCode::Inactive),
        (it.frozen, CauseCode::Frozen),
        (state.directory.is_password_expired(it, now), CauseCode::PasswordExpired),
        (it.mfa.enrolled.as_ref().is_some_and(|it| it.unused.is_empty()), CauseCode::NoBackupCodes),
        (!is_enrolled && state.directory.mfa_required(it), CauseCode::EnrollmentDue),
        (!is_enrolled && it.last_reset.is_some() && it.can_log_in(), CauseCode::NotEnrolledAgain),
    ];
    let mut found: Vec<_> =
        plain.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| cause(code)).collect();
    let enrolled = it.mfa.enrolled.as_ref();
    let factors = [
        (
            it.throttles.password_known,
            it.password.blocked(true),
            CauseCode::PasswordBlocked,
            CauseCode::PasswordLocked,
        ),
        (
            it.throttles.password_unknown,
            it.password.blocked(false),
            CauseCode::PasswordBlockedElsewhere,
            CauseCode::PasswordLockedElsewhere,
        ),
        (
            it.throttles.totp,
            enrolled.is_some_and(|it| it.totp_blocked),
            CauseCode::AppBlocked,
            CauseCode::AppLocked,
        ),
        (
            it.throttles.backup_code,
            enrolled.is_some_and(|it| it.backup_codes_blocked),
            CauseCode::BackupCodesBlocked,
            CauseCode::BackupCodesLocked,
        ),
        (it.throttles.host_totp, false, CauseCode::HostApplicationLocked, CauseCode::HostApplicationLocked),
        (
            it.throttles.host_backup_code,
            false,
            CauseCode::HostApplicationLocked,
            CauseCode::HostApplicationLocked,
        ),
    ];
    for (throttle, is_blocked, blocked, locked) in factors {
        if is_blocked {
            found.push(cause(blocked));
        } else if let Some(until) = throttle.next_attempt.filter(|next| *next > now) {
            found.push(cause_until(locked, Some(until)));
        }
    }
    found
}

/// What a vault entry that cannot be read means; `name` is that of the security section.
pub(super) fn of_damage(name: &str) -> Option<Cause> {
    match name {
        "password" => Some(cause(CauseCode::PasswordDamaged)),
        "totp_seed" => Some(cause(CauseCode::AppDamaged)),
        "backup_codes" => Some(cause(CauseCode::BackupCodesDamaged)),
        // Nobody logs in with personal data.
        _ => None,
    }
}

pub(super) fn of_clock(clock: Option<&DeviceClock>) -> Option<Cause> {
    clock.map(|clock| Cause {
        detail: format!("By the last wrong code, {}.", clock.diagnosis),
        ..cause(CauseCode::DeviceClock)
    })
}

/// That a code or password was wrong is no news where it is said what is wrong with it, or that none is looked at.
pub(super) fn keep_the_clearest(found: &mut Vec<Cause>) {
    use CauseCode as C;
    let codes = [C::AppBlocked, C::AppLocked, C::BackupCodesBlocked, C::BackupCodesLocked, C::DeviceClock];
    let passwords =
        [C::PasswordBlocked, C::PasswordBlockedElsewhere, C::PasswordLocked, C::PasswordLockedElsewhere];
    for (dull, clearer) in [(C::WrongCode, &codes[..]), (C::WrongPassword, &passwords)] {
        if found.iter().any(|cause| clearer.contains(&cause.code)) {
            found.retain(|cause| cause.code != dull);
        }
    }
}

/// What the newest steps say, the newest first.
pub(super) fn of_history(steps: &[LogInStep]) -> Vec<Cause> {
    let newest_code = steps.iter().find(|step| step.factor.is_some());
    let accepted: Vec<_> = steps
        .iter()
        .filter(|step| step.outcome == Outcome::Success && step.used_for == Some(FactorUse::LogIn))
        .take(HABIT)
        .collect();
    let only_backup_codes =
        accepted.len() == HABIT && accepted.iter().all(|step| step.factor == Some(Factor::BackupCode));
    let is_last =
        |step: Option<&LogInStep>, cause: &str| step.is_some_and(|step| step.cause.as_deref() == Some(cause));
    // A password that fitted, or another obstacle, is said by the account.
    let newest_password = steps.iter().find(|step| step.action.starts_with("session."));
    let found = [
        (is_last(newest_code, FactorFailure::Replayed.name()), CauseCode::CodeUsedTwice),
        (is_last(newest_code, FactorFailure::WrongCode.name()), CauseCode::WrongCode),
        (is_last(newest_password, LogInFailure::WrongPassword.name()), CauseCode::WrongPassword),
        (only_backup_codes, CauseCode::BackupCodesInsteadOfApp),
    ];
    found.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| cause(code)).collect()
}
