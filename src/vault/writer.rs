//! The writer: one thread that owns the two files. It takes what has queued up, writes it as one batch
//! with one sync per file, and answers.
//!
//! Frames are durable before the slots that open them, so a slot without a frame means damage. Damaged bytes are never
//! overwritten: new frames go behind the last byte in use, and a damaged slot is free only once its entry is destroyed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::vitals::{TellsOfPanic, Vitals};
use tokio::sync::{mpsc, oneshot};

use super::doubt;
use super::header::SEALED_HEADER_BYTES;
use super::seal::{EntryId, Sealed};
use super::sealed::{self, Place};
use super::slots::{Slot, Slots, wrapped};
use super::store::{Catalog, Entry, VaultError};

/// What the writer is in, as health checks show it.
const BATCH: &str = "a write to the vault";
pub(super) const COMPACTION: &str = "a write of the compaction of the vault";
const CLOSING: &str = "the closing of the vault";

/// Requests in one batch.
const MAX_BATCH: usize = 256;

/// Garbage in the sealed file (bytes) below which it is not rewritten.
pub(super) const COMPACT_ABOVE_BYTES: u64 = 16 * 1024 * 1024;

/// What the writer is asked for.
pub(super) enum Work {
    Put {
        id: EntryId,
        sealed: Sealed,
        reply: Reply<()>,
    },
    Destroy {
        ids: Vec<EntryId>,
        reply: Reply<usize>,
    },
    /// Nothing is written after what was asked for before this.
    Close,
}

type Reply<T> = oneshot::Sender<Result<T, VaultError>>;

/// The owner of the files.
pub(super) struct Writer {
    pub(super) dir: PathBuf,
    pub(super) disk: Disk,
    pub(super) catalog: Arc<RwLock<Catalog>>,
    /// Where the next frame goes.
    pub(super) sealed_end: u64,
    /// Bytes of the frames of live entries.
    live_bytes: u64,
    compact_above: u64,
    slots: Slots,
    pub(super) vitals: Arc<Vitals>,
    broken: Option<Arc<io::Error>>,
}

/// A batch, worked out and not yet written.
#[derive(Default)]
struct Batch {
    frames: Vec<u8>,
    slots: BTreeMap<u32, Option<Slot>>,
    added: HashMap<EntryId, Entry>,
    removed: HashSet<EntryId>,
    answers: Vec<Answer>,
}

enum Answer {
    Put(Reply<()>, Result<(), VaultError>),
    Destroyed(Reply<usize>, usize),
}

impl Writer {
    pub fn new(
        dir: &Path,
        disk: Disk,
        slots: Slots,
        catalog: Arc<RwLock<Catalog>>,
        sealed_end: u64,
        compact_above: u64,
        vitals: Arc<Vitals>,
    ) -> Self {
        let live_bytes = {
            let catalog = catalog.read().unwrap_or_else(PoisonError::into_inner);
            catalog.entries.values().map(|entry| u64::from(entry.place.len)).sum()
        };
        let (dir, broken) = (dir.into(), None);
        Self { dir, disk, catalog, sealed_end, live_bytes, compact_above, slots, vitals, broken }
    }

    /// Works until it is closed, or the last sender is gone.
    ///
    /// # Errors
    /// When the vault is broken, or its end could not be marked: the next open does not take it for a good one.
    pub fn run(mut self, mut queue: mpsc::Receiver<Work>) -> Result<(), Arc<io::Error>> {
        let vitals = Arc::clone(&self.vitals);
        let _told = TellsOfPanic(&vitals);
        let mut waiting = Vec::with_capacity(MAX_BATCH);
        while queue.blocking_recv_many(&mut waiting, MAX_BATCH) > 0 {
            let close = waiting.iter().position(|work| matches!(work, Work::Close));
            let count = close.unwrap_or(waiting.len());
            vitals.track(BATCH, || self.commit(waiting.drain(..count)));
            if self.broken.is_none()
                && let Err(cause) = self.compact_if_worth_it()
            {
                self.breaks(&Arc::new(cause));
            }
            if close.is_some() {
                // Those behind it hear that the writer has ended, when their replies are dropped.
                return vitals.track(CLOSING, || self.close());
            }
        }
        Ok(())
    }

    fn close(&self) -> Result<(), Arc<io::Error>> {
        match &self.broken {
            Some(cause) => Err(Arc::clone(cause)),
            None => doubt::leave_mark(&self.dir, &self.disk).map_err(Arc::new),
        }
    }

