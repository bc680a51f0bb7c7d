//! The caller's own account.

use std::borrow::Cow;

use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::{AdministratorId, Instant, MfaStatus, Permission, SessionId, SessionStage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::administrators::{LastUsed, RoleName};
use crate::receipt::Receipt;
use crate::text::Typed;

/// The new codes; the old ones are gone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewBackupCodes {
    #[serde(flatten)]
    pub codes: BackupCodes,
    /// How many unused old ones were made invalid.
    pub replaced: u8,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// MFA is off.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnMfaDisabled {
    pub status: MfaStatus,
    /// How many other sessions ended.
    pub sessions_ended: u32,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A secret for the authenticator app, in three forms. A repeated answer shows it until it is confirmed or
/// given up; the three are `null` then.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EnrollmentBegun {
    pub status: MfaStatus,
    /// To be confirmed before this moment.
    pub expires: Instant,
    /// The `otpauth://` URI.
    #[schema(value_type = Option<String>)]
    pub otpauth_uri: Option<JsonSecret>,
    /// The secret in base32, to be typed.
    #[schema(value_type = Option<String>)]
    pub manual_key: Option<JsonSecret>,
    /// The URI as a QR code, in SVG.
    #[schema(value_type = Option<String>)]
    pub qr_svg: Option<JsonSecret>,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// MFA is on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnMfaEnabled {
    pub status: MfaStatus,
    #[serde(flatten)]
    pub codes: BackupCodes,
    /// What this session can do now.
    pub next: SessionStage,
    /// When this session ends.
    pub session_expires: Instant,
    /// How many other sessions ended.
    pub sessions_ended: u32,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A code of the authenticator app.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub code: Typed,
}

/// New backup codes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BackupCodes {
    /// Each is good once. Shown once, never again: empty in a repeated answer.
    #[schema(value_type = Vec<String>)]
    pub backup_codes: Vec<JsonSecret>,
    /// Whether this answer shows the codes; a repeated one does not.
    pub backup_codes_shown: bool,
}

/// The old password and the new one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub current_password: Typed,
    /// 15 to 128 characters, and not just common words, runs of neighbours, or the user name.
    pub new_password: Typed,
}

/// The password is another.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PasswordChanged {
    /// How many other sessions ended.
    pub sessions_ended: u32,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// One's own profile.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    pub id: AdministratorId,
    pub user_name: String,
    pub display_name: Option<String>,
    pub emails: Vec<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
    pub role: RoleName,
    /// Everything one may do; a super administrator may do everything.
    pub permissions: Vec<HeldPermission>,
    pub super_administrator: bool,
    pub mfa: OwnMfa,
    /// The password was generated and is to be changed.
    pub password_change_due: bool,
    /// When a generated password runs out.
    pub password_expires: Option<Instant>,
    /// One's own sessions that are open, oldest first.
    pub sessions: Vec<OwnSession>,
}

/// One of one's own sessions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnSession {
    pub session: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    pub started: Instant,
    pub expires: Instant,
    /// Where it was started from, and with what.
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// A permission that one holds.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeldPermission {
    pub permission: Permission,
    pub display_name: Cow<'static, str>,
    pub category: Cow<'static, str>,
}

/// One's own MFA.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnMfa {
    /// Whether MFA is switched on system-wide.
    pub available: bool,
    pub status: MfaStatus,
    /// Whether it is required, by role or of everybody.
    pub required: bool,
    pub enrolled_at: Option<Instant>,
    /// Until when a begun enrollment can be confirmed.
    pub pending_expires: Option<Instant>,
    pub last_used: Option<LastUsed>,
    pub backup_codes_left: Option<u8>,
    /// Few are left: make new ones.
    pub backup_codes_low: bool,
}

impl Profile {
    /// The permissions alone.
    pub fn held(&self) -> Vec<Permission> {
        self.permissions.iter().map(|held| held.permission).collect()
    }
}
