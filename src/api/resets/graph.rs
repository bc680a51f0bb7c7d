//! Who reset whom.

use mfa_ledger_schemas::{AdministratorId, Instant, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody who reset, or was reset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = ResetGraphPerson)]
pub struct Person {
    /// Who; none for a service account and for the machine's own command line.
    pub administrator: Option<AdministratorId>,
    /// The name at the time of the last of these resets.
    pub name: String,
    /// How many resets they performed.
    pub performed: u32,
    /// How often they were reset.
    pub received: u32,
    /// Whether they have not enrolled again since they were reset.
    pub danger_window_open: bool,
}

/// All resets of one person by another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ResetGraphEdge)]
pub struct Edge {
    /// Who performed them.
    pub performer: String,
    /// Who was reset.
    pub target: String,
    /// Their positions, oldest first.
    pub resets: Vec<Position>,
    /// When the first of them was.
    pub first: Instant,
    /// When the last of them was.
    pub last: Instant,
}

/// A reset in a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ResetChainLink)]
pub struct Link {
    /// Its record.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// Who performed it.
    pub performer: String,
    /// Who was reset.
    pub target: String,
    /// From this reset to the next enrollment of the target, whole hours; none while that has not come.
    pub danger_window_hours: Option<u64>,
}

/// Two who reset each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ResetPair)]
pub struct Pair {
    /// The one who did it first.
    pub first: String,
    /// The other.
    pub second: String,
    /// All resets between the two, oldest first.
    pub resets: Vec<Position>,
}

/// Who reset whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResetGraph {
    /// Everybody in it, those who performed most first.
    pub people: Vec<Person>,
    /// Who reset whom, the most frequent first.
    pub edges: Vec<Edge>,
    /// Resets by somebody who had been reset shortly before, each chain from its beginning; oldest first.
    pub chains: Vec<Vec<Link>>,
    /// Those who reset each other.
    pub pairs: Vec<Pair>,
    /// Whether older resets were left out, since there were more than a graph is drawn from.
    pub truncated: bool,
}
