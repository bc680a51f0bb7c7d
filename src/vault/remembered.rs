//! `vault.json` in a data directory: which vault belongs to the log that lies there. Without it a vault that was removed,
//! and one of another log, could not be told from the right one.

use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use mfa_ledger_base::disk::Disk;
use serde::{Deserialize, Serialize};

use super::VaultId;

/// Why a vault is not the one of a log.
pub const ANOTHER: &str = "the vault has another id than the one of this log";
/// The same, where its id does not tell.
pub const NONE_NAMED: &str = "the vault has none of the entries that the log names";

/// What is remembered of the vault of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Its id, in hex.
    pub vault: String,
    /// The loss of the vault before it, until that is on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Loss>,
}

/// A lost vault that an operator went on without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Why, in the operator's words.
    pub reason: String,
    /// What was found.
    pub found: String,
}

impl Remembered {
    /// This vault, and no loss.
    pub fn new(id: VaultId) -> Self {
        Self { vault: HEXLOWER.encode(&id), loss: None }
    }

    /// Where it lies.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("vault.json")
    }

    /// What a data directory remembers; nothing in one that an earlier version wrote.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(Self::path(data_dir)) {
            // It is a note: a damaged one is as good as none, and a start then looks at what the vault holds.
            Ok(json) => Ok(serde_json::from_slice(&json).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Remembers it; durable when this returns.
    pub fn store(&self, data_dir: &Path, disk: &Disk) -> io::Result<()> {
        disk.replace(&Self::path(data_dir), &serde_json::to_vec(self)?)
    }

    /// Whether it is this vault.
    pub fn is(&self, id: VaultId) -> bool {
        self.vault == HEXLOWER.encode(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Remembered::read(dir.path()).unwrap(), None);
        let mut remembered = Remembered::new([7; 16]);
        for loss in [None, Some(Loss { reason: "disk".into(), found: "gone".into() })] {
            remembered.loss = loss;
            remembered.store(dir.path(), &Disk::real()).unwrap();
            assert_eq!(Remembered::read(dir.path()).unwrap().as_ref(), Some(&remembered));
        }
        assert!(remembered.is([7; 16]) && !remembered.is([8; 16]));
        std::fs::write(Remembered::path(dir.path()), "{").unwrap();
        assert_eq!(Remembered::read(dir.path()).unwrap(), None);
    }
}
