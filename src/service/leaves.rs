//! The public half of the records, in order, for the followers that act.

use mfa_ledger_schemas::{Position, codec};

use super::{Failure, Service};
use crate::log;

/// The public half of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Where it stands.
    pub position: Position,
    /// The exact bytes of the CloudEvent.
    pub text: String,
    /// Whether the record changed nothing.
    pub void: bool,
}

impl Service {
    /// The next leaves behind a position, as far as the log is folded; none where there are no more yet.
    pub async fn leaves(&self, after: Position, most: usize) -> Result<Vec<Leaf>, Failure> {
        let folded = self.state().position();
        let last = folded.0.min(after.0.saturating_add(most as u64));
        let wanted: Vec<_> = (after.0 + 1..=last).map(Position).collect();
        self.leaves_at(&wanted).await
    }

    /// The leaves at these positions, all of which are folded.
    pub async fn leaves_at(&self, positions: &[Position]) -> Result<Vec<Leaf>, Failure> {
        let wanted: Vec<_> = positions.iter().map(|position| log::Position(position.0)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.log.entries(&wanted).await.map_err(|error| Failure::Unavailable(error.into()))?;
        // The fold waits while the state is looked at: as short as can be.
        let voids: Vec<bool> = {
            let state = self.state();
            let is_void = |entry: &log::Entry| state.activity.is_void(Position(entry.position.0));
            entries.iter().map(is_void).collect()
        };
        let leaf = |(entry, void): (log::Entry, bool)| {
            let halves = codec::halves(&entry.record).map_err(|error| Failure::Unavailable(error.into()))?;
            Ok(Leaf { position: Position(entry.position.0), text: halves.leaf.to_owned(), void })
        };
        entries.into_iter().zip(voids).map(leaf).collect()
    }
}
