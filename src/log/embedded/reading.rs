//! What readers see: the newest entries from memory, single ones from sled, long stretches from the journal, nothing
//! beyond the published head. Where sled does not give what it should, the journal does, and the next start repairs
//! sled; where the journal does not give a stretch, sled does.
//!
//! An entry is in the tail before the head is published, and leaves it only after sled has it: what
//! the head promises is always in one of the two.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use futures_util::StreamExt;
use futures_util::future::try_join_all;
use futures_util::stream::{self, BoxStream};
use mfa_ledger_base::vitals::{Since, Vitals};
use tokio::sync::watch;

use super::places::Marks;
use super::stretch::Stretches;
use super::tree::Tree;
use crate::{BoxError, CopyHealth, Entry, Health, Position, ReadError, Visit};

/// Entries kept in memory for those who follow live.
pub(super) const TAIL: usize = 1_024;

/// Entries fetched at once.
const CHUNK: usize = 512;

/// Entries in a row from which on the journal is asked first.
pub(super) const LONG: usize = 128;

/// Entries apart from each other that are worth a thread, and the threads of one who reads such.
const APART: usize = 8;
const AT_ONCE: usize = 4;

/// The side of the log that readers share with the writer.
#[derive(Debug)]
pub(super) struct Reading {
    /// `None` once closed, whoever still holds on to this.
    tree: RwLock<Option<Tree>>,
    tail: Mutex<VecDeque<Entry>>,
    /// The newest durable position; its sender ends with the writer.
    pub head: watch::Receiver<Position>,
    /// What the writer is doing, and why nothing is appended any more.
    pub vitals: Arc<Vitals>,
    /// Since when a reader has met damage in the copy: the next start has to compare all of it.
    damaged: OnceLock<Since>,
    /// The newest position that the copy has.
    applied: AtomicU64,
    /// What the start left unread is being looked over, and it is not known yet whether it is sound.
    in_doubt: AtomicBool,
    stretches: Stretches,
}

impl Reading {
    pub fn new(tree: Tree, head: watch::Receiver<Position>, stretches: Stretches) -> Self {
        let applied = AtomicU64::new(head.borrow().0);
        Self {
            tree: RwLock::new(Some(tree)),
            tail: Mutex::new(VecDeque::with_capacity(2 * TAIL)),
            head,
            vitals: Arc::default(),
            damaged: OnceLock::new(),
            applied,
            in_doubt: AtomicBool::new(false),
            stretches,
        }
    }

    /// Poisons the log; the first reason counts.
    pub fn poison(&self, why: String) -> String {
        self.vitals.breaks(why).why.clone()
    }

    /// Why nothing is appended any more.
    pub fn poisoned(&self) -> Option<&str> {
        self.vitals.broken().map(|broken| broken.why.as_str())
    }

    /// How writer and copy fare.
    pub fn health(&self) -> Health {
        let behind = self.head.borrow().0.saturating_sub(self.applied.load(Ordering::Relaxed));
        let copy = CopyHealth { behind, damaged: self.damaged.get().copied() };
        Health { writing: self.vitals.condition(), copy: Some(copy) }
    }

    /// What the start left unread is looked over from now on; it is in doubt until that was done.
    pub fn begin_looking_over(&self) {
        self.in_doubt.store(true, Ordering::Relaxed);
    }

    /// All of the journal was read.
    pub fn note_looked_over(&self) {
        self.in_doubt.store(false, Ordering::Relaxed);
    }

    /// Frames of the journal were passed.
    pub fn add_marks(&self, marks: Marks) {
        self.stretches.places().add(marks);
    }

    /// Whether the next start may leave unread what this one may: it was all read, or nobody began to.
    pub fn is_trusted(&self) -> bool {
        !self.in_doubt.load(Ordering::Relaxed)
    }

