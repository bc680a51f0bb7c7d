//! `accepting-loss.json`: what an operator accepted and is not on record yet.

use std::path::{Path, PathBuf};

use mfa_ledger_schemas::bodies::LossAccepted;
use serde::{Deserialize, Serialize};

use crate::data_dir::StartError;
use crate::disk::Disk;
use crate::keyring::Keyring;

/// The file. It is there from before the first change to the log until the record is durable.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::data_dir) struct Pending(pub(super) LossAccepted);

impl Pending {
    fn path(dir: &Path) -> PathBuf {
        dir.join("accepting-loss.json")
    }

    /// Whether the log is about to continue under these keys.
    pub fn is_of(dir: &Path, keyring: &Keyring) -> Result<bool, StartError> {
        let pending = Self::read(dir)?;
        Ok(pending.is_some_and(|Self(loss)| loss.verifier == keyring.signing().verifier().to_string()))
    }

    /// Refuses a data directory in which a loss of records was being accepted.
    pub fn require_none(dir: &Path) -> Result<(), StartError> {
        match Self::read(dir)? {
            Some(_) => Err(StartError::AcceptanceInterrupted(dir.into())),
            None => Ok(()),
        }
    }

    /// What lies in a data directory.
    pub fn read(dir: &Path) -> Result<Option<Self>, StartError> {
        let file = Self::path(dir);
        match std::fs::read(&file) {
            Ok(json) => match serde_json::from_slice(&json) {
                Ok(pending) => Ok(Some(pending)),
                Err(error) => Err(StartError::io(file)(error.into())),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StartError::io(file)(error)),
        }
    }

    pub(super) fn store(&self, dir: &Path, disk: &Disk) -> Result<(), StartError> {
        let json = serde_json::to_vec(self).expect("words and numbers are JSON");
        let file = Self::path(dir);
        disk.replace(&file, &json).map_err(StartError::io(file))
    }

    pub(super) fn remove(dir: &Path, disk: &Disk) -> Result<(), StartError> {
        let file = Self::path(dir);
        disk.remove(&file).and_then(|()| disk.sync_dir(dir)).map_err(StartError::io(file))
    }
}
