//! The journal of a data directory, held record by record: one thread reads, several look at records, one
//! keeps the tree. All of them together hold a segment and a few batches in memory.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use mfa_ledger_schemas::LedgerId;

use super::{Bad, Examined, Holding, Kind, Tampered};
use crate::log::embedded::OpenError;
use crate::log::embedded::raw::{self, Scan};

/// Records that go to a thread at once.
const BATCH: usize = 1_024;

/// Batches that wait for a thread, or for the tree.
const WAITING: usize = 4;

/// Which records are read, and which of them are looked at closely. All that are read are in the tree.
#[derive(Clone, Debug)]
pub struct Extent {
    /// Nothing behind this position is read; beside a running server the end may be half written.
    pub until: Option<u64>,
    /// Records here are decoded and rendered anew.
    pub close: RangeInclusive<u64>,
}

/// Why a journal was not held.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Its files are damaged.
    #[error("{0}")]
    Tampered(Box<Tampered>),
    /// It cannot be read.
    #[error("the journal cannot be read")]
    Open(#[source] OpenError),
}

impl JournalError {
    pub(super) fn of(error: OpenError, seen: u64) -> Self {
        match error {
            OpenError::Integrity { file, offset, position, why } => {
                let detail = format!("{} at byte {offset}: {why}", file.display());
                let bad = Bad::At(position.0.max(1));
                Self::Tampered(Box::new(Tampered::at(Kind::Damaged, bad, seen, detail)))
            }
            error => Self::Open(error),
        }
    }
}

#[derive(Default)]
struct Batch {
    first: u64,
    bytes: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
}

impl Batch {
    fn examine(&self, extent: &Extent, ledger: LedgerId) -> Vec<Examined> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        let records = begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end]);
        let examined = records.zip(self.first..).map(|(record, position)| {
            if extent.close.contains(&position) {
                Examined::of(record, Some(ledger))
            } else {
                Examined::hashed(record)
            }
        });
        examined.collect()
    }
}

/// Holds the journal of a data directory; `seen` is told how far the tree is. Takes no lock, changes nothing.
pub fn hold(
    data_dir: &Path,
    holding: Holding,
    extent: &Extent,
    mut seen: impl FnMut(u64) + Send,
) -> Result<(Holding, Scan), JournalError> {
    let bytes = raw::ledger(data_dir).map_err(|error| JournalError::of(error, 0))?;
    let ledger = LedgerId::from_bytes(bytes);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let (mut to, mut from) = (Vec::new(), Vec::new());
        for _ in 0..threads {
            let (give, take) = sync_channel::<Batch>(WAITING);
            let (answer, answered) = sync_channel(WAITING);
            scope.spawn(move || {
                for batch in take {
                    if answer.send((batch.first, batch.examine(extent, ledger))).is_err() {
                        return;
                    }
                }
            });
            to.push(give);
            from.push(answered);
        }
        let tree = scope.spawn(move || collect(holding, &from, &mut seen));
        let mut head = 0;
        let scanned = read(data_dir, bytes, extent, &to, &mut head);
        drop(to);
        let holding = tree.join().expect("keeping the tree does not panic");
        Ok((holding, scanned.map_err(|error| JournalError::of(error, head))?))
    })
}

/// Hands the records on, to each thread in its turn.
fn read(
    data_dir: &Path,
    ledger: [u8; 16],
    extent: &Extent,
    to: &[SyncSender<Batch>],
    head: &mut u64,
) -> Result<Scan, OpenError> {
    if extent.until == Some(0) {
        return Ok(Scan { ledger, head: crate::log::Position::START, torn: None });
    }
    let mut turns = to.iter().cycle();
    let mut hand_on = |batch: &mut Batch| {
        let batch = std::mem::take(batch);
        turns.next().is_some_and(|turn| batch.ends.is_empty() || turn.send(batch).is_ok())
    };
    let mut batch = Batch::default();
    let scan = raw::scan(data_dir, Some(ledger), |frame| {
        if batch.ends.is_empty() {
            batch.first = frame.position.0;
        }
        batch.bytes.extend_from_slice(frame.record());
        batch.ends.push(batch.bytes.len());
        *head = frame.position.0;
        let on = batch.ends.len() < BATCH || hand_on(&mut batch);
        if on && extent.until != Some(*head) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    hand_on(&mut batch);
    Ok(scan)
}

/// Takes the answers in the order in which the batches were handed on.
fn collect(
    mut holding: Holding,
    from: &[Receiver<(u64, Vec<Examined>)>],
    seen: &mut impl FnMut(u64),
) -> Holding {
    for turn in from.iter().cycle() {
        let Ok((first, examined)) = turn.recv() else { break };
        let last = first + examined.len() as u64 - 1;
        for (examined, position) in examined.into_iter().zip(first..) {
            holding.add(position, examined);
        }
        seen(last);
    }
    holding
}
