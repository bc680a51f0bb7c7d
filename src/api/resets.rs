//! Resets that were done.

pub mod graph;

use mfa_ledger_schemas::{
    ActorKind, AdministratorId, ApprovalPolicy, CredentialId, Instant, MfaStatus, NotificationChannel,
    Position, ResetReason, ResetRequestId, RoleId, VerificationMethod,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::text::Text;

/// What was done: at least one of the two.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct NewFollowUp {
    /// How the person was told.
    #[schema(nullable = false)]
    pub notified: Option<NotificationChannel>,
    /// Further actions, in words.
    #[schema(nullable = false)]
    pub note: Option<Text>,
}

/// The follow-up on record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FollowUpRecorded {
    pub reset: Position,
    pub administrator: AdministratorId,
    pub notified: Option<NotificationChannel>,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A reset at a glance.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetInBrief {
    /// Its record.
    pub position: Position,
    pub at: Instant,
    /// Who did it.
    pub performer: Performer,
    /// Whose MFA.
    pub administrator: AdministratorId,
    pub user_name: String,
    pub role: RoleId,
    pub super_administrator: bool,
    pub reason: Option<ResetReason>,
    pub verification: Option<VerificationMethod>,
    /// When the person asked.
    pub requested_at: Option<Instant>,
    pub ticket: Option<String>,
    pub approved_by: Option<AdministratorId>,
    /// Done at the machine's own command line.
    pub break_glass: bool,
    pub must_enroll: bool,
    /// Whether a notice of the system was delivered to the person.
    pub notified: bool,
    /// Whether somebody recorded that they told the person, which the system did not see.
    pub said_notified: bool,
    pub danger_window: DangerWindow,
    pub repudiated_at: Option<Instant>,
}

/// Who performed a reset, and from where.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Performer {
    #[serde(rename = "type")]
    pub kind: ActorKind,
    pub administrator: Option<AdministratorId>,
    pub name: String,
    pub role: Option<RoleId>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// From a reset to the next enrollment the password alone may open the account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DangerWindow {
    pub open: bool,
    pub from: Instant,
    /// The end; `null` while it is open.
    pub until: Option<Instant>,
    /// Whole hours, up to now while it is open.
    pub hours: u64,
}

/// What follows from it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetRepudiation {
    pub reset: Position,
    pub administrator: AdministratorId,
    /// Whether the account can no longer log in; not so for the last active super administrator.
    pub frozen: bool,
    pub sessions_ended: u32,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A reset, with everything that the guide wants documented.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetStory {
    #[serde(flatten)]
    pub brief: ResetInBrief,
    #[serde(flatten)]
    pub told: ToldOfReset,
    /// The request that it was filed and approved under.
    pub reset_request: Option<ResetRequestId>,
    pub approval_policy: ApprovalPolicy,
    /// The approver's user name.
    pub approver: Option<String>,
    pub approved_at: Option<Instant>,
    /// Whether a request about this account had been reported as suspicious shortly before.
    pub under_suspicion: bool,
    /// When the performer last proved their own second factor; `null` at the command line.
    pub performer_verified_at: Option<Instant>,
    pub status_before: MfaStatus,
    pub status_after: MfaStatus,
    /// The authenticator that is gone, and since when it had been enrolled.
    pub removed_totp: CredentialId,
    pub enrolled_at: Instant,
    /// How many unused backup codes were made invalid.
    pub removed_backup_codes: u8,
    pub sessions_ended: usize,
    /// Failures in a row at that time; a reset does not set them to zero.
    pub totp_failures: u32,
    pub backup_code_failures: u32,
    pub epoch: u32,
    pub follow_ups: Vec<ResetFollowUp>,
    /// The first log-in after it.
    pub next_log_in: Option<StoryMoment>,
    /// The new enrollment, which closes the danger window.
    pub enrolled_again: Option<StoryMoment>,
    /// "This wasn't me."
    pub repudiated: Option<StoryMoment>,
}

/// What was told about a reset, or about the wish for one. Each is `null` when not given, or erased.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ToldOfReset {
    /// The reason in words.
    pub reason_text: Option<String>,
    pub requester_name: Option<String>,
    pub requester_contact: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
}

/// A record, and its time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StoryMoment {
    pub position: Position,
    pub at: Instant,
}

/// What was done after a reset.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetFollowUp {
    pub position: Position,
    pub at: Instant,
    /// By whom.
    pub actor: String,
    /// How the person was told, if they were.
    pub notified: Option<NotificationChannel>,
    /// Whether an automatic notice could not be delivered.
    pub failed: bool,
    /// `null` when not given, or erased.
    pub note: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
}
