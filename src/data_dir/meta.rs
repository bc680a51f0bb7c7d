//! `ledger.json`: which ledger a data directory holds, and in what format.

use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_schemas::{Instant, LedgerId};
use serde::{Deserialize, Serialize};

use super::StartError;
use crate::chance::Chance;
use crate::disk::{Disk, Staging};

/// The format of data directories that this version writes.
const FORMAT: u32 = 1;

/// Who a ledger is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Meta {
    format: u32,
    /// The id of the ledger, in every record's `source`.
    pub ledger: LedgerId,
    created: Instant,
}

/// The only part that every format has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Meta {
    fn path(dir: &Path) -> PathBuf {
        dir.join("ledger.json")
    }

    /// What stands in the data directory; `None` when there is no ledger in it.
    pub fn read(dir: &Path) -> Result<Option<Self>, StartError> {
        let file = Self::path(dir);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if Staging::was_interrupted(dir) {
                    return Err(StartError::RestoreInterrupted(dir.into()));
                }
                let log = dir.join("journal").exists();
                return if log { Err(StartError::MetaMissing(dir.into())) } else { Ok(None) };
            }
            Err(error) => return Err(StartError::io(file)(error)),
        };
        // What a backup holds may be older than what was revoked since: only a restore says so.
        if dir.join("manifest.json").exists() {
            return Err(StartError::IsABackup(dir.into()));
        }
        let damaged =
            |error: serde_json::Error| StartError::MetaDamaged { file: file.clone(), why: error.to_string() };
        let Format { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if format > FORMAT {
            return Err(StartError::NewerFormat { file, found: format, known: FORMAT });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// Begins a ledger; the directory is made if need be. Of two that begin at the same time, one wins.
    pub fn create(dir: &Path, now: Instant, chance: &Chance, disk: &Disk) -> Result<Self, StartError> {
        disk.create_dir_all(dir).map_err(StartError::io(dir))?;
        let meta = Self {
            format: FORMAT,
            ledger: LedgerId::from_bytes(*chance.uuid_at(now.unix_ms()).as_bytes()),
            created: now,
        };
        let mut json = serde_json::to_vec_pretty(&meta).expect("ids and times are JSON");
        json.push(b'\n');
        let file = Self::path(dir);
        // Half a description would be in the way of the next attempt.
        match disk.place_new(&file, &json, &meta.ledger.to_string()) {
            Ok(()) => Ok(meta),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(StartError::InUse(dir.into())),
            Err(error) => Err(StartError::io(file)(error)),
        }
    }
}
