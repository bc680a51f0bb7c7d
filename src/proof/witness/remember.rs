//! What a witness has signed last, a small file a log.

use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tlog::note::MAX_NOTE;
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};

use super::{WitnessError, origin_hash};

/// The directory, ours for as long as this lives.
#[derive(Debug)]
pub(super) struct Memory {
    dir: PathBuf,
    disk: Disk,
    _lock: File,
}

impl Memory {
    pub fn take(dir: &Path, disk: Disk) -> Result<Self, WitnessError> {
        let failed = |error| WitnessError::Io(dir.into(), error);
        let mut options = File::options();
        let lock = options.create(true).truncate(false).write(true).open(dir.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir: dir.into(), disk, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(WitnessError::InUse(dir.into())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// What was signed last of a log. A file that does not carry our own signature is damaged.
    pub fn read(&self, origin: &str, key: &VerifierKey) -> Result<Option<SignedCheckpoint>, WitnessError> {
        let file = self.path(origin);
        let mut bytes = Vec::new();
        let limit = MAX_NOTE as u64 + 1;
        match File::open(&file).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(WitnessError::Io(file, error)),
        }
        let damaged = |why: String| WitnessError::Damaged { file: file.clone(), why };
        let signed = SignedCheckpoint::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        signed.note.verify(std::slice::from_ref(key)).map_err(|error| damaged(error.to_string()))?;
        if signed.checkpoint.origin != origin {
            return Err(damaged(format!("it is of another log, {}", signed.checkpoint.origin)));
        }
        Ok(Some(signed))
    }

    /// Durable when this returns.
    pub fn write(&self, signed: &SignedCheckpoint) -> io::Result<()> {
        self.disk.replace(&self.path(&signed.checkpoint.origin), signed.note.to_string().as_bytes())
    }

    fn path(&self, origin: &str) -> PathBuf {
        self.dir.join(format!("{}.checkpoint", origin_hash(origin)))
    }
}