    /// Shows durable entries, before the head tells of them.
    pub fn extend_tail(&self, entries: &[Entry]) {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).extend(entries.iter().cloned());
    }

    /// Gives entries of the tail to sled, and lets the oldest leave the tail.
    pub fn apply(&self, entries: &[Entry]) -> Result<(), BoxError> {
        self.with_tree(|tree| tree.apply(entries))??;
        if let Some(last) = entries.last() {
            self.applied.store(last.position.0, Ordering::Relaxed);
        }
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let excess = tail.len().saturating_sub(TAIL);
        tail.drain(..excess);
        Ok(())
    }

    /// Brings sled to the medium.
    pub fn sync(&self) -> Result<(), BoxError> {
        self.with_tree(Tree::sync)?
    }

    /// Syncs and lets go of sled; whether the copy is known to be sound.
    pub fn close(&self) -> Result<bool, BoxError> {
        let tree = self.tree.write().unwrap_or_else(PoisonError::into_inner).take();
        if self.poisoned().is_none()
            && let Some(tree) = &tree
        {
            tree.sync()?;
        }
        Ok(self.damaged.get().is_none())
    }

    fn with_tree<T>(&self, act: impl FnOnce(&Tree) -> T) -> Result<T, ReadError> {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        tree.as_ref().map(act).ok_or(ReadError::Closed)
    }

    /// Entries from `first` on as far as the tail has them, if it has the first.
    fn newest_from(&self, first: Position) -> Option<Vec<Entry>> {
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = usize::try_from(first.0.checked_sub(tail.front()?.position.0)?).ok()?;
        let found: Vec<Entry> = tail.iter().skip(skip).take(CHUNK).cloned().collect();
        (!found.is_empty()).then_some(found)
    }

    /// Entries from `first` on, at least one, none after `last`, which is durable.
    async fn chunk(self: &Arc<Self>, first: Position, last: Position) -> Result<Vec<Entry>, ReadError> {
        if let Some(mut found) = self.newest_from(first) {
            found.retain(|entry| entry.position <= last);
            return Ok(found);
        }
        self.blocking(move |reading| reading.stored(first, last, CHUNK)).await
    }

    /// The same as it is stored.
    fn stored(&self, first: Position, last: Position, limit: usize) -> Result<Vec<Entry>, ReadError> {
        // Whoever holds on to a closed log gets nothing from its files either.
        self.with_tree(|_| ())?;
        if limit.min(usize::try_from(last.0 - first.0).unwrap_or(usize::MAX)) >= LONG {
            match self.stretches.chunk(first, last, limit) {
                Ok(chunk) => return Ok(chunk),
                Err(error) => {
                    tracing::warn!(%first, %error, "the journal does not give a stretch: sled is asked");
                }
            }
        }
        let in_sled = || self.with_tree(|tree| tree.chunk(first, last, limit))?;
        match catch_unwind(AssertUnwindSafe(in_sled)) {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(ReadError::Closed)) => Err(ReadError::Closed),
            Ok(Err(_)) | Err(_) => {
                self.damaged.get_or_init(Since::now);
                self.stretches.chunk(first, last, limit)
            }
        }
    }

    /// Shows the records from `first` to `last`: long stretches from the journal, what it does not give from sled.
    pub fn pass(&self, first: Position, last: Position, visit: Visit<'_>) -> Result<(), ReadError> {
        ReadError::missing(first, last, *self.head.borrow())?;
        self.with_tree(|_| ())?;
        let mut due = first;
        if last.0.saturating_sub(first.0) >= LONG as u64 {
            let mut noted = |position: Position, record: &[u8]| {
                due = position.next();
                visit(position, record)
            };
            match self.stretches.pass(first, last, &mut noted) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%due, %error, "the journal does not give a stretch: sled is asked");
                }
            }
        }
        while due <= last {
            let newest = self.newest_from(due);
            let entries = newest.map_or_else(|| self.stored(due, last, LONG - 1), Ok)?;
            for entry in entries.iter().take_while(|entry| entry.position <= last) {
                due = entry.position.next();
                if visit(entry.position, &entry.record).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Reads where it may block.
    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&Self) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let reading = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || act(&reading)).await;
        read.unwrap_or_else(|error| Err(ReadError::Unavailable(error.into())))
    }
}

/// A reader on its way through the log.
struct Follower {
    reading: Arc<Reading>,
    head: watch::Receiver<Position>,
    next: Position,
    fetched: std::vec::IntoIter<Entry>,
    failed: bool,
}

