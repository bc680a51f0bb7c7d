//! One's own MFA: enroll, confirm, cancel, switch off, new backup codes.

use mfa_ledger_schemas::v1::{
    BackupCodesRegenerated, MfaDisabled, MfaEnabled, MfaEnrollmentCancelled, MfaEnrollmentStarted,
};
use mfa_ledger_schemas::{Event, Factor, FactorUse, RefusalCode, SessionStage};

use super::case::{Acting, Case, No};
use super::command::{ConfirmMfaEnrollment, DisableMfa, EnrollMfa, FactorProof, RegenerateBackupCodes};
use super::log_in::session_end;
use super::second_factor::{Accepted, check};

/// Codes in a set.
pub const BACKUP_CODES: u8 = 10;
/// So many left, or fewer, and the owner is warned.
pub const BACKUP_CODES_LOW: u8 = 3;

pub(super) fn enroll(case: &Case<'_>, command: &EnrollMfa) -> Result<Event, No> {
    let acting = enrolling(case)?;
    let target = acting.administrator;
    let minutes = case.settings().enrollment_minutes;
    Ok(MfaEnrollmentStarted {
        administrator: target.id,
        credential: command.credential,
        replaced: target.mfa.pending.as_ref().map(|pending| pending.credential),
        expires: case.now.plus_minutes(minutes.into()),
    }
    .into())
}

pub(super) fn confirm(case: &Case<'_>, command: &ConfirmMfaEnrollment) -> Result<Event, No> {
    let acting = enrolling(case)?;
    let target = acting.administrator;
    let pending = target.mfa.pending.as_ref().filter(|pending| pending.expires > case.now);
    let pending = pending.ok_or(RefusalCode::NoPendingEnrollment)?;
    let accepted = check(case, target, command.proof, FactorUse::Enrollment, Some(acting.session.id))?;
    match accepted {
        Err(failed) => Ok(failed.into()),
        Ok(Accepted::BackupCode { .. }) => Err(RefusalCode::NoPendingEnrollment.into()),
        Ok(Accepted::Totp { step }) => Ok(MfaEnabled {
            administrator: target.id,
            credential: pending.credential,
            step,
            backup_codes: command.backup_codes,
            backup_codes_count: BACKUP_CODES,
            session: acting.session.id,
            expires: session_end(case),
            sessions_ended: case.count_sessions(target, Some(acting.session.id)),
        }
        .into()),
    }
}

pub(super) fn cancel(case: &Case<'_>) -> Result<Event, No> {
    let acting = case.acting_at(&[SessionStage::Done, SessionStage::Enroll])?;
    let pending = acting.administrator.mfa.pending.as_ref().ok_or(RefusalCode::NoPendingEnrollment)?;
    Ok(MfaEnrollmentCancelled { administrator: acting.administrator.id, credential: pending.credential }
        .into())
}

pub(super) fn disable(case: &Case<'_>, command: &DisableMfa) -> Result<Event, No> {
    let acting = case.acting()?;
    let target = acting.administrator;
    let enrolled = target.mfa.enrolled.as_ref().ok_or(RefusalCode::MfaNotEnabled)?;
    if case.state().directory.mfa_required(target) {
        return Err(RefusalCode::MfaRequired.into());
    }
    let (factor, step) =
        match check(case, target, command.proof, FactorUse::Disable, Some(acting.session.id))? {
            Err(failed) => return Ok(failed.into()),
            Ok(Accepted::Totp { step }) => (Factor::Totp, Some(step)),
            Ok(Accepted::BackupCode { .. }) => (Factor::BackupCode, None),
        };
    Ok(MfaDisabled {
        administrator: target.id,
        credential: enrolled.credential,
        backup_codes: enrolled.backup_codes,
        backup_codes_left: u8::try_from(enrolled.unused.len()).unwrap_or(u8::MAX),
        factor,
        step,
        sessions_ended: case.count_sessions(target, Some(acting.session.id)),
    }
    .into())
}

pub(super) fn regenerate(case: &Case<'_>, command: &RegenerateBackupCodes) -> Result<Event, No> {
    let acting = case.acting()?;
    let target = acting.administrator;
    let enrolled = target.mfa.enrolled.as_ref().ok_or(RefusalCode::MfaNotEnabled)?;
    // A code of the old set does not buy a new set: whoever found the paper would keep access. It is not
    // looked at either, or the answer would tell a good code from a bad one without using it up.
    if matches!(command.proof, FactorProof::BackupCode { .. } | FactorProof::NotLooked(Factor::BackupCode)) {
        return Err(RefusalCode::NotVerified.into());
    }
    match check(case, target, command.proof, FactorUse::BackupCodes, Some(acting.session.id))? {
        Err(failed) => Ok(failed.into()),
        Ok(Accepted::BackupCode { .. }) => Err(RefusalCode::NotVerified.into()),
        Ok(Accepted::Totp { step }) => Ok(BackupCodesRegenerated {
            administrator: target.id,
            backup_codes: command.backup_codes,
            backup_codes_count: BACKUP_CODES,
            replaced: enrolled.backup_codes,
            replaced_left: u8::try_from(enrolled.unused.len()).unwrap_or(u8::MAX),
            step,
        }
        .into()),
    }
}

fn enrolling<'a>(case: &Case<'a>) -> Result<Acting<'a>, No> {
    let acting = case.acting_at(&[SessionStage::Done, SessionStage::Enroll])?;
    if !case.settings().mfa_available {
        return Err(RefusalCode::MfaNotAvailable.into());
    }
    if acting.administrator.mfa.enrolled.is_some() {
        return Err(RefusalCode::MfaAlreadyEnabled.into());
    }
    Ok(acting)
}
