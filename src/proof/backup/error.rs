//! Why there is no backup, or none to trust.

use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::StagingError;
use mfa_ledger_base::tlog::note::NoteError;
use mfa_ledger_log::embedded::OpenError;
use mfa_ledger_vault as vault;

use crate::integrity::Tampered;

/// Nothing was left behind in any of these cases, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something where the result should go.
    #[error("there is something at {} already", .0.display())]
    Exists(PathBuf),
    /// Another process makes the same thing.
    #[error("another process is at work on {}", .0.display())]
    Busy(PathBuf),
    /// The name is none that a directory can be made under.
    #[error("{} is not a name for a new directory", .0.display())]
    Unnamed(PathBuf),
    /// There is no ledger in the data directory.
    #[error("there is no ledger in {}", .0.display())]
    NoLedger(PathBuf),
    /// A server, or another command, has the data directory open.
    #[error("another process has the data directory {} open", .0.display())]
    Held(PathBuf),
    /// The backup was made without the vault.
    #[error("the backup {} has no vault", .0.display())]
    NoVault(PathBuf),
    /// The backup is one of another ledger.
    #[error("the backup {} is not one of the ledger in {}", backup.display(), data_dir.display())]
    OtherLedger {
        /// The backup.
        backup: PathBuf,
        /// The data directory.
        data_dir: PathBuf,
    },
    /// The vault beside the log is that of another log.
    #[error(
        "{} is not the vault of this log: {why}. Bring the right one back (backup restore BACKUP --vault-only), or start with \
        serve --accept-loss \"why\"",
        dir.display()
    )]
    OtherVault {
        /// The vault.
        dir: PathBuf,
        /// What was found.
        why: &'static str,
    },
    /// There is no master key.
    #[error("the master key is needed: every entry is opened before it is restored")]
    KeyNeeded,
    /// The directory is no backup.
    #[error("{} is not a backup: there is no manifest in it", .0.display())]
    NotABackup(PathBuf),
    /// A newer program wrote it.
    #[error("{} has format {found}, this program knows up to {known}", file.display())]
    NewerFormat {
        /// The file that says so.
        file: PathBuf,
        /// Its format.
        found: u64,
        /// The newest known here.
        known: u64,
    },
    /// A file is not what it should be.
    #[error("{}: {why}", file.display())]
    Altered {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The checkpoint does not count.
    #[error("the checkpoint {} does not count", .0.display())]
    Checkpoint(PathBuf, #[source] NoteError),
    /// The log is not what was signed for.
    #[error("{0}")]
    Tampered(Box<Tampered>),
    /// The journal cannot be read, or is damaged.
    #[error("the journal cannot be used")]
    Journal(#[source] OpenError),
    /// The vault cannot be read, or is damaged.
    #[error("the vault cannot be used")]
    Vault(#[source] vault::OpenError),
    /// A file cannot be read or written.
    #[error("{} cannot be used", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl BackupError {
    /// Whether something was altered, cut or damaged, rather than out of reach.
    pub fn is_integrity(&self) -> bool {
        match self {
            Self::Altered { .. } | Self::Checkpoint(..) | Self::Tampered(_) => true,
            Self::Journal(error) => {
                matches!(
                    error,
                    OpenError::Integrity { .. }
                        | OpenError::MarkRemoved { .. }
                        | OpenError::OtherLedger { .. }
                )
            }
            Self::Vault(error) => matches!(error, vault::OpenError::Damaged { .. }),
            _ => false,
        }
    }

    /// What to do about it, where there is more to say.
    pub fn page(&self) -> Option<String> {
        match self {
            Self::Tampered(tampered) => Some(tampered.page()),
            _ => None,
        }
    }

    pub(super) fn altered(file: &Path, why: impl Into<String>) -> Self {
        Self::Altered { file: file.into(), why: why.into() }
    }

    pub(super) fn io(file: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io(file.into(), error)
    }
}

impl From<Tampered> for BackupError {
    fn from(tampered: Tampered) -> Self {
        Self::Tampered(Box::new(tampered))
    }
}

impl From<StagingError> for BackupError {
    fn from(error: StagingError) -> Self {
        match error {
            StagingError::Exists(path) => Self::Exists(path),
            StagingError::Busy(path) => Self::Busy(path),
            StagingError::Unnamed(path) => Self::Unnamed(path),
            StagingError::Io(path, error) => Self::Io(path, error),
        }
    }
}

impl From<OpenError> for BackupError {
    fn from(error: OpenError) -> Self {
        Self::Journal(error)
    }
}

impl From<vault::OpenError> for BackupError {
    fn from(error: vault::OpenError) -> Self {
        Self::Vault(error)
    }
}
