//! Why somebody cannot log in: what keeps them out, and what happened lately.

use mfa_ledger_schemas::{AdministratorId, Factor, FactorUse, Instant, MfaStatus, Outcome, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::administrators::{DeviceClock, FactorState};

/// What an administrator logs in with, what keeps them from it, and what happened lately.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Authentication {
    pub administrator: AdministratorId,
    pub user_name: String,
    /// What keeps them out or makes it hard, the worst first. With none, the right password and code open the account.
    pub causes: Vec<Cause>,
    pub password: PasswordState,
    pub status: MfaStatus,
    /// Whether MFA is required, by role or of everybody.
    pub mfa_required: bool,
    pub totp: FactorState,
    pub backup_code: FactorState,
    pub backup_codes_left: Option<u8>,
    /// What the last wrong code says about the clock of the device; `null` when nothing is wrong with it.
    pub device_clock: Option<DeviceClock>,
    pub last_log_in: Option<Instant>,
    /// The newest log-ins, second factors, and changes of what somebody logs in with, fifty at most, the newest first.
    pub history: Vec<LogInStep>,
    /// Whether there is older history.
    pub has_more: bool,
}

/// A password in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PasswordState {
    pub set_at: Instant,
    /// From when on a generated password is refused; `null` for a chosen one.
    pub expires: Option<Instant>,
    /// Failures from addresses of finished log-ins.
    pub known_addresses: FactorState,
    /// Failures from anywhere else.
    pub other_addresses: FactorState,
}

/// Something that keeps somebody out, or makes it hard.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Cause {
    pub code: CauseCode,
    /// When it is over by itself.
    pub until: Option<Instant>,
    /// The same in words.
    pub detail: String,
    /// What to try.
    pub advice: String,
}

/// What can keep somebody out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseCode {
    /// The account is deactivated.
    Inactive,
    /// The account is frozen after a denied reset.
    Frozen,
    /// The stored password is damaged.
    PasswordDamaged,
    /// The generated password was not changed in time.
    PasswordExpired,
    /// Too many wrong passwords from addresses of finished log-ins.
    PasswordBlocked,
    /// The same from anywhere else.
    PasswordBlockedElsewhere,
    /// No password is looked at for a while.
    PasswordLocked,
    /// The same from anywhere else.
    PasswordLockedElsewhere,
    /// The stored secret of the authenticator app is damaged.
    AppDamaged,
    /// Too many wrong codes of the app.
    AppBlocked,
    /// No code of the app is looked at for a while.
    AppLocked,
    /// The stored backup codes are damaged.
    BackupCodesDamaged,
    /// Too many wrong backup codes.
    BackupCodesBlocked,
    /// No backup code is looked at for a while.
    BackupCodesLocked,
    /// No code is looked at for a host application for a while.
    HostApplicationLocked,
    /// The clock of the device is wrong.
    DeviceClock,
    /// The last code was one that had been used.
    CodeUsedTwice,
    /// The last code did not fit.
    WrongCode,
    /// The last passwords did not fit.
    WrongPassword,
    /// The last second factors were all backup codes.
    BackupCodesInsteadOfApp,
    /// No backup code is left.
    NoBackupCodes,
    /// MFA is required and not enabled: the next log-in leads to the enrollment.
    EnrollmentDue,
    /// MFA was reset and not enabled again: the password alone opens the account.
    NotEnrolledAgain,
}

impl CauseCode {
    /// As answers name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Frozen => "frozen",
            Self::PasswordDamaged => "password_damaged",
            Self::PasswordExpired => "password_expired",
            Self::PasswordBlocked => "password_blocked",
            Self::PasswordBlockedElsewhere => "password_blocked_elsewhere",
            Self::PasswordLocked => "password_locked",
            Self::PasswordLockedElsewhere => "password_locked_elsewhere",
            Self::AppDamaged => "app_damaged",
            Self::AppBlocked => "app_blocked",
            Self::AppLocked => "app_locked",
            Self::BackupCodesDamaged => "backup_codes_damaged",
            Self::BackupCodesBlocked => "backup_codes_blocked",
            Self::BackupCodesLocked => "backup_codes_locked",
            Self::HostApplicationLocked => "host_application_locked",
            Self::DeviceClock => "device_clock",
            Self::CodeUsedTwice => "code_used_twice",
            Self::WrongCode => "wrong_code",
            Self::WrongPassword => "wrong_password",
            Self::BackupCodesInsteadOfApp => "backup_codes_instead_of_app",
            Self::NoBackupCodes => "no_backup_codes",
            Self::EnrollmentDue => "enrollment_due",
            Self::NotEnrolledAgain => "not_enrolled_again",
        }
    }
}

/// A log-in, a second factor, or a change of what somebody logs in with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LogInStep {
    /// The record, in the log.
    pub position: Position,
    pub at: Instant,
    /// The action, as the activity log names it.
    pub action: String,
    pub outcome: Outcome,
    /// Why it failed.
    pub cause: Option<String>,
    /// Who did it: the person, or somebody else; `null` where nobody is known.
    pub actor: Option<String>,
    /// The caller's address.
    pub address: Option<String>,
    /// Whether a finished log-in of this person had come from that address before.
    pub known_address: Option<bool>,
    pub factor: Option<Factor>,
    /// What the second factor was for.
    pub used_for: Option<FactorUse>,
    /// Failures in a row, this one counted.
    pub consecutive: Option<u32>,
    /// What happened, in words.
    pub text: String,
}
