//! A whole data directory: its journal, held against its checkpoint and against those that others kept.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tiles::CHECKPOINT;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::note::NoteError;
use mfa_ledger_base::tlog::{Hash, VerifierKey};
use mfa_ledger_log::Position;
use mfa_ledger_log::embedded::OpenError;
use mfa_ledger_log::embedded::raw::{self, Edge};
use mfa_ledger_schemas::LedgerId;

use super::journal::{self, Extent, JournalError};
use super::signed::{CheckpointError, read_checkpoint, same_log, signers};
use super::{Bad, Holding, Kind, Remembered, Tampered};

/// What a data directory is held against.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// The keys that count; `None` when signatures are not to be looked at.
    pub keys: Option<Vec<VerifierKey>>,
    /// The origin that the log has now, where that is known from elsewhere.
    pub origin: Option<String>,
    /// More checkpoints, whose signatures were checked.
    pub remembered: Vec<Remembered>,
}

/// What was found, where all is well.
#[derive(Clone, Debug)]
pub struct Verified {
    /// How many records are sound.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Which log it is, by its checkpoint.
    pub origin: Option<String>,
    /// The keys that signed the checkpoint.
    pub signed_by: Vec<String>,
    /// Records behind the newest checkpoint: sound in themselves, signed for by nobody yet.
    pub unsealed: u64,
    /// Bytes at the end of the journal that are a batch that was never written in full.
    pub torn_bytes: u64,
    /// A server holds the directory: what lies behind the checkpoint was not looked at.
    pub in_use: bool,
}

/// Why a data directory was not found sound.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It failed verification.
    #[error("{0}")]
    Tampered(Box<Tampered>),
    /// There is no ledger.
    #[error("there is no ledger in {}", .0.display())]
    NoLedger(PathBuf),
    /// The journal cannot be read.
    #[error("the journal cannot be read")]
    Open(#[source] OpenError),
    /// A file cannot be read.
    #[error("{} cannot be read", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl From<Tampered> for VerifyError {
    fn from(tampered: Tampered) -> Self {
        Self::Tampered(Box::new(tampered))
    }
}

impl From<JournalError> for VerifyError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Tampered(tampered) => Self::Tampered(tampered),
            JournalError::Open(error) => Self::Open(error),
        }
    }
}

/// Verifies a data directory, also beside a server that writes to it: then up to the checkpoint.
pub fn verify(
    data_dir: &Path,
    against: Against,
    close: std::ops::RangeInclusive<u64>,
    seen: impl FnMut(u64) + Send,
) -> Result<Verified, VerifyError> {
    // The checkpoint first: beside a server the journal only grows, so that it reaches at least that far. The mark of an
    // orderly stop before it: at that time the checkpoint covered everything.
    let in_use = in_use(data_dir)?;
    let edge = Edge::read(data_dir).map_err(|error| VerifyError::from(JournalError::of(error, 0)))?;
    let signed = read_own(data_dir, &against)?;
    if !data_dir.join("journal").exists() {
        if signed.is_none() && !data_dir.join("ledger.json").exists() {
            return Err(VerifyError::NoLedger(data_dir.into()));
        }
        return Err(Tampered::at(Kind::Damaged, Bad::At(1), 0, "the journal is gone").into());
    }
    let ledger = raw::ledger(data_dir).map_err(|error| VerifyError::from(JournalError::of(error, 0)))?;
    let ledger = LedgerId::from_bytes(ledger);
    let keys = against.keys.as_deref();
    let mut remembered = against.remembered;
    let (mut origin, mut signed_by) = (None, Vec::new());
    if let Some(signed) = &signed {
        check_origin(&signed.checkpoint.origin, ledger, against.origin.as_deref())?;
        origin = Some(signed.checkpoint.origin.clone());
        signed_by = signers(signed, keys);
        let checkpoint = signed.checkpoint.clone();
        remembered.push(Remembered { source: CHECKPOINT.into(), checkpoint });
    }
    let until = in_use.then(|| remembered.iter().map(|it| it.checkpoint.size).max().unwrap_or(0));
    let sealed = signed.as_ref().map_or(0, |signed| signed.checkpoint.size);
    let edge = edge.signed_to(signed.is_some().then_some(Position(sealed)));
    let mut at_end = edge.clone();
    let holding = Holding::new(remembered.clone(), Some(TileStore::new(data_dir, Disk::real())));
    let (holding, scan) = journal::hold(data_dir, holding, &Extent { edge, until, close }, seen)?;
    let size = holding.size();
    let sound = holding.judge(scan.head.0)?;
    at_end.admit(&scan).map_err(|error| VerifyError::from(JournalError::of(error, size)))?;
    if signed.is_none() && keys.is_some() && remembered.is_empty() && size > 0 {
        let detail = "there is no checkpoint: it was taken away, or this log was never served";
        return Err(Tampered::at(Kind::Signature, Bad::Nowhere, size, detail).into());
    }
    Ok(Verified {
        size: sound.size,
        root: sound.root,
        origin,
        signed_by,
        unsealed: sound.size.saturating_sub(sealed),
        torn_bytes: scan.torn.map_or(0, |cut| cut.bytes),
        in_use,
    })
}

/// The checkpoint in the directory itself; one that does not count is tampering.
fn read_own(
    data_dir: &Path,
    against: &Against,
) -> Result<Option<mfa_ledger_base::tlog::SignedCheckpoint>, VerifyError> {
    match read_checkpoint(&data_dir.join(CHECKPOINT), against.keys.as_deref()) {
        Ok(signed) => Ok(Some(signed)),
        Err(CheckpointError::Missing(_)) => Ok(None),
        Err(CheckpointError::Note(path, error)) => {
            let why = match error {
                NoteError::Unsigned => "no known key has signed it".to_owned(),
                other => other.to_string(),
            };
            let detail = format!("{}: {why}", path.display());
            Err(Tampered::at(Kind::Signature, Bad::Nowhere, 0, detail).into())
        }
        Err(CheckpointError::Io(path, error)) => Err(VerifyError::Io(path, error)),
    }
}

fn check_origin(found: &str, ledger: LedgerId, known: Option<&str>) -> Result<(), Tampered> {
    let detail = if !same_log(found, ledger) {
        format!("the checkpoint is that of {found}, the journal that of mfa-ledger/{ledger}")
    } else if let Some(known) = known.filter(|known| *known != found) {
        format!("the checkpoint is that of {found}, but the log goes on as {known}")
    } else {
        return Ok(());
    };
    Err(Tampered::at(Kind::Signature, Bad::Nowhere, 0, detail))
}

/// Whether a server, or another command, holds the directory.
fn in_use(data_dir: &Path) -> Result<bool, VerifyError> {
    let path = data_dir.join("lock");
    let failed = |error| VerifyError::Io(path.clone(), error);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
