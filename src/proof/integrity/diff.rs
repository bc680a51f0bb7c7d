//! Two journals held against each other, record by record. Neither is held against its checkpoint here.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use mfa_ledger_base::tiles::CHECKPOINT;
use mfa_ledger_log::Position;
use mfa_ledger_log::embedded::raw::{self, Edge};

use super::JournalError;
use crate::integrity::read_checkpoint;

/// Records handed over at once.
const BATCH: usize = 256;

/// Batches that wait to be compared.
const WAITING: usize = 8;

/// How two logs compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// How many records they have in common, from the first on.
    pub common: u64,
    /// The stored bytes at the position behind those, of each that has one. Neither: they are the same.
    pub next: [Option<Vec<u8>>; 2],
    /// Which of them a server holds: of that, only what was signed for was looked at.
    pub in_use: [bool; 2],
}

/// Why two logs cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// There is no journal.
    #[error("there is no ledger in {}", .0.display())]
    NoLedger(PathBuf),
    /// A journal is damaged, or cannot be read.
    #[error("{} cannot be compared", .0.display())]
    Journal(PathBuf, #[source] JournalError),
    /// A file cannot be read.
    #[error("{} cannot be read", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// One of the two.
struct Side<'d> {
    dir: &'d Path,
    until: Option<u64>,
    edge: Edge,
}

impl<'d> Side<'d> {
    fn of(dir: &'d Path) -> Result<Self, DiffError> {
        if !dir.join("journal").is_dir() {
            return Err(DiffError::NoLedger(dir.into()));
        }
        let held = raw::is_held(dir).map_err(|error| DiffError::Io(dir.join("lock"), error))?;
        let edge =
            Edge::read(dir).map_err(|error| DiffError::Journal(dir.into(), JournalError::of(error, 0)))?;
        let sealed = read_checkpoint(&dir.join(CHECKPOINT), None).ok().map(|it| it.checkpoint.size);
        let edge = edge.signed_to(sealed.map(Position));
        Ok(Self { dir, until: held.then_some(sealed.unwrap_or(0)), edge })
    }

    /// Hands all of its records over, until nobody takes them any more.
    fn read(&self, to: &SyncSender<Vec<Vec<u8>>>) -> Result<(), JournalError> {
        if self.until == Some(0) {
            return Ok(());
        }
        let mut batch = Vec::with_capacity(BATCH);
        let mut head = 0;
        let scanned = raw::scan_to(self.dir, None, self.edge.clone(), |frame| {
            head = frame.position.0;
            batch.push(frame.record().to_vec());
            let full = batch.len() == BATCH;
            let on = !full || to.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_ok();
            if on && self.until != Some(head) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        scanned.map_err(|error| JournalError::of(error, head))?;
        // Nobody may want the rest any more.
        let _unread = to.send(batch);
        Ok(())
    }
}

/// The records of one side, as they come.
struct Records(Receiver<Vec<Vec<u8>>>, std::vec::IntoIter<Vec<u8>>);

impl Iterator for Records {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(record) = self.1.next() {
                return Some(record);
            }
            self.1 = self.0.recv().ok()?.into_iter();
        }
    }
}

/// Compares two data directories up to their first difference. Takes no lock; holds a segment of each in memory.
pub fn diff(dirs: [&Path; 2]) -> Result<Compared, DiffError> {
    let sides = [Side::of(dirs[0])?, Side::of(dirs[1])?];
    let in_use = [sides[0].until.is_some(), sides[1].until.is_some()];
    std::thread::scope(|scope| {
        let [first, second] = sides.map(|side| {
            let (to, from) = sync_channel(WAITING);
            let dir = side.dir;
            let reading = scope.spawn(move || side.read(&to));
            (dir, Records(from, Vec::new().into_iter()), reading)
        });
        let (mut a, mut b) = (first.1, second.1);
        let mut common = 0;
        let next = loop {
            match (a.next(), b.next()) {
                (Some(a), Some(b)) if a == b => common += 1,
                next => break [next.0, next.1],
            }
        };
        drop((a, b));
        for (dir, reading, ended) in
            [(first.0, first.2, next[0].is_none()), (second.0, second.2, next[1].is_none())]
        {
            let read = reading.join().expect("reading a journal does not panic");
            // A side that was read to its end must have been sound to its end.
            if ended {
                read.map_err(|error| DiffError::Journal(dir.into(), error))?;
            }
        }
        Ok(Compared { common, next, in_use })
    })
}
