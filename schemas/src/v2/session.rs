use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::{AdministratorId, Factor, FactorFailure, FactorUse, Instant, Outcome, SessionId, v1};

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
    /// Whether failures of host applications are counted apart from those of the person, and never block.
    pub counts_apart: bool,
}

impl Body for SecondFactorFailed {
    fn outcome(&self) -> Outcome {
        Outcome::Failed
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.cause.name())
    }
}

impl From<v1::SecondFactorFailed> for SecondFactorFailed {
    fn from(before: v1::SecondFactorFailed) -> Self {
        Self {
            administrator: before.administrator,
            factor: before.factor,
            used_for: before.used_for,
            session: before.session,
            cause: before.cause,
            drift_steps: before.drift_steps,
            consecutive: before.consecutive,
            next_attempt: before.next_attempt,
            counts_apart: false,
        }
    }
}