/// The durable entries after `after`, then those to come.
pub(super) fn follow(reading: Arc<Reading>, after: Position) -> BoxStream<'static, Result<Entry, ReadError>> {
    let head = reading.head.clone();
    let follower =
        Follower { reading, head, next: after.next(), fetched: Vec::new().into_iter(), failed: false };
    stream::unfold(follower, async |mut follower| {
        let entry = follower.advance().await?;
        Some((entry, follower))
    })
    .boxed()
}

impl Follower {
    async fn advance(&mut self) -> Option<Result<Entry, ReadError>> {
        loop {
            if let Some(entry) = self.fetched.next() {
                self.next = entry.position.next();
                return Some(Ok(entry));
            }
            if self.failed {
                return None;
            }
            let next = self.next;
            // The writer is gone when this fails: what is durable is read to the end all the same.
            let _closed = self.head.wait_for(|head| *head >= next).await.is_err();
            let head = *self.head.borrow();
            if head < next {
                return None;
            }
            match self.reading.chunk(next, head).await {
                Ok(chunk) => self.fetched = chunk.into_iter(),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

/// The entries at these positions, in the order asked for.
pub(super) async fn entries(reading: &Arc<Reading>, positions: &[Position]) -> Result<Vec<Entry>, ReadError> {
    let head = *reading.head.borrow();
    if let Some(missing) = positions.iter().find(|at| **at == Position::START || **at > head) {
        return Err(ReadError::Missing(*missing));
    }
    let mut found = reading.pick_from_tail(positions);
    let absent: Vec<Position> =
        positions.iter().zip(&found).filter(|(_, e)| e.is_none()).map(|(at, _)| *at).collect();
    if !absent.is_empty() {
        let mut read = stored_apart(reading, &absent).await?.into_iter();
        for empty in found.iter_mut().filter(|entry| entry.is_none()) {
            *empty = read.next();
        }
    }
    Ok(found.into_iter().flatten().collect())
}

/// Stored entries; many that lie apart are read by several threads, since a disk finds several as fast as one.
async fn stored_apart(reading: &Arc<Reading>, positions: &[Position]) -> Result<Vec<Entry>, ReadError> {
    let apart = positions.windows(2).filter(|pair| pair[0].0.abs_diff(pair[1].0) > 1).count();
    let parts = (apart / APART).clamp(1, AT_ONCE);
    let reads = positions.chunks(positions.len().div_ceil(parts)).map(|part| {
        let part = part.to_vec();
        reading.blocking(move |reading| reading.pick(&part))
    });
    Ok(try_join_all(reads).await?.concat())
}

impl Reading {
    /// Stored entries; those that lie one behind the other, in either order, are read in one go.
    fn pick(&self, positions: &[Position]) -> Result<Vec<Entry>, ReadError> {
        let (mut found, mut positions) = (Vec::with_capacity(positions.len()), positions.to_vec());
        let descending = positions.first() > positions.last();
        if descending {
            positions.reverse();
        }
        for run in positions.chunk_by(|a, b| a.next() == *b) {
            self.run(run[0], run[run.len() - 1], &mut found)?;
        }
        if descending {
            found.reverse();
        }
        Ok(found)
    }

    /// The entries from one position to another.
    fn run(&self, first: Position, last: Position, found: &mut Vec<Entry>) -> Result<(), ReadError> {
        let mut due = first;
        while due <= last {
            let limit = usize::try_from(last.0 - due.0 + 1).unwrap_or(usize::MAX);
            let chunk = self.stored(due, last, limit)?;
            due = Position(due.0 + chunk.len() as u64);
            found.extend(chunk);
        }
        Ok(())
    }

    fn pick_from_tail(&self, positions: &[Position]) -> Vec<Option<Entry>> {
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let front = tail.front().map_or(u64::MAX, |entry| entry.position.0);
        let index = |at: &Position| usize::try_from(at.0.checked_sub(front)?).ok();
        positions.iter().map(|at| tail.get(index(at)?).cloned()).collect()
    }
}
