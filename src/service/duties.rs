//! What records owe the vault: the destruction of entries that they end, and of entries that were put for a record that
//! did not come to be. A duty hangs on no caller: it is done in a task of its own, noted until it is done, and found
//! again by every sweep and every start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mfa_ledger_schemas::Instant;
use tokio::sync::Notify;
use tokio::time::{Instant as Tick, MissedTickBehavior, interval_at};
use tokio_util::task::TaskTracker;

use super::{Failure, Service};
use crate::vault::EntryId;

/// Time from one sweep of the vault to the next.
pub const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// What is owed, and the tasks that see to it.
#[derive(Default)]
pub(super) struct Duties {
    books: Mutex<Books>,
    /// Something became owed that no task sees to.
    wake: Notify,
    /// Commands between their decision and their last duty.
    pub tasks: TaskTracker,
}

#[derive(Default)]
struct Books {
    /// Entries for records whose fate is not known: no sweep may touch them.
    drafted: BTreeSet<EntryId>,
    /// Entries that are to be destroyed, and since when.
    owed: BTreeMap<EntryId, Instant>,
}

/// Entries whose destruction is owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// How many there are.
    pub entries: usize,
    /// Since when the oldest is owed.
    pub since: Option<Instant>,
}

impl Duties {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes entries that are to be destroyed.
    pub fn owe(&self, ids: &[EntryId], since: Instant) {
        let mut books = self.books();
        for id in ids {
            books.owed.entry(*id).or_insert(since);
        }
    }

    /// Notes that entries are destroyed.
    pub fn paid(&self, ids: &[EntryId]) {
        let mut books = self.books();
        for id in ids {
            books.owed.remove(id);
        }
    }

    /// The entries of records whose fate is not known.
    pub fn drafted(&self) -> BTreeSet<EntryId> {
        self.books().drafted.clone()
    }

    fn unpaid(&self) -> Vec<EntryId> {
        self.books().owed.keys().copied().collect()
    }

    fn owed(&self) -> Owed {
        let books = self.books();
        Owed { entries: books.owed.len(), since: books.owed.values().min().copied() }
    }
}

/// Entries put for one record. Dropped before the log was given that record, they are owed at once; dropped after it,
/// they stay out of every sweep, for the record may be there.
pub(super) struct Drafted {
    duties: Arc<Duties>,
    since: Instant,
    ids: BTreeSet<EntryId>,
    submitted: bool,
}

impl Drafted {
    pub fn none(duties: Arc<Duties>, since: Instant) -> Self {
        Self { duties, since, ids: BTreeSet::new(), submitted: false }
    }

    /// Whether an entry was put already.
    pub fn has(&self, id: &EntryId) -> bool {
        self.ids.contains(id)
    }

    /// An entry is about to be put.
    pub fn add(&mut self, id: EntryId) {
        self.duties.books().drafted.insert(id);
        self.ids.insert(id);
    }

    /// The log is about to be given the record.
    pub fn submit(&mut self) {
        self.submitted = true;
    }

    /// The log did not take the record.
    pub fn take_back(&mut self) {
        self.submitted = false;
    }

    /// The record's fate is known: entries that it names are the log's from now on, the others are owed, and returned.
    pub fn settle(&mut self, named: &[EntryId]) -> Vec<EntryId> {
        let ids = std::mem::take(&mut self.ids);
        if ids.is_empty() {
            return Vec::new();
        }
        let unused: Vec<EntryId> = ids.iter().filter(|id| !named.contains(id)).copied().collect();
        let mut books = self.duties.books();
        for id in &ids {
            books.drafted.remove(id);
        }
        books.owed.extend(unused.iter().map(|id| (*id, self.since)));
        unused
    }
}

impl Drop for Drafted {
    fn drop(&mut self) {
        if !self.submitted && !self.settle(&[]).is_empty() {
            self.duties.wake.notify_one();
        }
    }
}

impl Service {
    /// Entries whose destruction is owed at this moment.
    pub fn owed(&self) -> Owed {
        self.duties.owed()
    }

    /// Destroys what is owed.
    pub(super) async fn pay(&self) -> Result<usize, Failure> {
        let ids = self.duties.unpaid();
        if ids.is_empty() { Ok(0) } else { self.destroy(&ids).await }
    }

    /// Destroys entries; they stay owed where that fails.
    pub(super) async fn destroy(&self, ids: &[EntryId]) -> Result<usize, Failure> {
        let destroyed = self.vault.destroy(ids).await?;
        self.duties.paid(ids);
        Ok(destroyed)
    }

    /// Waits until every command that was decided has done what it owes. None may be executed any more.
    pub async fn finish(&self) {
        self.duties.tasks.close();
        self.duties.tasks.wait().await;
        if let Err(error) = self.pay().await {
            tracing::warn!(%error, "vault entries that are to be destroyed are left to the next start");
        }
    }
}

/// Pays what no task sees to, and sweeps the vault every [`SWEEP_EVERY`], as long as there is a service.
pub(super) async fn see_to(service: Weak<Service>, duties: Arc<Duties>) {
    let mut ticks = interval_at(Tick::now() + SWEEP_EVERY, SWEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sweep = tokio::select! {
            _ = ticks.tick() => true,
            () = duties.wake.notified() => false,
        };
        let Some(service) = service.upgrade() else { return };
        let done = if sweep { service.sweep().await } else { service.pay().await };
        match done {
            Ok(0) => {}
            Ok(entries) => {
                tracing::info!(entries, "vault entries that nothing names any more were destroyed");
            }
            Err(error) => tracing::warn!(%error, "vault entries that are to be destroyed are still there"),
        }
    }
}

impl Drop for Service {
    /// Ends what sees to its duties.
    fn drop(&mut self) {
        self.duties.wake.notify_one();
    }
}
