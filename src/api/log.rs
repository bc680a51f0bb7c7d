//! What proves the log.

use mfa_ledger_schemas::{Instant, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::health::Readiness;
use crate::receipt::Receipt;

/// A consistency proof (RFC 6962, section 2.1.2).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConsistencyProof {
    /// The size of the older tree.
    pub from: Position,
    /// The size of the newer tree.
    pub to: Position,
    /// The root of the older tree, base64.
    pub from_root: String,
    /// The root of the newer tree, base64.
    pub to_root: String,
    /// The hashes of the proof in their order, base64.
    pub hashes: Vec<String>,
}

/// The public keys of the log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LogKeys {
    /// The origin that checkpoints name now.
    pub origin: String,
    /// Verifier keys (c2sp.org/signed-note), the newest last; retired ones verify older checkpoints.
    pub keys: Vec<String>,
}

/// The newest checkpoint, and the keys to check it with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SealedLog {
    #[serde(flatten)]
    pub keys: LogKeys,
    /// The signed checkpoint (c2sp.org/tlog-checkpoint).
    pub checkpoint: String,
}

/// An anchor or a witness, and how far it knows the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnchorState {
    /// `anchor-1` or `witness-1`: the number of its line in the configuration.
    pub name: String,
    /// Records that it knows of.
    pub position: Position,
    /// Records that it does not know of.
    pub lag: u64,
    /// Failures since the last success.
    pub failures: u64,
    /// Whether it disputes the log, or holds less than it held.
    pub disputed: bool,
}

/// How the log is sealed, anchored and verified.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LogIntegrity {
    /// `null` where no checkpoints are made.
    pub sealed: Option<SealedLog>,
    /// Each check is included.
    pub readiness: Readiness,
    pub anchors: Vec<AnchorState>,
    /// What was verified; `null` for those who may not read the activity log.
    pub verified: Option<LogVerifications>,
}

/// How a verification came about.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationOccasion {
    /// Before the server took callers.
    Start,
    /// What the start had not read, while callers were served.
    LookedOver,
    /// Somebody wanted it.
    OnDemand,
}

/// A checkpoint that the log was held against.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeldAgainst {
    /// Where it came from: `checkpoint` for the one in the data directory, `memory` for the newest that this server
    /// has signed, `the tiles` for one that follows from those by the tree, or an anchor or a witness by its name.
    pub source: String,
    pub origin: String,
    /// Records that it covers.
    pub size: Position,
    /// The root of the tree over them, base64.
    pub root: String,
}

/// A verification that found all records to be what was signed for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LogVerification {
    pub occasion: VerificationOccasion,
    pub began_at: Instant,
    pub ended_at: Instant,
    /// The first record that was read and hashed.
    pub from: Position,
    /// The last.
    pub to: Position,
    /// The root of the tree over all records up to the last, base64.
    pub root: String,
    pub held_against: Vec<HeldAgainst>,
}

/// A verification that goes on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunningVerification {
    pub occasion: VerificationOccasion,
    pub began_at: Instant,
    /// How many records it has seen.
    pub seen: Position,
    /// How many there are to be seen.
    pub to: Position,
}

/// What of the log was verified since the server started.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LogVerifications {
    /// The newest of each occasion, the latest first.
    pub done: Vec<LogVerification>,
    /// The one that goes on.
    pub running: Option<RunningVerification>,
    /// Whether one was asked for that waits for the one that goes on.
    pub waiting: bool,
    /// When one could last not be brought to its end, unless a later one was; why stands in the server's own log.
    pub broken_off_at: Option<Instant>,
}

/// A verification was asked for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VerificationWanted {
    #[serde(flatten)]
    pub receipt: Receipt,
    #[serde(flatten)]
    pub known: LogVerifications,
}

impl VerificationOccasion {
    /// As it stands in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::LookedOver => "looked_over",
            Self::OnDemand => "on_demand",
        }
    }
}
