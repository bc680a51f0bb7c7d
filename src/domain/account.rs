//! Accounts: registration, changes, passwords, the end of access, erasure.

use mfa_ledger_projections::Administrator;
use mfa_ledger_schemas::record::Target;
use mfa_ledger_schemas::v1::{
    AdministratorChanged, AdministratorDeactivated, AdministratorReactivated, AdministratorRegistered,
    PasswordReset, PasswordSet, PersonalDataErased,
};
use mfa_ledger_schemas::{Event, Instant, Permission, RefusalCode, limits};
use zeroize::Zeroizing;

use super::case::{Case, No};
use super::command::{
    ChangeAdministrator, DeactivateAdministrator, ErasePersonalData, PasswordProof, ReactivateAdministrator,
    RegisterAdministrator, ResetPassword, SetPassword,
};
use super::{Caller, Undecided, delay};

/// The part of the system that may deactivate whoever does not enroll again after a reset.
pub const WATCHDOG: &str = "watchdog";

pub(super) fn register(case: &Case<'_>, command: &RegisterAdministrator) -> Result<Event, No> {
    case.require(Permission::ManageAdministrators)?;
    if command.super_administrator && !case.is_super() {
        return Err(RefusalCode::SuperAdminRequired.into());
    }
    let role = case.role(&command.role).ok_or(RefusalCode::RoleNotFound)?;
    case.require_own(role.permissions.iter().copied())?;
    if case.by_user_name(&command.user_name).is_some() {
        return Err(RefusalCode::UserNameTaken.into());
    }
    Ok(AdministratorRegistered {
        administrator: command.administrator,
        user_name: command.user_name.clone(),
        role: command.role.clone(),
        super_administrator: command.super_administrator,
        password: command.password,
        password_expires: generated_password_end(case),
        personal: command.personal.clone(),
    }
    .into())
}

/// The target of a registration, which the state before it does not know.
pub(super) fn registered(event: &Event) -> Option<Target> {
    let Event::AdministratorRegistered(event) = event else { return None };
    Some(Target {
        administrator: event.administrator,
        user_name: event.user_name.clone(),
        role: event.role.clone(),
        super_admin: event.super_administrator,
    })
}

pub(super) fn change(case: &Case<'_>, command: &ChangeAdministrator) -> Result<Event, No> {
    case.require(Permission::ManageAdministrators)?;
    let target = case.administrator(command.administrator)?;
    case.require_rank(target)?;
    if let Some(super_administrator) = command.super_administrator {
        if !case.is_super() {
            return Err(RefusalCode::SuperAdminRequired.into());
        }
        if !super_administrator && case.is_last_super_administrator(target) {
            return Err(RefusalCode::LastSuperAdmin.into());
        }
    }
    if let Some(user_name) = &command.user_name
        && case.by_user_name(user_name).is_some_and(|other| other.id != target.id)
    {
        return Err(RefusalCode::UserNameTaken.into());
    }
    Ok(AdministratorChanged {
        administrator: target.id,
        user_name: command.user_name.clone(),
        super_administrator: command.super_administrator,
        replaced: command.personal.as_ref().and(target.personal),
        personal: command.personal.clone(),
    }
    .into())
}

pub(super) fn deactivate(case: &Case<'_>, command: &DeactivateAdministrator) -> Result<Event, No> {
    let watchdog = matches!(case.caller(), Caller::System(WATCHDOG));
    if !watchdog {
        case.require(Permission::ManageAdministrators)?;
    }
    let target = case.administrator(command.administrator)?;
    if case.is_self(target.id) {
        return Err(RefusalCode::SelfDeactivation.into());
    }
    if watchdog {
        // By policy, and for one reason alone: it stands in for nobody's rank.
        require_open_reset(case, target)?;
    } else {
        case.require_rank(target)?;
    }
    if !target.active {
        return Err(RefusalCode::AdministratorInactive.into());
    }
    if case.is_last_super_administrator(target) {
        return Err(RefusalCode::LastSuperAdmin.into());
    }
    let sessions_ended = case.count_sessions(target, None);
    Ok(AdministratorDeactivated { administrator: target.id, sessions_ended, note: command.note.clone() }
        .into())
}

