//! The accounts, and what is done to them.

use std::borrow::Cow;

use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::limits::EMAILS;
use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Factor, Instant, MfaStatus, Position, ResetReason, ResetRequestId, RoleId,
    VerificationMethod,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::resets::ResetInBrief;
use crate::several::Several;
use crate::text::{Email, Name, Text, Ticket, UserName};

/// What is to be another; what is left out stays. `role` is a command of its own and stands alone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct AdministratorChange {
    #[schema(nullable = false)]
    pub user_name: Option<UserName>,
    #[schema(nullable = false)]
    pub display_name: Option<Name>,
    #[schema(value_type = Option<Vec<Email>>, nullable = false, min_items = 1, max_items = 5)]
    pub emails: Option<Several<Email, EMAILS>>,
    /// For super administrators to change.
    #[schema(nullable = false)]
    pub super_administrator: Option<bool>,
    #[schema(nullable = false)]
    pub role: Option<RoleId>,
}

/// The account as it is now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AdministratorChanged {
    pub administrator: AdministratorBody,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Who is to be registered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdministrator {
    pub user_name: UserName,
    pub display_name: Name,
    /// All of them get notices.
    #[schema(value_type = Vec<Email>, min_items = 1, max_items = 5)]
    pub emails: Several<Email, EMAILS>,
    pub role: RoleId,
    /// For super administrators to give.
    #[serde(default)]
    pub super_administrator: bool,
}

/// Who was registered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AdministratorCreated {
    pub administrator: AdministratorId,
    pub user_name: String,
    pub role: RoleId,
    pub super_administrator: bool,
    /// The generated password: shown once, never again.
    #[schema(value_type = Option<String>)]
    pub password: Option<JsonSecret>,
    /// Whether this answer shows the password; a repeated one does not.
    pub password_shown: bool,
    /// To be changed before this moment.
    pub password_expires: Instant,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Whose access has ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AdministratorDeactivated {
    pub administrator: AdministratorId,
    /// How many sessions ended with it.
    pub sessions_ended: u32,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A suspicion that was looked into.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SuspicionCleared {
    pub administrator: AdministratorId,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A request that looked like an attack.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Suspected {
    /// The record that reported it.
    pub position: Position,
    pub at: Instant,
    /// Who reported it.
    pub by: String,
    /// Until when a reset needs a second person.
    pub until: Instant,
}

/// What is documented before a reset. Everything may be left out as far as the form goes; what a rule
/// misses is refused with a code of its own, and the refusal is recorded.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetMfa {
    #[schema(nullable = false)]
    pub reason: Option<ResetReason>,
    /// The reason in words: needed for `other`, and to say how requester and administrator are one where the names differ.
    #[schema(nullable = false)]
    pub reason_text: Option<Text>,
    /// How the identity of the person was verified. Unacceptable ways can be named, and are refused.
    #[schema(nullable = false)]
    pub verification: Option<VerificationMethod>,
    #[schema(nullable = false)]
    pub requester_name: Option<Name>,
    #[schema(nullable = false)]
    pub requester_contact: Option<Name>,
    /// When the person asked.
    #[schema(nullable = false)]
    pub requested_at: Option<Instant>,
    #[schema(nullable = false)]
    pub ticket: Option<Ticket>,
    /// The user name of the administrator, repeated: "yes, reset MFA".
    #[schema(nullable = false)]
    pub confirmation: Option<Name>,
    /// The approved request, where the policy asks for a second person.
    #[schema(nullable = false)]
    pub reset_request: Option<ResetRequestId>,
}

/// The reset, and what comes next.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetDone {
    pub administrator: AdministratorId,
    pub user_name: String,
    pub status_before: MfaStatus,
    pub status_after: MfaStatus,
    pub removed: CredentialsRemoved,
    /// How many sessions ended.
    pub sessions_ended: usize,
    /// Whether the person is made to enroll at the next log-in.
    pub must_enroll: bool,
    /// The epoch that begins.
    pub epoch: u32,
    pub approved_by: Option<AdministratorId>,
    /// What to tell the person, at once.
    pub next_steps: Vec<Cow<'static, str>>,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// What is gone for good.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CredentialsRemoved {
    /// The credential of the authenticator app.
    pub totp: CredentialId,
    /// How many unused backup codes were made invalid.
    pub backup_codes: u8,
}

