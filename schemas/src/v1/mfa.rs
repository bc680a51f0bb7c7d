//! Enrollment and its end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::{AdministratorId, CredentialId, Factor, Instant, Secret, SessionId};

/// Enrollment begun: a seed waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaEnrollmentStarted {
    pub administrator: AdministratorId,
    pub credential: CredentialId,
    /// An earlier seed that was never confirmed.
    pub replaced: Option<CredentialId>,
    pub expires: Instant,
}

impl Body for MfaEnrollmentStarted {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.credential, Secret::TotpSeed(self.administrator)))
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        self.replaced.iter().map(|id| id.bytes()).collect()
    }
}

/// Enrollment confirmed by a code: MFA is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaEnabled {
    pub administrator: AdministratorId,
    pub credential: CredentialId,
    /// The confirming code's time step; it counts as used.
    pub step: u64,
    pub backup_codes: CredentialId,
    pub backup_codes_count: u8,
    /// The session that goes on, as one with a proven second factor.
    pub session: SessionId,
    pub expires: Instant,
    /// Every other session of theirs.
    pub sessions_ended: u32,
}

impl Body for MfaEnabled {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.backup_codes, Secret::BackupCodes(self.administrator)))
    }
}

/// Enrollment given up before it was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaEnrollmentCancelled {
    pub administrator: AdministratorId,
    pub credential: CredentialId,
}

impl Body for MfaEnrollmentCancelled {
    fn ended_entries(&self) -> Vec<[u8; 16]> {
        vec![self.credential.bytes()]
    }
}

/// An administrator switched their own MFA off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MfaDisabled {
    pub administrator: AdministratorId,
    pub credential: CredentialId,
    pub backup_codes: CredentialId,
    pub backup_codes_left: u8,
    /// What it was confirmed with.
    pub factor: Factor,
    /// The confirming code's time step, for a TOTP code.
    pub step: Option<u64>,
    /// Every other session of theirs.
    pub sessions_ended: u32,
}

impl Body for MfaDisabled {
    fn ended_entries(&self) -> Vec<[u8; 16]> {
        vec![self.credential.bytes(), self.backup_codes.bytes()]
    }
}

/// New backup codes; the old ones are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupCodesRegenerated {
    pub administrator: AdministratorId,
    pub backup_codes: CredentialId,
    pub backup_codes_count: u8,
    pub replaced: CredentialId,
    pub replaced_left: u8,
    /// The confirming code's time step.
    pub step: u64,
}

impl Body for BackupCodesRegenerated {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.backup_codes, Secret::BackupCodes(self.administrator)))
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        vec![self.replaced.bytes()]
    }
}
