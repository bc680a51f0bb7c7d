//! The journal of a backup: copied frame by frame from one that may grow, and read back.

use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tlog::{Checkpoint, Hash};
use mfa_ledger_log::Stream;
use mfa_ledger_log::embedded::Sizes;
use mfa_ledger_log::embedded::raw::{self, Edge, JournalWriter, Seal};
use mfa_ledger_projections::Secrets;
use mfa_ledger_schemas::codec;

use super::BackupError;
use crate::integrity::{Holding, Remembered};

/// A copy that grows.
pub(super) struct Copying {
    ledger: [u8; 16],
    writer: JournalWriter,
    size: u64,
    named: Secrets,
}

impl Copying {
    /// Begins one in a directory that has none.
    pub fn begin(dir: &Path, ledger: [u8; 16], disk: &Disk) -> Result<Self, BackupError> {
        // Nobody appends to it there: no zeros ahead.
        let sizes = Sizes { ahead: 0, ..Sizes::default() };
        let writer = JournalWriter::create(dir, ledger, disk, sizes).map_err(BackupError::io(dir))?;
        Ok(Self { ledger, writer, size: 0, named: Secrets::default() })
    }

    /// Copies on up to `until`, or to the end of a log that nobody writes to.
    pub fn extend(&mut self, from: &Path, until: Option<u64>, edge: Edge) -> Result<(), BackupError> {
        let (seal, mut bytes, mut failed) = (Seal::new(self.ledger), Vec::new(), None);
        if until.is_some_and(|until| until <= self.size) {
            return Ok(());
        }
        raw::scan_to(from, Some(self.ledger), edge, |frame| {
            if frame.position.0 <= self.size {
                return ControlFlow::Continue(());
            }
            bytes.clear();
            seal.write(&mut bytes, frame.position, frame.batch, &Stream::new(frame.stream), frame.record());
            let took = name(&mut self.named, from, frame)
                .and_then(|()| self.writer.push(frame, &bytes).map_err(BackupError::io(from)));
            if let Err(error) = took {
                failed = Some(error);
                return ControlFlow::Break(());
            }
            self.size = frame.position.0;
            if until == Some(self.size) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// What the copy names so far.
    pub fn named(&self) -> &Secrets {
        &self.named
    }

    /// Makes all of it durable.
    pub fn finish(self, dir: &Path) -> Result<(), BackupError> {
        self.writer.finish().map(drop).map_err(BackupError::io(dir))
    }
}

/// A journal that was read to its end and is what was signed for.
pub(super) struct Proven {
    pub records: u64,
    pub named: Secrets,
}

/// Reads a journal that nobody writes to, and holds it against a checkpoint: the one place where a copy is
/// proven.
pub(super) fn prove(dir: &Path, ledger: [u8; 16], checkpoint: &Checkpoint) -> Result<Proven, BackupError> {
    let (proven, torn) = read(dir, ledger, checkpoint)?;
    torn.map_or(Ok(proven), Err)
}

/// Reads a journal that goes on behind a checkpoint, perhaps with a torn end that the next start cuts off.
pub(super) fn continued(
    dir: &Path,
    ledger: [u8; 16],
    checkpoint: &Checkpoint,
) -> Result<Proven, BackupError> {
    read(dir, ledger, checkpoint).map(|(proven, _torn)| proven)
}

fn read(
    dir: &Path,
    ledger: [u8; 16],
    checkpoint: &Checkpoint,
) -> Result<(Proven, Option<BackupError>), BackupError> {
    let remembered = Remembered { source: "checkpoint".into(), checkpoint: checkpoint.clone() };
    let mut holding = Holding::new(vec![remembered], None);
    let mut named = Secrets::default();
    let scan = raw::scan(dir, Some(ledger), |frame| {
        holding.record(frame.position.0, frame.record());
        // What cannot be decoded is for the holding to tell: it names it.
        if let Ok(record) = codec::decode(frame.record()) {
            named.take(&record.event);
        }
        ControlFlow::Continue(())
    })?;
    let sound = holding.judge(scan.head.0)?;
    let torn =
        scan.torn.map(|cut| BackupError::altered(&cut.file, format!("it is torn at byte {}", cut.offset)));
    Ok((Proven { records: sound.size, named }, torn))
}

/// The root that a checkpoint of this size has, as text.
pub(super) fn root_text(root: &Hash) -> String {
    root.to_string()
}

fn name(named: &mut Secrets, from: &Path, frame: &raw::Frame<'_>) -> Result<(), BackupError> {
    let record = codec::decode(frame.record()).map_err(|error| {
        BackupError::altered(&from.join("journal"), format!("position {}: {error}", frame.position))
    })?;
    named.take(&record.event);
    Ok(())
}
