//! Log-ins, second factors, sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::{
    AdministratorId, CredentialId, Factor, FactorFailure, FactorUse, Instant, LogInFailure, Outcome,
    SessionId, SessionStage,
};

/// The password was right; a session began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionStarted {
    pub administrator: AdministratorId,
    pub session: SessionId,
    pub stage: SessionStage,
    pub expires: Instant,
    /// Whether this address has been seen with a finished log-in of this administrator before.
    pub device_known: bool,
    /// The password was generated and is still to be changed.
    pub password_change_due: bool,
}

impl Body for SessionStarted {}

/// A log-in failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogInFailed {
    pub administrator: Option<AdministratorId>,
    /// For an unknown user name: a keyed hash of it (hex), since people type passwords into the wrong field.
    pub unknown_name: Option<String>,
    pub cause: LogInFailure,
    pub device_known: bool,
    /// Consecutive failures, this one counted.
    pub consecutive: u32,
    /// Before this moment no password is looked at.
    pub next_attempt: Option<Instant>,
}

impl Body for LogInFailed {
    fn outcome(&self) -> Outcome {
        Outcome::Failed
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.cause.name())
    }
}

/// A second factor was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorVerified {
    pub administrator: AdministratorId,
    pub credential: CredentialId,
    pub used_for: FactorUse,
    /// The session that it opened or refreshed; none for a host application.
    pub session: Option<SessionId>,
    /// Until when that session lives.
    pub expires: Option<Instant>,
    /// The TOTP time step (RFC 6238), accepted once, for ever.
    pub step: u64,
    pub device_known: bool,
}

impl Body for SecondFactorVerified {}

/// A backup code was accepted, and is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupCodeUsed {
    pub administrator: AdministratorId,
    pub backup_codes: CredentialId,
    pub used_for: FactorUse,
    pub session: Option<SessionId>,
    pub expires: Option<Instant>,
    /// Which of the set, from 0.
    pub index: u8,
    pub left: u8,
    pub device_known: bool,
}

impl Body for BackupCodeUsed {}

/// A second factor was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorFailed {
    pub administrator: AdministratorId,
    pub factor: Factor,
    pub used_for: FactorUse,
    pub session: Option<SessionId>,
    pub cause: FactorFailure,
    /// How many time steps (30 s each) the code lay off, when it would have fitted within ten:
    /// negative when the device's clock is slow.
    pub drift_steps: Option<i32>,
    /// Consecutive failures of this factor, this one counted.
    pub consecutive: u32,
    /// Before this moment no code is looked at.
    pub next_attempt: Option<Instant>,
}

impl Body for SecondFactorFailed {
    fn outcome(&self) -> Outcome {
        Outcome::Failed
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.cause.name())
    }
}

/// An administrator logged out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionEnded {
    pub administrator: AdministratorId,
    pub session: SessionId,
}

impl Body for SessionEnded {}

/// All sessions of an administrator were ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionsRevoked {
    pub administrator: AdministratorId,
    pub sessions_ended: u32,
}

impl Body for SessionsRevoked {}
