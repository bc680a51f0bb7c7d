//! What operators did to the log's own evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::AdministratorId;
use crate::body::Body;

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

/// Another key signs checkpoints from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SigningKeyRotated {
    /// The verifier key of the one that signs no more.
    pub retired: String,
    /// The verifier key of the one that signs now.
    pub verifier: String,
}

impl Body for SigningKeyRotated {}
