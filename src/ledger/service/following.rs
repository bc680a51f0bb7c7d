//! Reading on: what followers that act are given of the log.

use mfa_ledger_log as log;
use mfa_ledger_schemas::{Position, Record, codec};

use super::{Failure, Service};

/// A record with its public half.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Where it stands.
    pub position: Position,
    /// The record.
    pub record: Record,
    /// The exact bytes of the CloudEvent.
    pub leaf: String,
}

impl Service {
    /// Keeps what detection knows behind a position, for the next start.
    pub async fn keep_detection(&self, position: Position, body: Vec<u8>) {
        if self.guard.admit().is_ok() {
            self.projector.keep_detection(position, body).await;
        }
    }

    /// What detection knew at a position that the log still has, if that was kept.
    pub async fn kept_detection(&self) -> Option<(Position, Vec<u8>)> {
        self.projector.detection().await
    }

    /// One record, for a follower.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when there is none, or it cannot be read.
    pub async fn followed(&self, position: Position) -> Result<Followed, Failure> {
        let entries = self.log.entries(&[log::Position(position.0)]).await;
        let entries = entries.map_err(|error| Failure::Unavailable(error.into()))?;
        let entry = entries.first().ok_or_else(|| Failure::Unavailable("it is not there".into()))?;
        let unreadable = |error: codec::CodecError| Failure::Unavailable(error.into());
        let leaf = codec::split(&entry.record).map_err(unreadable)?.leaf;
        let record = codec::decode(&entry.record).map_err(unreadable)?;
        Ok(Followed { position, record, leaf })
    }
}
