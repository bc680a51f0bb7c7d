//! The reset, and what surrounds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::v1::{self, Annex, ResetStory};
use crate::{
    AdministratorId, ApprovalPolicy, CredentialId, Instant, MfaStatus, RedFlag, ResetRequestId, SessionId,
};

/// MFA of an administrator was reset by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaReset {
    pub administrator: AdministratorId,
    pub story: ResetStory,
    /// Who approved, where the policy asks for a second person.
    pub approved_by: Option<AdministratorId>,
    pub approved_at: Option<Instant>,
    pub approval_policy: ApprovalPolicy,
    /// Whether a request about this account was reported as suspicious shortly before.
    pub under_suspicion: bool,
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

impl From<v1::MfaReset> for MfaReset {
    fn from(before: v1::MfaReset) -> Self {
        Self {
            administrator: before.administrator,
            story: before.story,
            approved_by: before.approved_by,
            approved_at: None,
            approval_policy: before.approval_policy,
            under_suspicion: false,
            performer_verified_at: before.performer_verified_at,
            break_glass: before.break_glass,
            credential: before.credential,
            enrolled_at: before.enrolled_at,
            backup_codes: before.backup_codes,
            backup_codes_left: before.backup_codes_left,
            status_before: before.status_before,
            status_after: before.status_after,
            sessions_ended: before.sessions_ended,
            totp_failures: before.totp_failures,
            backup_code_failures: before.backup_code_failures,
            epoch: before.epoch,
            must_enroll: before.must_enroll,
        }
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
    /// Until when a reset of this account needs a second person.
    pub suspected_until: Option<Instant>,
}

impl Body for SuspiciousRequestReported {
    fn note(&self) -> Option<&Annex> {
        self.words.as_ref()
    }
}

impl From<v1::SuspiciousRequestReported> for SuspiciousRequestReported {
    fn from(before: v1::SuspiciousRequestReported) -> Self {
        Self {
            administrator: before.administrator,
            reset_request: before.reset_request,
            red_flags: before.red_flags,
            words: before.words,
            suspected_until: None,
        }
    }
}
