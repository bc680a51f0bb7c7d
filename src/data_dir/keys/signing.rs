//! The keys that sign checkpoints, and the checkpoint that they signed last.
//!
//! | keys | checkpoint | what it is |
//! |---|---|---|
//! | there | signed by one of them | a ledger; the log is held against it |
//! | none | none, or one of an empty log | a ledger that begins: keys are made; with records in it: refused |
//! | there | none | somebody took it away: refused |
//! | none | of a log with records | the keys are lost, or not handed over: refused |
//! | there, of a later origin | signed by one of them | the history of a former origin, put back: refused |
//!
//! The checkpoint of the empty log is written before the keys that signed it, so that a start that was
//! interrupted is begun again and never taken for the third case.

use std::io;
use std::sync::Arc;

use mfa_ledger_schemas::LedgerId;

use super::credential::is_credential;
use crate::chance::Chance;
use crate::config::Config;
use crate::data_dir::StartError;
use crate::data_dir::recover::Pending;
use crate::disk::Disk;
use crate::integrity::Remembered;
use crate::keyring::{Keyring, KeyringError};
use crate::log::embedded::{OpenError, raw};
use crate::tiles::CHECKPOINT;
use crate::tlog::SignedCheckpoint;
use crate::tlog::note::MAX_NOTE;

/// What a log is signed with, and what was signed last.
#[derive(Debug)]
pub(in crate::data_dir) struct Signing {
    pub keyring: Arc<Keyring>,
    pub last: SignedCheckpoint,
}

impl Signing {
    /// What the data directory itself remembers of its log.
    pub fn remembered(&self) -> Remembered {
        Remembered { source: CHECKPOINT.to_owned(), checkpoint: self.last.checkpoint.clone() }
    }
}

/// The keys and the last checkpoint of a ledger; made where it begins.
pub(in crate::data_dir) fn read_or_make(
    config: &Config,
    ledger: LedgerId,
    chance: &Chance,
    disk: &Disk,
) -> Result<Signing, StartError> {
    if let Some(signing) = read(config)? {
        return Ok(signing);
    }
    if has_records(config, ledger)? {
        return Err(StartError::Unsigned(config.data_dir.clone()));
    }
    let path = config.signing_key_file();
    let keyring = Keyring::generate(&ledger.to_string(), chance);
    let last = store_empty(config, &keyring, disk)?;
    keyring.create(&path, disk, chance).map_err(StartError::Keyring)?;
    tracing::info!(file = %path.display(), "keys to sign checkpoints were made; keep them apart from the backups of the data");
    Ok(Signing { keyring: Arc::new(keyring), last })
}

/// Whether there is anything that must have been signed for. A journal that is damaged is told by whoever opens
/// it.
fn has_records(config: &Config, ledger: LedgerId) -> Result<bool, StartError> {
    match raw::newest(&config.data_dir, ledger.bytes()) {
        Ok(newest) => Ok(newest.is_some()),
        Err(OpenError::Integrity { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The keys and the last checkpoint of a ledger; `None` where they are yet to be made.
pub(in crate::data_dir) fn read(config: &Config) -> Result<Option<Signing>, StartError> {
    let path = config.signing_key_file();
    let checkpoint = read_checkpoint(config)?;
    match Keyring::read(&path, is_credential(&path)) {
        Ok(keyring) => {
            let text = checkpoint.ok_or_else(|| StartError::CheckpointGone(config.data_dir.clone()))?;
            let last = SignedCheckpoint::open(&text, &keyring.verifiers()).map_err(|source| {
                StartError::Checkpoint { file: config.data_dir.join(CHECKPOINT), source }
            })?;
            // An origin never signs two histories, and this one has signed another than that of the former origin.
            let origin = &last.checkpoint.origin;
            if origin != keyring.origin() && !Pending::is_of(&config.data_dir, &keyring)? {
                let (found, known) = (origin.clone(), keyring.origin().to_owned());
                return Err(StartError::FormerOrigin { found, known });
            }
            Ok(Some(Signing { keyring: Arc::new(keyring), last }))
        }
        Err(KeyringError::Missing(_)) if checkpoint.as_deref().is_none_or(is_of_empty_log) => Ok(None),
        Err(error) => Err(StartError::Keyring(error)),
    }
}

/// Signs for the empty log, which every history begins with.
pub(in crate::data_dir) fn store_empty(
    config: &Config,
    keyring: &Keyring,
    disk: &Disk,
) -> Result<SignedCheckpoint, StartError> {
    let file = config.data_dir.join(CHECKPOINT);
    let empty = keyring.of_empty_log();
    disk.replace(&file, empty.note.to_string().as_bytes()).map_err(StartError::io(file))?;
    Ok(empty)
}

fn is_of_empty_log(text: &[u8]) -> bool {
    SignedCheckpoint::parse(text).is_ok_and(|signed| signed.checkpoint.size == 0)
}

fn read_checkpoint(config: &Config) -> Result<Option<Vec<u8>>, StartError> {
    use io::Read;
    let file = config.data_dir.join(CHECKPOINT);
    let mut text = Vec::new();
    let limit = MAX_NOTE as u64 + 1;
    match std::fs::File::open(&file).and_then(|file| file.take(limit).read_to_end(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StartError::io(file)(error)),
    }
}