/// An account whose MFA was reset, and is still off.
fn require_open_reset(case: &Case<'_>, target: &Administrator) -> Result<(), No> {
    let open = target.mfa.enrolled.is_none() && case.state().resets.open_of(target.id).is_some();
    if open { Ok(()) } else { Err(RefusalCode::PermissionDenied.into()) }
}

pub(super) fn reactivate(case: &Case<'_>, command: &ReactivateAdministrator) -> Result<Event, No> {
    case.require(Permission::ManageAdministrators)?;
    let target = case.administrator(command.administrator)?;
    case.require_rank(target)?;
    if target.can_log_in() {
        return Err(RefusalCode::AlreadyActive.into());
    }
    let note = command.note.clone();
    Ok(AdministratorReactivated { administrator: target.id, was_frozen: target.frozen, note }.into())
}

pub(super) fn set_password(case: &Case<'_>, command: &SetPassword) -> Result<Event, No> {
    let acting = case.acting()?;
    let target = acting.administrator;
    // Otherwise an open session would be a place to guess passwords at full speed.
    let throttle = target.throttles.own_password;
    if let Some(next) = delay::wait(throttle, case.now) {
        return Err(No::Refused(RefusalCode::WrongPassword, Some(next)));
    }
    match command.current {
        PasswordProof::Compared { credential: Some(credential), fits }
            if credential == target.password.credential =>
        {
            if !fits {
                let failed = delay::after_failure(throttle, case.now);
                return Err(No::Refused(RefusalCode::WrongPassword, failed.next_attempt));
            }
        }
        _ => return Err(No::Undecided(Undecided::StaleEvidence)),
    }
    if !command.acceptable {
        return Err(RefusalCode::PasswordUnacceptable.into());
    }
    Ok(PasswordSet {
        administrator: target.id,
        password: command.password,
        replaced: target.password.credential,
        sessions_ended: case.count_sessions(target, Some(acting.session.id)),
    }
    .into())
}

pub(super) fn reset_password(case: &Case<'_>, command: &ResetPassword) -> Result<Event, No> {
    case.require(Permission::ManageAdministrators)?;
    let target = case.administrator(command.administrator)?;
    if case.is_self(target.id) {
        return Err(RefusalCode::SelfReset.into());
    }
    case.require_rank(target)?;
    // The new password is shown to whoever gives it: it opens everything that the target may do.
    let role = case.role(&target.role).map(|role| &role.permissions);
    case.require_own(role.into_iter().flatten().copied())?;
    if !target.active {
        return Err(RefusalCode::AdministratorInactive.into());
    }
    Ok(PasswordReset {
        administrator: target.id,
        password: command.password,
        replaced: target.password.credential,
        expires: generated_password_end(case),
        sessions_ended: case.count_sessions(target, None),
    }
    .into())
}

pub(super) fn erase(case: &Case<'_>, command: &ErasePersonalData) -> Result<Event, No> {
    case.require(Permission::ManageAdministrators)?;
    let target = case.administrator(command.administrator)?;
    case.require_rank(target)?;
    if target.active {
        return Err(RefusalCode::StillActive.into());
    }
    let annexes: Vec<_> = target.annexes.iter().copied().take(limits::ERASED_ANNEXES).collect();
    if annexes.is_empty() {
        return Err(RefusalCode::NothingToErase.into());
    }
    Ok(PersonalDataErased { administrator: target.id, annexes }.into())
}

fn generated_password_end(case: &Case<'_>) -> Instant {
    case.now.plus_hours(case.settings().generated_password_hours.into())
}

/// How long a password that a person chooses must be, in characters (NIST SP 800-63B-4, 3.1.1.2: 15 where it
/// may be the only factor).
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 15..=128;

/// Whether a chosen password keeps the rules: long enough, and not the user name over again.
pub fn password_is_acceptable(password: &str, user_name: &str) -> bool {
    // Twice the room: a String that grows leaves copies of the password behind.
    let mut lower = Zeroizing::new(String::with_capacity(password.len() * 2));
    lower.extend(password.chars().flat_map(char::to_lowercase));
    let name = user_name.to_lowercase();
    let in_names = if name.is_empty() { 0 } else { lower.matches(&name).count() * name.chars().count() };
    let mut letters = lower.chars();
    let first = letters.next();
    PASSWORD_CHARS.contains(&password.chars().count())
        && lower.chars().count() - in_names >= *PASSWORD_CHARS.start() / 2
        && letters.any(|letter| Some(letter) != first)
}
