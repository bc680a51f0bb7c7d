//! Why there is no export, or none to trust.

use std::io;
use std::path::PathBuf;

use mfa_ledger_base::disk::StagingError;
use mfa_ledger_log::embedded::OpenError;

use crate::integrity::data_dir::VerifyError;
use crate::integrity::{Bad, CheckpointError, JournalError, Kind, Tampered};

/// Nothing was left behind in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file is something else.
    #[error("this is not an export of a log")]
    Foreign,
    /// A newer program wrote it.
    #[error("the export has format {found}, this program knows up to {known}")]
    NewerFormat {
        /// Its format.
        found: u64,
        /// The newest known here.
        known: u64,
    },
    /// It was altered or cut, or the log was.
    #[error("{0}")]
    Tampered(Box<Tampered>),
    /// The positions asked for are not among those that were signed for.
    #[error("positions {from} to {to} are not among the {size} that the newest checkpoint was signed for")]
    NoSuchPositions {
        /// The first asked for.
        from: u64,
        /// The last asked for.
        to: u64,
        /// How many there are.
        size: u64,
    },
    /// A checkpoint cannot be compared with a part of a log that neither begins nor ends there.
    #[error("{held} is of {size} records; an export of positions {from} to {to} shows nothing of that")]
    NotComparable {
        /// Where the checkpoint is from.
        held: String,
        /// Its size.
        size: u64,
        /// The first position of the export.
        from: u64,
        /// The last.
        to: u64,
    },
    /// What should be imported is not a whole log in the raw form.
    #[error("only the raw export of a whole log can be imported: {0}")]
    NotWhole(String),
    /// There is no ledger in the data directory.
    #[error("there is no ledger in {}", .0.display())]
    NoLedger(PathBuf),
    /// There is no checkpoint that counts.
    #[error("the log has no checkpoint to export it with")]
    Checkpoint(#[source] CheckpointError),
    /// The journal cannot be read.
    #[error("the journal cannot be read")]
    Open(#[source] OpenError),
    /// The data directory cannot be begun or put in its place.
    #[error(transparent)]
    Staging(StagingError),
    /// Bytes cannot be read.
    #[error("the export cannot be read")]
    Read(#[source] io::Error),
    /// Bytes cannot be written.
    #[error("the export cannot be written")]
    Write(#[source] io::Error),
    /// A file cannot be read or written.
    #[error("{} cannot be used", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl ExportError {
    /// The file is damaged, from this position on.
    pub(super) fn damaged(position: u64, why: impl Into<String>) -> Self {
        Tampered::at(Kind::Damaged, Bad::At(position), position.saturating_sub(1), why).into()
    }

    /// The file is damaged before its first record.
    pub(super) fn header(why: impl Into<String>) -> Self {
        Tampered::at(Kind::Damaged, Bad::Nowhere, 0, why).into()
    }

    pub(super) fn unsigned(why: impl Into<String>) -> Self {
        Tampered::at(Kind::Signature, Bad::Nowhere, 0, why).into()
    }
}

impl From<Tampered> for ExportError {
    fn from(tampered: Tampered) -> Self {
        Self::Tampered(Box::new(tampered))
    }
}

impl From<JournalError> for ExportError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Tampered(tampered) => Self::Tampered(tampered),
            JournalError::Open(error) => Self::Open(error),
        }
    }
}

impl From<VerifyError> for ExportError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Tampered(tampered) => Self::Tampered(tampered),
            VerifyError::NoLedger(dir) => Self::NoLedger(dir),
            VerifyError::Open(error) => Self::Open(error),
            VerifyError::Io(path, error) => Self::Io(path, error),
        }
    }
}

impl From<StagingError> for ExportError {
    fn from(error: StagingError) -> Self {
        Self::Staging(error)
    }
}
