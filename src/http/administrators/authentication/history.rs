//! Log-ins and second factors, in words.

use mfa_ledger_api::authentication::LogInStep;
use mfa_ledger_ledger::service::ActivityRecord;
use mfa_ledger_schemas::bodies::SecondFactorFailed;
use mfa_ledger_schemas::{Event, Factor, FactorFailure, FactorUse, LogInFailure, SessionStage};

/// What belongs to the history: log-ins, second factors, and changes of what somebody logs in with.
pub(super) const ACTIONS: [&str; 17] = [
    "session.started",
    "session.failed",
    "second_factor.verified",
    "second_factor.failed",
    "backup_code.used",
    "password.set",
    "password.reset",
    "sessions.revoked",
    "mfa.enrollment_started",
    "mfa.enabled",
    "mfa.enrollment_cancelled",
    "mfa.disabled",
    "mfa.reset",
    "backup_codes.regenerated",
    "reset.repudiated",
    "administrator.deactivated",
    "administrator.reactivated",
];

pub(super) fn step(found: &ActivityRecord) -> LogInStep {
    let record = &found.record;
    let mut step = LogInStep {
        position: found.position,
        at: record.at,
        action: record.event.action().to_owned(),
        outcome: record.event.outcome(),
        cause: record.event.code().map(ToOwned::to_owned),
        actor: Some(record.actor.name.clone()).filter(|name| !name.is_empty()),
        address: record.origin.address.clone(),
        known_address: None,
        factor: None,
        used_for: None,
        consecutive: None,
        text: String::new(),
    };
    match &record.event {
        Event::SessionStarted(event) => step.known_address = Some(event.device_known),
        Event::LogInFailed(event) => {
            step.known_address = Some(event.device_known);
            step.consecutive = Some(event.consecutive);
        }
        Event::SecondFactorVerified(event) => {
            step.known_address = Some(event.device_known);
            (step.factor, step.used_for) = (Some(Factor::Totp), Some(event.used_for));
        }
        Event::BackupCodeUsed(event) => {
            step.known_address = Some(event.device_known);
            (step.factor, step.used_for) = (Some(Factor::BackupCode), Some(event.used_for));
        }
        Event::SecondFactorFailed(event) => {
            (step.factor, step.used_for) = (Some(event.factor), Some(event.used_for));
            step.consecutive = Some(event.consecutive);
        }
        _ => {}
    }
    step.text = text(&record.event);
    step
}

fn text(event: &Event) -> String {
    match event {
        Event::SessionStarted(event) => match event.stage {
            SessionStage::Verify => "The password fitted; the second factor was still to come.",
            SessionStage::Enroll => "The password fitted; MFA had to be enabled before anything else.",
            _ => "Logged in with the password alone.",
        }
        .to_owned(),
        Event::LogInFailed(event) => {
            format!("{} {} in a row.", log_in_failure(event.cause), event.consecutive)
        }
        Event::SecondFactorVerified(event) => {
            format!("A code of the app was accepted, {}.", used_for(event.used_for))
        }
        Event::BackupCodeUsed(event) => {
            format!("A backup code was accepted, {}; {} left.", used_for(event.used_for), event.left)
        }
        Event::SecondFactorFailed(event) => second_factor_failed(event),
        Event::PasswordSet(_) => "The password was changed.".to_owned(),
        Event::PasswordReset(_) => "A new password was generated.".to_owned(),
        Event::SessionsRevoked(_) => "All sessions were ended.".to_owned(),
        Event::MfaEnrollmentStarted(_) => "An enrollment was begun.".to_owned(),
        Event::MfaEnabled(_) => "MFA was enabled.".to_owned(),
        Event::MfaEnrollmentCancelled(_) => "The enrollment was given up.".to_owned(),
        Event::MfaDisabled(_) => "MFA was disabled.".to_owned(),
        Event::MfaReset(_) => "MFA was reset.".to_owned(),
        Event::BackupCodesRegenerated(_) => "New backup codes were made.".to_owned(),
        Event::ResetRepudiated(_) => "A reset was denied, and the account frozen.".to_owned(),
        Event::AdministratorDeactivated(_) => "The account was deactivated.".to_owned(),
        Event::AdministratorReactivated(_) => "The account was reactivated.".to_owned(),
        other => other.action().to_owned(),
    }
}

fn log_in_failure(cause: LogInFailure) -> &'static str {
    match cause {
        LogInFailure::WrongPassword => "The password did not fit.",
        LogInFailure::Inactive => "The password fitted, but the account is deactivated.",
        LogInFailure::Frozen => "The password fitted, but the account is frozen.",
        LogInFailure::PasswordExpired => "The generated password had run out.",
        LogInFailure::Throttled => "Too soon after earlier failures: the password was not looked at.",
        LogInFailure::Blocked => "Too many failures: no password is accepted.",
        _ => "The log-in failed.",
    }
}

fn second_factor_failed(event: &SecondFactorFailed) -> String {
    let factor = if event.factor == Factor::BackupCode { "A backup code" } else { "A code of the app" };
    let why = match event.cause {
        FactorFailure::WrongCode => "did not fit",
        FactorFailure::Replayed => "had been used before",
        FactorFailure::Throttled => "came too soon after earlier failures, and was not looked at",
        FactorFailure::Blocked => "was not looked at: too many failures",
        FactorFailure::Unknown(_) => "was refused",
    };
    let clock = match event.drift_steps {
        Some(steps) if steps < 0 => " The device's clock was slow.",
        Some(_) => " The device's clock was fast.",
        None => "",
    };
    format!("{factor} {why}, {}; {} in a row.{clock}", used_for(event.used_for), event.consecutive)
}

fn used_for(used: FactorUse) -> &'static str {
    match used {
        FactorUse::LogIn => "to log in",
        FactorUse::StepUp => "to confirm who is there",
        FactorUse::Enrollment => "to enable MFA",
        FactorUse::Disable => "to disable MFA",
        FactorUse::BackupCodes => "to make backup codes",
        FactorUse::HostApplication => "in another application",
        FactorUse::Unknown(_) => "for something else",
    }
}
