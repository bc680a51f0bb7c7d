//! What operators did to the log's own evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::{AdministratorId, Instant};

/// An operator went on with a log that was not what it had been. The history before is the origin that was
/// signed for until then; what follows is signed for under the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LossAccepted {
    /// Why, in the operator's words.
    pub reason: String,
    /// What was found, in a line.
    pub found: String,
    /// The first position that is not what it was, where it is known.
    pub first_bad: Option<u64>,
    /// The origin that was signed for.
    pub origin: String,
    /// How many records it had signed for, as far as its newest checkpoint is known.
    pub signed_size: Option<u64>,
    /// How many records were kept.
    pub kept: u64,
    /// The verifier key of the origin that follows.
    pub verifier: String,
}

impl Body for LossAccepted {}

/// An operator went on without the vault that belonged to the log. What it held is lost, and a new vault was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VaultLossAccepted {
    /// Why, in the operator's words.
    pub reason: String,
    /// What was found, in a line.
    pub found: String,
    /// The id of the new vault, in hex.
    pub vault: String,
    /// Password hashes that are lost.
    pub passwords: u64,
    /// Seeds of authenticator apps that are lost.
    pub totp_seeds: u64,
    /// Sets of backup codes that are lost.
    pub backup_codes: u64,
    /// Signing keys of webhooks that are lost.
    pub webhook_secrets: u64,
    /// Names, addresses and texts that are lost.
    pub annexes: u64,
    /// Whose password must be reset: the first fifty.
    pub reset_passwords_of: Vec<AdministratorId>,
    /// Whose MFA must be reset and enrolled again: the first fifty.
    pub reset_mfa_of: Vec<AdministratorId>,
}

impl Body for VaultLossAccepted {}

/// The log went on from an earlier moment: a backup was restored, or records were lost. What was recorded since is unknown
/// to it, and so is what was revoked by it; so whatever might have been revoked ends or waits here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogRestored {
    /// How many records there were before this one.
    pub kept: u64,
    /// When the backup was made, where one was restored.
    pub backup_at: Option<Instant>,
    /// Sessions that ended: all.
    pub sessions_ended: u32,
    /// Service accounts that are suspended until somebody resumes them: all.
    pub service_accounts_suspended: u32,
    /// Webhooks that are switched off until somebody switches them on: all.
    pub webhooks_suspended: u32,
    /// Reset requests, open or approved, that can no longer be used: all.
    pub reset_requests_closed: u32,
    /// Administrators whose backup codes open nothing any more: all who had some left.
    pub backup_codes_voided: u32,
}

impl Body for LogRestored {}

/// Another key signs checkpoints from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SigningKeyRotated {
    /// The verifier key of the one that signs no more.
    pub retired: String,
    /// The verifier key of the one that signs now.
    pub verifier: String,
}

impl Body for SigningKeyRotated {}
