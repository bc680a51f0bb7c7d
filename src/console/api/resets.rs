//! `/v1/explain/reset` and `/v1/resets/graph`.

use mfa_ledger_schemas::{Instant, Position, ResetRequestId};
use serde::Deserialize;

/// Whether somebody could reset somebody, by the very rules that decide.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Explanation {
    pub allowed: bool,
    pub code: Option<String>,
    pub retry_at: Option<Instant>,
    /// The moment of the answer.
    pub at: Instant,
    /// The approved request that a reset would use.
    pub reset_request: Option<ResetRequestId>,
}

/// Who reset whom.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Graph {
    /// The most frequent first.
    pub edges: Vec<Edge>,
    /// Resets by somebody who had been reset shortly before.
    pub chains: Vec<Vec<Link>>,
    /// Those who reset each other.
    pub pairs: Vec<Pair>,
    pub truncated: bool,
}

/// All resets of one person by another.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Edge {
    pub performer: String,
    pub target: String,
    pub resets: Vec<Position>,
}

/// A reset in a chain.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Link {
    pub position: Position,
    pub at: Instant,
    pub performer: String,
    pub target: String,
}

/// Two who reset each other.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pair {
    pub first: String,
    pub second: String,
    pub resets: Vec<Position>,
}
