//! What every answer of a command says about its record.

use mfa_ledger_schemas::{Instant, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The record of a command.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Where it stands in the log.
    pub position: Position,
    /// The time of the record.
    pub at: Instant,
    /// What was recorded, such as `mfa.reset`.
    pub action: String,
    /// Where the record can be read.
    pub activity: String,
    /// Where the proof is that the record is in the log.
    pub proof: String,
}
