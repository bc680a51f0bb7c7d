//! One's own MFA: enroll, confirm, cancel, disable, new backup codes.

mod cancel;
mod confirm;
mod disable;
mod enroll;
mod regenerate;

use mfa_ledger_schemas::{RefusalCode, SessionStage};

use crate::case::Acting;
use crate::{Case, No};

pub use cancel::CancelMfaEnrollment;
pub use confirm::ConfirmMfaEnrollment;
pub use disable::DisableMfa;
pub use enroll::EnrollMfa;
pub use regenerate::RegenerateBackupCodes;

/// Codes in a set.
pub const BACKUP_CODES: u8 = 10;
/// So many left, or fewer, and the owner is warned.
pub const BACKUP_CODES_LOW: u8 = 3;

/// The caller, who may enroll and has not.
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
