//! Checkpoints as they are found in files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mfa_ledger_base::tlog::note::{MAX_NOTE, NoteError};
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};
use mfa_ledger_schemas::LedgerId;

/// Why there is no checkpoint to be had from a file.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// There is no such file.
    #[error("there is no checkpoint at {}", .0.display())]
    Missing(PathBuf),
    /// It is not a checkpoint, or none that a known key has signed.
    #[error("{} is not a checkpoint that counts", .0.display())]
    Note(PathBuf, #[source] NoteError),
    /// It cannot be read.
    #[error("{} cannot be read", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// Reads a checkpoint that one of `known` must have signed; with no keys at all, nobody needs to have.
pub fn read_checkpoint(
    path: &Path,
    known: Option<&[VerifierKey]>,
) -> Result<SignedCheckpoint, CheckpointError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => CheckpointError::Missing(path.into()),
        _ => CheckpointError::Io(path.into(), error),
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_NOTE as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    open_checkpoint(&bytes, known).map_err(|error| CheckpointError::Note(path.into(), error))
}

/// The same for one that is at hand.
pub fn open_checkpoint(bytes: &[u8], known: Option<&[VerifierKey]>) -> Result<SignedCheckpoint, NoteError> {
    match known {
        Some(known) => SignedCheckpoint::open(bytes, known),
        None => SignedCheckpoint::parse(bytes),
    }
}

/// Whether an origin is one of this ledger: its first, or one that it went on under after a loss.
pub fn same_log(origin: &str, ledger: LedgerId) -> bool {
    let first = format!("mfa-ledger/{ledger}");
    origin == first || origin.strip_prefix(&first).is_some_and(|rest| rest.starts_with('/'))
}

/// The keys among `known` that have signed it; none when it is not one that they make count.
pub fn signers(signed: &SignedCheckpoint, known: Option<&[VerifierKey]>) -> Vec<String> {
    let signers = known.and_then(|known| signed.note.verify(known).ok()).unwrap_or_default();
    signers.into_iter().map(ToString::to_string).collect()
}
