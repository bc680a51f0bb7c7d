//! Whether somebody could have reset somebody's MFA.

use mfa_ledger_schemas::{AdministratorId, Instant, Position, ResetRequestId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a reset would have been carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// Whether it would.
    pub allowed: bool,
    /// The first rule that refuses, as a reset would have been told: a code that `/problems/{code}` explains.
    pub code: Option<String>,
    /// The same in words.
    pub explanation: String,
    /// When the rule refuses no more by itself.
    pub retry_at: Option<Instant>,
    /// Who would reset.
    pub actor: Party,
    /// Who would be reset.
    pub target: Party,
    /// The last record up to the moment.
    pub position: Position,
    /// The moment.
    pub at: Instant,
    /// What the answer rests on: each stream with its last record then.
    pub rests_on: Vec<RestsOn>,
    /// The approved request that is supposed to be used.
    pub reset_request: Option<ResetRequestId>,
    /// What is supposed of the attempt.
    pub assumed: Vec<String>,
}

/// Somebody, and the user name at the moment; the one of now where the account was not there yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExplanationParty)]
pub struct Party {
    /// Who.
    pub administrator: AdministratorId,
    /// The user name.
    pub user_name: String,
}

/// A stream and its last record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestsOn {
    /// The stream.
    pub stream: String,
    /// Its last record; 0 where there is none.
    pub position: Position,
}
