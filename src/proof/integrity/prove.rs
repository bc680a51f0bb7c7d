//! The receipt of a record, made without a server: the very bytes that one would give out under the same
//! checkpoint.

use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tiles::{CHECKPOINT, TileStore};
use mfa_ledger_base::tlog::proof::{inclusion, verify_inclusion};
use mfa_ledger_base::tlog::receipt::Receipt;
use mfa_ledger_base::tlog::{Hash, SignedCheckpoint, VerifierKey, leaf_hash};
use mfa_ledger_log::Position;
use mfa_ledger_log::embedded::raw;
use mfa_ledger_schemas::{LedgerId, codec};

use super::nodes::{self, Wanted};
use super::{Bad, CheckpointError, JournalError, Kind, Tampered, read_checkpoint, same_log};

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// There is no ledger.
    #[error("there is no ledger in {}", .0.display())]
    NoLedger(PathBuf),
    /// There is no checkpoint that counts.
    #[error("there is no checkpoint to prove anything with")]
    Checkpoint(#[source] CheckpointError),
    /// The newest checkpoint does not reach so far.
    #[error("position {position} is not among the {size} that the newest checkpoint was signed for")]
    NotSealed {
        /// The position asked for.
        position: u64,
        /// How many were signed for.
        size: u64,
    },
    /// The log is not what was signed for.
    #[error("{0}")]
    Tampered(Box<Tampered>),
    /// The journal cannot be read.
    #[error("the journal cannot be read")]
    Open(#[source] mfa_ledger_log::embedded::OpenError),
    /// The data directory cannot be read.
    #[error("{} cannot be read", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl From<JournalError> for ProveError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Tampered(tampered) => Self::Tampered(tampered),
            JournalError::Open(error) => Self::Open(error),
        }
    }
}

impl From<Tampered> for ProveError {
    fn from(tampered: Tampered) -> Self {
        Self::Tampered(Box::new(tampered))
    }
}

/// The newest checkpoint of a data directory, signed by one of `keys` where any are given, and of the ledger
/// that lies there; with it that ledger.
pub fn newest_checkpoint(
    data_dir: &Path,
    keys: Option<&[VerifierKey]>,
) -> Result<(SignedCheckpoint, LedgerId), ProveError> {
    if !data_dir.join("ledger.json").exists() {
        return Err(ProveError::NoLedger(data_dir.into()));
    }
    let signed = read_checkpoint(&data_dir.join(CHECKPOINT), keys).map_err(ProveError::Checkpoint)?;
    let ledger = raw::ledger(data_dir).map_err(|error| ProveError::from(JournalError::of(error, 0)))?;
    let ledger = LedgerId::from_bytes(ledger);
    if same_log(&signed.checkpoint.origin, ledger) {
        return Ok((signed, ledger));
    }
    let detail =
        format!("the checkpoint is that of {}, the journal that of {ledger}", signed.checkpoint.origin);
    Err(Tampered::at(Kind::Signature, Bad::Nowhere, 0, detail).into())
}

/// That a record stands at `position` (counted from 1), under the newest checkpoint. The proof is made of the
/// tiles, and where they do not give it, of the journal; it is checked before it is given out.
pub fn prove(data_dir: &Path, position: u64, keys: Option<&[VerifierKey]>) -> Result<Receipt, ProveError> {
    let (signed, ledger) = newest_checkpoint(data_dir, keys)?;
    let size = signed.checkpoint.size;
    if position == 0 || position > size {
        return Err(ProveError::NotSealed { position, size });
    }
    let leaf = leaf(data_dir, ledger, position)?;
    prove_under(data_dir, &signed, ledger, position, leaf)
}

/// The same for a leaf that is at hand, under a checkpoint of this ledger that is.
pub fn prove_under(
    data_dir: &Path,
    signed: &SignedCheckpoint,
    ledger: LedgerId,
    position: u64,
    leaf: Hash,
) -> Result<Receipt, ProveError> {
    let size = signed.checkpoint.size;
    if position == 0 || position > size {
        return Err(ProveError::NotSealed { position, size });
    }
    let (index, root) = (position - 1, &signed.checkpoint.root);
    let tiles = TileStore::new(data_dir, Disk::real());
    let holds = |path: &Vec<Hash>| verify_inclusion(path, index, size, &leaf, root).is_ok();
    let path = inclusion(&tiles.nodes(size), index, size).ok().filter(holds);
    let path = match path {
        Some(path) => path,
        None => from_journal(data_dir, ledger, index, size)?,
    };
    if holds(&path) {
        return Ok(Receipt { index, path, checkpoint: signed.clone() });
    }
    let bad = Bad::Within { first: 1, last: size };
    let mut tampered = Tampered::at(Kind::OtherRoot, bad, size, "log verify tells more");
    tampered.claimed = Some(signed.checkpoint.clone());
    Err(tampered.into())
}

fn leaf(data_dir: &Path, ledger: LedgerId, position: u64) -> Result<Hash, ProveError> {
    let entry = raw::entry(data_dir, ledger.bytes(), Position(position));
    let entry = entry.map_err(|error| ProveError::from(JournalError::of(error, position - 1)))?;
    let bad = |kind, why: String| Tampered::at(kind, Bad::At(position), position - 1, why);
    let entry = entry.ok_or_else(|| bad(Kind::Damaged, "the journal does not give it".to_owned()))?;
    let halves = codec::halves(&entry.record).map_err(|error| bad(Kind::Undecodable, error.to_string()))?;
    Ok(leaf_hash(halves.leaf.as_bytes()))
}

fn from_journal(data_dir: &Path, ledger: LedgerId, index: u64, size: u64) -> Result<Vec<Hash>, ProveError> {
    let wanted = Wanted::default();
    let Ok(_) = inclusion(&wanted, index, size);
    let computed = nodes::compute(data_dir, ledger.bytes(), size, &wanted.nodes())?;
    let path = inclusion(&computed, index, size);
    Ok(path.map_err(|_| {
        Tampered::at(Kind::Shorter, Bad::Within { first: 1, last: size }, 0, "log verify tells more")
    })?)
}
