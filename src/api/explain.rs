//! Whether somebody could have reset somebody's MFA, approved a request, or changed an account.

use mfa_ledger_schemas::{AdministratorId, Instant, Position, ResetRequestId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether something would have been done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// Whether it would.
    pub allowed: bool,
    /// The first rule that refuses, as the attempt would have been told: a code that `/problems/{code}` explains.
    pub code: Option<String>,
    /// The same in words.
    pub explanation: String,
    /// When the rule refuses no more by itself.
    pub retry_at: Option<Instant>,
    /// Who would do it.
    pub actor: Party,
    /// Whom it would be done to; for an approval, whom the request is about.
    pub target: Party,
    /// The last record up to the moment.
    pub position: Position,
    /// The moment.
    pub at: Instant,
    /// What the answer rests on: each stream with its last record then.
    pub rests_on: Vec<RestsOn>,
    /// The approved request that a reset is supposed to use, or the one that would be approved.
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
