//! A directory as an anchor: on another disk, a share of another host, a medium that is written once.

use std::io::{self, Read};
use std::path::Path;

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tiles::CHECKPOINT;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::note::MAX_NOTE;
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};

use super::{AnchorError, Held, Kin, compare, origin_hash};

const ORIGIN: &str = "origin";

/// Puts a checkpoint into a directory, unless what lies there is not a beginning of it, or less than what it held.
pub fn publish_to_directory(
    dir: &Path,
    signed: &SignedCheckpoint,
    tiles: &TileStore,
    verifiers: &[VerifierKey],
    held: Option<&Held>,
    disk: &Disk,
) -> Result<(), AnchorError> {
    let origin = &signed.checkpoint.origin;
    let theirs = read(dir, origin, verifiers)?;
    let kin =
        theirs.as_ref().map(|theirs| compare(&theirs.checkpoint, &signed.checkpoint, tiles)).transpose()?;
    held.map_or(Ok(()), |held| held.check(theirs.map(|theirs| theirs.checkpoint.size)))?;
    if kin == Some(Kin::Same) {
        return Ok(());
    }
    let write = || {
        // A share that is not mounted leaves an empty mount point: what is to be there is made by hand.
        if !dir.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is no such directory"));
        }
        let own = dir.join(origin_hash(origin));
        disk.create_dir_all(&own)?;
        if !own.join(ORIGIN).exists() {
            disk.replace(&own.join(ORIGIN), format!("{origin}\n").as_bytes())?;
        }
        disk.replace(&own.join(CHECKPOINT), signed.note.to_string().as_bytes())
    };
    write().map_err(|error| failed(dir, &error))
}

/// What lies in a directory for an origin, signed by a key that is known.
pub(super) fn read(
    dir: &Path,
    origin: &str,
    verifiers: &[VerifierKey],
) -> Result<Option<SignedCheckpoint>, AnchorError> {
    let path = dir.join(origin_hash(origin)).join(CHECKPOINT);
    let mut bytes = Vec::new();
    let limit = MAX_NOTE as u64 + 1;
    match std::fs::File::open(&path).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
        Ok(_) => SignedCheckpoint::open(&bytes, verifiers).map(Some).map_err(AnchorError::Unknown),
        Err(error) if error.kind() == io::ErrorKind::NotFound && dir.is_dir() => Ok(None),
        Err(error) => Err(failed(dir, &error)),
    }
}

fn failed(dir: &Path, error: &io::Error) -> AnchorError {
    AnchorError::Failed(format!("{} cannot be used: {error}", dir.display()))
}
