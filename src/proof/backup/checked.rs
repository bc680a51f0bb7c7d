//! The small files that say which log it is.

use std::path::Path;

use mfa_ledger_base::tiles::CHECKPOINT;
use mfa_ledger_base::tlog::note::MAX_NOTE;
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};
use mfa_ledger_schemas::LedgerId;
use serde::Deserialize;

use super::BackupError;
use super::files;

/// The file that says which ledger it is.
pub(super) const LEDGER: &str = "ledger.json";

/// The largest `ledger.json` that is read, in bytes.
const MAX_LEDGER: u64 = 64 * 1024;

/// The format of data directories that this program knows.
const FORMAT: u64 = 1;

#[derive(Deserialize)]
struct Format {
    format: u64,
}

#[derive(Deserialize)]
struct Meta {
    ledger: LedgerId,
}

/// A checkpoint as it lies there.
pub(super) struct Found {
    pub bytes: Vec<u8>,
    pub signed: SignedCheckpoint,
}

/// The checkpoint of a directory, signed by one of `keys` where any are given.
pub(super) fn checkpoint(dir: &Path, keys: Option<&[VerifierKey]>) -> Result<Found, BackupError> {
    let file = dir.join(CHECKPOINT);
    let bytes = match files::small(&file, MAX_NOTE as u64) {
        Err(BackupError::Io(_, error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(BackupError::altered(&file, "it is not there"));
        }
        read => read?,
    };
    let signed = match keys {
        Some(keys) => SignedCheckpoint::open(&bytes, keys),
        None => SignedCheckpoint::parse(&bytes),
    };
    let signed = signed.map_err(|error| BackupError::Checkpoint(file, error))?;
    Ok(Found { bytes, signed })
}

/// Whether the checkpoint is one of this ledger.
pub(super) fn same_ledger(dir: &Path, found: &Found, ledger: LedgerId) -> Result<(), BackupError> {
    let (origin, ours) = (&found.signed.checkpoint.origin, format!("mfa-ledger/{ledger}"));
    if *origin == ours || origin.strip_prefix(&ours).is_some_and(|rest| rest.starts_with('/')) {
        return Ok(());
    }
    Err(BackupError::altered(&dir.join(CHECKPOINT), format!("it is one of {origin}, not of {ours}")))
}

/// `ledger.json` as it lies there, and the ledger that it names.
pub(super) fn ledger(dir: &Path) -> Result<(Vec<u8>, LedgerId), BackupError> {
    let file = dir.join(LEDGER);
    let bytes = files::small(&file, MAX_LEDGER)?;
    let malformed = |error: serde_json::Error| BackupError::altered(&file, error.to_string());
    let Format { format } = serde_json::from_slice(&bytes).map_err(malformed)?;
    if format > FORMAT {
        return Err(BackupError::NewerFormat { file: file.clone(), found: format, known: FORMAT });
    }
    let Meta { ledger } = serde_json::from_slice(&bytes).map_err(malformed)?;
    Ok((bytes, ledger))
}
