//! `/v1/log`.

use mfa_ledger_schemas::{Instant, Position};
use serde::Deserialize;

/// The public keys of the log, in the form of signed notes, the newest last.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Keys {
    pub keys: Vec<String>,
}

/// That an older log is the beginning of a newer one.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Consistency {
    /// The hashes, base64.
    pub hashes: Vec<String>,
}

/// What of the log was verified since the server started.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Verifications {
    /// The newest of each occasion, the latest first.
    pub done: Vec<Verification>,
    pub running: Option<Running>,
    pub waiting: bool,
    pub broken_off_at: Option<Instant>,
}

/// A verification that found all well.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Verification {
    /// `start`, `looked_over` or `on_demand`.
    pub occasion: String,
    pub began_at: Instant,
    pub ended_at: Instant,
    pub from: Position,
    pub to: Position,
    /// Base64.
    pub root: String,
    pub held_against: Vec<HeldAgainst>,
}

/// A checkpoint that the log was held against.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct HeldAgainst {
    pub source: String,
    pub size: Position,
}

/// A verification that goes on.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Running {
    pub occasion: String,
    pub seen: Position,
    pub to: Position,
}
