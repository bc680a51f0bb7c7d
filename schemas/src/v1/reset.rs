//! The reset: one event that tells the whole story, and what surrounds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Annex;
use crate::body::Body;
use crate::{
    AdministratorId, ApprovalPolicy, CommandName, CredentialId, Delivery, Instant, MfaStatus,
    NotificationChannel, Outcome, Position, RedFlag, RefusalCode, ResetReason, ResetRequestId, SessionId,
    VerificationMethod,
};

/// What the performer documented before the reset; the guide's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResetStory {
    pub reason: Option<ResetReason>,
    pub verification: Option<VerificationMethod>,
    /// When the person asked.
    pub requested_at: Option<Instant>,
    pub ticket: Option<String>,
    /// Requester's name and contact, the reason in words.
    pub words: Option<Annex>,
    /// The request that was filed and approved for it.
    pub reset_request: Option<ResetRequestId>,
}

/// MFA of an administrator was reset by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaReset {
    pub administrator: AdministratorId,
    pub story: ResetStory,
    /// Who approved, where the policy asks for a second person.
    pub approved_by: Option<AdministratorId>,
    pub approval_policy: ApprovalPolicy,
    /// When the performer last proved their second factor; none for break-glass.
    pub performer_verified_at: Option<Instant>,
    /// Done at the machine's own command line, past the rules for people in sessions.
    pub break_glass: bool,
    /// The seed that is gone.
    pub credential: CredentialId,
    /// When it had been enrolled.
    pub enrolled_at: Instant,
    /// The set of backup codes that is gone, and how many of them were unused.
    pub backup_codes: CredentialId,
    pub backup_codes_left: u8,
    pub status_before: MfaStatus,
    pub status_after: MfaStatus,
    /// Every session of the target.
    pub sessions_ended: Vec<SessionId>,
    /// Failure counters at that time; a reset does not set them to zero.
    pub totp_failures: u32,
    pub backup_code_failures: u32,
    /// The epoch that begins.
    pub epoch: u32,
    /// Whether the target is made to enroll at the next log-in.
    pub must_enroll: bool,
}

impl Body for MfaReset {
    fn story(&self) -> Option<&ResetStory> {
        Some(&self.story)
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        vec![self.credential.bytes(), self.backup_codes.bytes()]
    }
}

/// Somebody asked that an administrator's MFA be reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaResetRequested {
    pub reset_request: ResetRequestId,
    pub administrator: AdministratorId,
    pub story: ResetStory,
    pub expires: Instant,
}

impl Body for MfaResetRequested {
    fn story(&self) -> Option<&ResetStory> {
        Some(&self.story)
    }
}

/// A second person approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaResetApproved {
    pub reset_request: ResetRequestId,
    pub administrator: AdministratorId,
    pub note: Option<Annex>,
}

impl Body for MfaResetApproved {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// A request was declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaResetDeclined {
    pub reset_request: ResetRequestId,
    pub administrator: AdministratorId,
    pub note: Option<Annex>,
}

impl Body for MfaResetDeclined {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// A request looked like an attack; it is closed, if it was filed at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuspiciousRequestReported {
    pub administrator: AdministratorId,
    pub reset_request: Option<ResetRequestId>,
    pub red_flags: Vec<RedFlag>,
    /// What was observed, in words.
    pub words: Option<Annex>,
}

impl Body for SuspiciousRequestReported {
    fn note(&self) -> Option<&Annex> {
        self.words.as_ref()
    }
}

/// Somebody looked into a suspicion: it no longer asks for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuspicionCleared {
    pub administrator: AdministratorId,
    pub note: Option<Annex>,
}

impl Body for SuspicionCleared {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// What was done after a reset; the guide's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FollowUpRecorded {
    pub reset: Position,
    pub administrator: AdministratorId,
    /// Whether and how the person was told.
    pub notified: Option<NotificationChannel>,
    /// Further actions, in words.
    pub note: Option<Annex>,
}

impl Body for FollowUpRecorded {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// "This wasn't me": the target denies having asked for the reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResetRepudiated {
    pub reset: Position,
    pub administrator: AdministratorId,
    /// Whether the account can no longer log in; never so for the last active super administrator.
    pub frozen: bool,
    pub sessions_ended: u32,
    pub note: Option<Annex>,
}

impl Body for ResetRepudiated {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// A notification was sent, or given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotificationRecorded {
    pub administrator: AdministratorId,
    /// The record that it tells about.
    pub about: Position,
    pub channel: NotificationChannel,
    pub delivery: Delivery,
    /// To how many addresses.
    pub addresses: u8,
    pub attempts: u16,
    /// Why it was given up.
    pub error: Option<String>,
}

impl Body for NotificationRecorded {}

/// A command was refused by a rule; nothing else changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandRefused {
    pub command: CommandName,
    pub code: RefusalCode,
    /// For a refused reset or request: what was documented.
    pub story: Option<ResetStory>,
    /// When it may be tried again.
    pub retry_at: Option<Instant>,
}

impl Body for CommandRefused {
    fn outcome(&self) -> Outcome {
        Outcome::Refused
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.code.name())
    }

    fn story(&self) -> Option<&ResetStory> {
        self.story.as_ref()
    }
}
