//! The state as bytes, so that a start need not fold the whole log; and checksums that two folds of one log
//! must agree on.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::State;
use crate::activity::{Block, WrongBlocks};

/// The layout of these bytes. Raised whenever a projection changes in what it keeps or how it folds: a
/// snapshot of another version is not read, the log is folded instead.
pub const SNAPSHOT_VERSION: u16 = 11;

/// Bytes that are no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// They cannot be decoded.
    #[error("a snapshot cannot be decoded")]
    Malformed(#[from] postcard::Error),
    /// Something follows the end.
    #[error("a snapshot is longer than what it holds")]
    Rest,
    /// Its blocks are missing.
    #[error(transparent)]
    Blocks(#[from] WrongBlocks),
}

/// SHA-256 over all that a projection keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checksum {
    /// The projection.
    pub projection: &'static str,
    /// In hexadecimal.
    pub sha256: String,
}

impl State {
    /// Everything but the full blocks of the activity, which are kept beside it.
    pub fn to_snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        Ok(postcard::to_stdvec(self)?)
    }

    /// Back again.
    pub fn from_snapshot(bytes: &[u8], blocks: Vec<Arc<Block>>) -> Result<Self, SnapshotError> {
        let mut state: Self = whole(bytes)?;
        state.activity.put_back(blocks)?;
        Ok(state)
    }

    /// One for each projection, in the order of their names.
    pub fn checksums(&self) -> Result<Vec<Checksum>, SnapshotError> {
        let mut activity = Sha256::new();
        activity.update(postcard::to_stdvec(&self.activity)?);
        for block in self.activity.blocks() {
            activity.update(block.to_bytes()?);
        }
        let activity = Checksum { projection: "activity", sha256: HEXLOWER.encode(&activity.finalize()) };
        Ok(vec![
            activity,
            checksum("alerts", &self.alerts)?,
            checksum("directory", &self.directory)?,
            checksum("keys", &self.keys)?,
            checksum("notices", &self.notices)?,
            checksum("resets", &self.resets)?,
            checksum("secrets", &self.secrets)?,
            checksum("webhooks", &self.webhooks)?,
        ])
    }
}

impl Block {
    /// Columns as plain bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SnapshotError> {
        Ok(postcard::to_stdvec(self)?)
    }

    /// Back again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        whole(bytes)
    }
}

pub(crate) fn whole<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, SnapshotError> {
    match postcard::take_from_bytes(bytes)? {
        (value, []) => Ok(value),
        _ => Err(SnapshotError::Rest),
    }
}

fn checksum(projection: &'static str, kept: &impl Serialize) -> Result<Checksum, SnapshotError> {
    Ok(Checksum { projection, sha256: HEXLOWER.encode(&Sha256::digest(postcard::to_stdvec(kept)?)) })
}
