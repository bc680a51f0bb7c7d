//! Records as they are stored, for those who show them or act on them.

use bytes::Bytes;
use mfa_ledger_log as log;
use mfa_ledger_schemas::{AnnexId, Position, Record, codec};

use super::{Failure, Service};

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

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Where it stands.
    pub position: Position,
    /// Whether the record changed nothing.
    pub void: bool,
    bytes: Bytes,
}

impl StoredRecord {
    /// How many bytes are stored.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The exact bytes of the CloudEvent.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when what is stored is no record.
    pub fn leaf(&self) -> Result<&str, Failure> {
        let halves = codec::halves(&self.bytes).map_err(|error| Failure::Unavailable(error.into()))?;
        Ok(halves.leaf)
    }

    /// Its private half.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when what is stored is no record.
    pub fn record(&self) -> Result<Record, Failure> {
        codec::decode(&self.bytes).map_err(|error| Failure::Unavailable(error.into()))
    }

    /// Where its words are, if it has any.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when what is stored is no record.
    pub fn words(&self) -> Result<Option<AnnexId>, Failure> {
        Ok(self.record()?.event.words())
    }
}

impl Service {
    /// The next records behind a position, as far as the log is folded; none where there are no more yet.
    pub async fn stored(&self, after: Position, most: usize) -> Result<Vec<StoredRecord>, Failure> {
        let folded = self.state().position();
        let last = folded.0.min(after.0.saturating_add(most as u64));
        let wanted: Vec<_> = (after.0 + 1..=last).map(Position).collect();
        self.stored_at(&wanted).await
    }

    /// The next leaves, likewise.
    pub async fn leaves(&self, after: Position, most: usize) -> Result<Vec<Leaf>, Failure> {
        leaves(self.stored(after, most).await?)
    }

    /// The leaves at these positions, all of which are folded.
    pub async fn leaves_at(&self, positions: &[Position]) -> Result<Vec<Leaf>, Failure> {
        leaves(self.stored_at(positions).await?)
    }

    /// The records at these positions, all of which are folded.
    pub async fn stored_at(&self, positions: &[Position]) -> Result<Vec<StoredRecord>, Failure> {
        let wanted: Vec<_> = positions.iter().map(|position| log::Position(position.0)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.log.entries(&wanted).await.map_err(|error| Failure::Unavailable(error.into()))?;
        // The fold waits while the state is looked at: as short as can be.
        let voids: Vec<bool> = {
            let state = self.state();
            positions.iter().map(|position| state.activity.is_void(*position)).collect()
        };
        let stored = |(entry, void): (log::Entry, bool)| {
            let position = Position(entry.position.0);
            StoredRecord { position, void, bytes: entry.record }
        };
        Ok(entries.into_iter().zip(voids).map(stored).collect())
    }
}

fn leaves(stored: Vec<StoredRecord>) -> Result<Vec<Leaf>, Failure> {
    let leaf =
        |it: StoredRecord| Ok(Leaf { position: it.position, text: it.leaf()?.to_owned(), void: it.void });
    stored.into_iter().map(leaf).collect()
}
