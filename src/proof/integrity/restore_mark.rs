//! `restored.json`: a data directory goes on from an earlier moment, and its log does not say so yet.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;
use mfa_ledger_schemas::Instant;
use serde::{Deserialize, Serialize};

/// The file. The first start that writes to the log puts it on record and takes it away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreMark {
    /// The user of the operating system who went back.
    pub operator: String,
    /// How many records there were at that moment.
    pub kept: u64,
    /// When the backup was made, where one was restored.
    pub backup_at: Option<Instant>,
}

impl RestoreMark {
    /// Where it lies in a data directory.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join("restored.json")
    }

    /// The one in a data directory.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(dir: &Path) -> std::io::Result<Option<Self>> {
        match std::fs::read(Self::path(dir)) {
            Ok(json) => Ok(Some(serde_json::from_slice(&json)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Leaves it.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn store(&self, dir: &Path, disk: &Disk) -> std::io::Result<()> {
        let json = serde_json::to_vec(self).expect("words and numbers are JSON");
        disk.replace(&Self::path(dir), &json)
    }

    /// Takes it away.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn remove(dir: &Path, disk: &Disk) -> std::io::Result<()> {
        disk.remove(&Self::path(dir)).and_then(|()| disk.sync_dir(dir))
    }
}