/// An administrator's account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AdministratorBody {
    pub id: AdministratorId,
    pub user_name: String,
    /// `null` once erased.
    pub display_name: Option<String>,
    /// All of them get notices. Empty once erased.
    pub emails: Vec<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
    pub role: RoleName,
    pub super_administrator: bool,
    pub active: bool,
    /// Whether frozen after a repudiated reset.
    pub frozen: bool,
    pub registered_at: Instant,
    pub last_log_in: Option<Instant>,
    /// When a generated password runs out; `null` for a chosen one.
    pub password_expires: Option<Instant>,
    /// `null` for those who may not see it, and where MFA is not available.
    pub mfa: Option<MfaInBrief>,
    /// The version; the `ETag`.
    pub version: Position,
}

/// A role and its name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleName {
    pub id: RoleId,
    /// `null` while nobody has defined the role.
    pub name: Option<String>,
}

/// MFA at a glance.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MfaInBrief {
    pub status: MfaStatus,
    /// Whether it is required, by role or of everybody.
    pub required: bool,
}

/// When and with what a second factor was last accepted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LastUsed {
    pub method: Factor,
    pub at: Instant,
}

/// The new password.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PasswordReset {
    pub administrator: AdministratorId,
    /// The generated password: shown once, never again.
    #[schema(value_type = Option<String>)]
    pub password: Option<JsonSecret>,
    /// Whether this answer shows the password; a repeated one does not.
    pub password_shown: bool,
    /// To be changed before this moment.
    pub password_expires: Instant,
    /// How many sessions ended.
    pub sessions_ended: u32,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// What is gone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonalDataGone {
    pub administrator: AdministratorId,
    /// How many sealed values were destroyed.
    pub erased: usize,
    /// How many are left: repeat until there are none.
    pub remaining: usize,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Who has access again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AdministratorReactivated {
    pub administrator: AdministratorId,
    /// Whether the account had been frozen after a repudiated reset.
    pub was_frozen: bool,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Where an administrator stands with MFA, as the help desk needs it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Security {
    pub administrator: AdministratorId,
    pub user_name: String,
    pub status: MfaStatus,
    /// Whether MFA is required, by role or of everybody.
    pub required: bool,
    pub enrolled_at: Option<Instant>,
    /// Until when a begun enrollment can be confirmed.
    pub pending_expires: Option<Instant>,
    pub last_used: Option<LastUsed>,
    pub backup_codes_left: Option<u8>,
    pub backup_codes_low: bool,
    pub totp: FactorState,
    pub backup_code: FactorState,
    pub last_reset: Option<LastReset>,
    /// A request about this account that looked like an attack, until it is cleared or over.
    pub suspicion: Option<Suspected>,
    /// The newest resets, twenty at most, the newest first; `GET /v1/resets?administrator=` has all. `null` for those who may
    /// not see resets.
    pub resets: Option<Vec<ResetInBrief>>,
    /// Raised by every reset.
    pub epoch: u32,
    /// How many sessions are open.
    pub sessions: usize,
    /// What the last wrong code says about the clock of the device; `null` when nothing is wrong with it.
    pub device_clock: Option<DeviceClock>,
    /// What cannot be read, since its vault entry is damaged: `password` (a password reset makes a new one), `totp_seed`
    /// or `backup_codes` (an MFA reset and a new enrollment), `personal_data` (a change of names and addresses). Left out
    /// where there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<Cow<'static, str>>,
}

/// The failures of one factor.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FactorState {
    /// Failures in a row.
    pub failures: u32,
    /// Until this moment no code is looked at.
    pub locked_until: Option<Instant>,
    /// Too many failures in a row: only a reset helps, or the other factor.
    pub blocked: bool,
}

/// The last reset.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LastReset {
    pub position: Position,
    pub at: Instant,
    pub performer: String,
    pub reason: Option<ResetReason>,
    /// Whether MFA has not been enabled again since.
    pub danger_window_open: bool,
}

/// A clock that is wrong.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeviceClock {
    /// When the code was shown.
    pub at: Instant,
    /// By how much the clock is wrong; negative when it is slow.
    pub drift_seconds: i64,
    /// The same in words.
    pub diagnosis: String,
}

/// Whose sessions ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignedOutEverywhere {
    pub administrator: AdministratorId,
    pub sessions_ended: u32,
    #[serde(flatten)]
    pub receipt: Receipt,
}

impl AdministratorBody {
    /// The name that people know them by.
    pub fn shown(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.user_name)
    }
}

impl RoleName {
    /// What people call it.
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }
}