    fn commit(&mut self, work: impl ExactSizeIterator<Item = Work>) {
        let mut batch = Batch::default();
        let reserved = match &self.broken {
            Some(cause) => Err(Arc::clone(cause)),
            None => self.slots.reserve(work.len()).map_err(Arc::new),
        };
        for work in work {
            match (work, &reserved) {
                (Work::Put { id, sealed, reply }, Ok(())) => self.plan_put(&mut batch, id, &sealed, reply),
                (Work::Destroy { ids, reply }, Ok(())) => self.plan_destroy(&mut batch, &ids, reply),
                (Work::Put { reply, .. }, Err(_)) => batch.answers.push(Answer::Put(reply, Ok(()))),
                (Work::Destroy { reply, .. }, Err(_)) => batch.answers.push(Answer::Destroyed(reply, 0)),
                (Work::Close, Ok(()) | Err(_)) => {}
            }
        }
        let written = reserved.and_then(|()| self.write(&batch).map_err(Arc::new));
        let answers = std::mem::take(&mut batch.answers);
        match &written {
            Ok(()) => self.apply(batch),
            // Before anybody is answered: who hears of it finds the vault broken.
            Err(cause) => self.breaks(cause),
        }
        for answer in answers {
            // A caller who no longer waits is not told; the batch is as durable without him.
            let failed = || written.clone().map_err(VaultError::Unavailable);
            match answer {
                Answer::Put(reply, result) => drop(reply.send(failed().and(result))),
                Answer::Destroyed(reply, count) => drop(reply.send(failed().map(|()| count))),
            }
        }
    }

    fn breaks(&mut self, cause: &Arc<io::Error>) {
        self.vitals.breaks(format!("the vault could not be written: {cause}"));
        self.broken.get_or_insert_with(|| Arc::clone(cause));
    }

    fn plan_put(&mut self, batch: &mut Batch, id: EntryId, sealed: &Sealed, reply: Reply<()>) {
        // Also when this very batch destroys it: its old slot may outlive a crash between the two files.
        if self.is_live(id) || batch.added.contains_key(&id) {
            batch.answers.push(Answer::Put(reply, Err(VaultError::Exists)));
            return;
        }
        let offset = self.sealed_end + batch.frames.len() as u64;
        let len = sealed::push_frame(&mut batch.frames, id, sealed);
        let slot = self.slots.take();
        batch.slots.insert(slot, Some(sealed.slot.clone()));
        let wrapped = wrapped(&sealed.slot);
        let place = Place { offset, len };
        batch.added.insert(id, Entry { slot, wrapped, place, flaw: None });
        batch.answers.push(Answer::Put(reply, Ok(())));
    }

    fn plan_destroy(&self, batch: &mut Batch, ids: &[EntryId], reply: Reply<usize>) {
        let mut count = 0;
        let catalog = self.catalog.read().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            let entry = batch.added.get(id).or_else(|| catalog.entries.get(id));
            let slots: Vec<_> = entry.map(|it| it.slot).into_iter().chain(catalog.stray_slots(*id)).collect();
            if !slots.is_empty() && batch.removed.insert(*id) {
                batch.slots.extend(slots.into_iter().map(|slot| (slot, None)));
                count += 1;
            }
        }
        batch.answers.push(Answer::Destroyed(reply, count));
    }

    fn write(&self, batch: &Batch) -> io::Result<()> {
        if !batch.frames.is_empty() {
            let sealed = Arc::clone(&self.catalog.read().unwrap_or_else(PoisonError::into_inner).sealed);
            sealed.write_all_at(&batch.frames, self.sealed_end)?;
            sealed.sync_data()?;
        }
        if batch.slots.is_empty() { Ok(()) } else { self.slots.overwrite(&batch.slots) }
    }

    /// The batch is durable: show it to the readers.
    fn apply(&mut self, batch: Batch) {
        self.sealed_end += batch.frames.len() as u64;
        let mut catalog = self.catalog.write().unwrap_or_else(PoisonError::into_inner);
        for (id, entry) in batch.added {
            self.live_bytes += u64::from(entry.place.len);
            catalog.entries.insert(id, entry);
        }
        for id in batch.removed {
            let strays: Vec<_> = catalog.stray_slots(id).collect();
            catalog.strays.retain(|stray| !strays.contains(&stray.slot));
            for slot in strays {
                self.slots.give_back(slot);
            }
            if let Some(entry) = catalog.entries.remove(&id) {
                self.live_bytes -= u64::from(entry.place.len);
                self.slots.give_back(entry.slot);
            }
        }
    }

    fn is_live(&self, id: EntryId) -> bool {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner).holds(id)
    }

    fn compact_if_worth_it(&mut self) -> io::Result<()> {
        let frames = self.sealed_end - SEALED_HEADER_BYTES as u64;
        let garbage = frames.saturating_sub(self.live_bytes);
        if garbage > self.compact_above && garbage * 2 > frames { self.compact() } else { Ok(()) }
    }
}
