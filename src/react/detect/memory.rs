//! All that an engine knows, as bytes, so that another one can go on from there.

use std::sync::Arc;

use rsigma_eval::CorrelationSnapshot;
use serde::{Deserialize, Serialize};

use super::absence::{Wait, Waits};
use super::engine::Engine;
use super::facts::Facts;
use super::load::Rules;

/// Raised whenever what an engine computes or keeps changes: what another version kept is not read, the log is.
const VERSION: u16 = 1;

#[derive(Serialize, Deserialize)]
struct Memory {
    version: u16,
    /// Of the rules: others would have seen other things.
    rules: [u8; 32],
    windows: CorrelationSnapshot,
    facts: Facts,
    waits: Vec<Wait>,
    held_back: Vec<Wait>,
    tick: u64,
    until_sweep: u32,
}

/// What was kept is of no use. The log is read from its beginning instead.
#[derive(Debug, thiserror::Error)]
pub enum NotUsable {
    /// It was kept by another version, or by an engine with other rules.
    #[error("the rules are others, or the version of the program is")]
    Others,
    /// It cannot be decoded.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
}

impl Engine {
    /// All that it knows.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn to_memory(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Memory {
            version: VERSION,
            rules: self.rules.sha256(),
            windows: self.sigma.export_state(),
            facts: self.facts.clone(),
            waits: self.waits.kept(),
            held_back: self.held_back.kept(),
            tick: self.tick,
            until_sweep: self.until_sweep,
        })
    }

    /// An engine that goes on where another one was.
    ///
    /// # Errors
    /// [`NotUsable`].
    pub fn from_memory(rules: &Arc<Rules>, bytes: &[u8]) -> Result<Self, NotUsable> {
        let Memory { version, rules: of, windows, facts, waits, held_back, tick, until_sweep } =
            serde_json::from_slice(bytes)?;
        let mut engine = Self::new(rules);
        if version != VERSION || of != rules.sha256() || !engine.sigma.import_state(windows) {
            return Err(NotUsable::Others);
        }
        let (waits, held_back) = (Waits::of(waits), Waits::of(held_back));
        Ok(Self { facts, waits, held_back, tick, until_sweep, ..engine })
    }
}
