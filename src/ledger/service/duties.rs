//! What records owe the vault: the destruction of entries that they end, and of entries that were put for a record that
//! did not come to be. A duty hangs on no caller: it is done in a task of its own, noted until it is done, and found
//! again by every sweep and every start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mfa_ledger_schemas::Instant;
use mfa_ledger_vault::EntryId;
use tokio::sync::Notify;
use tokio::time::{Instant as Tick, MissedTickBehavior, interval_at};
use tokio_util::task::TaskTracker;

use super::{Failure, Service};

/// Time from one sweep of the vault to the next.
pub const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Seconds that the destruction of a secret may be owed before that is told.
const DESTROYED_WITHIN_SECONDS: i64 = 60;

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
    /// Since when something was owed that was destroyed too late, until somebody was told.
    late: Option<Instant>,
}

impl Books {
    fn oldest(&self) -> Option<Instant> {
        self.owed.values().min().copied()
    }

    fn was_late(&mut self, since: Instant) {
        self.late = Some(self.late.map_or(since, |late| late.min(since)));
    }
}

/// Entries whose destruction is owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// How many there are.
    pub entries: usize,
    /// Since when the oldest is owed.
    pub since: Option<Instant>,
}

impl Owed {
    /// Whether the oldest should have been destroyed by now.
    pub fn is_late(self, now: Instant) -> bool {
        self.since.is_some_and(|since| is_late(since, now))
    }
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

    /// Notes that entries were destroyed at a time.
    pub fn paid(&self, ids: &[EntryId], at: Instant) {
        let mut books = self.books();
        for id in ids {
            if let Some(since) = books.owed.remove(id)
                && is_late(since, at)
            {
                books.was_late(since);
            }
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
        Owed { entries: books.owed.len(), since: books.oldest() }
    }
}

/// Whether what is owed since then should have been done by now.
fn is_late(since: Instant, now: Instant) -> bool {
    since < now.plus_seconds(-DESTROYED_WITHIN_SECONDS)
}

/// Entries put for one record. Dropped before the log was given that record, they are owed at once; dropped after it,
/// they stay out of every sweep, for the record may be there.
pub(super) struct Drafted {
    duties: Arc<Duties>,
    since: Instant,
    /// Seldom more than one.
    ids: Vec<EntryId>,
    submitted: bool,
}

impl Drafted {
    pub fn none(duties: Arc<Duties>, since: Instant) -> Self {
        Self { duties, since, ids: Vec::new(), submitted: false }
    }

    /// Whether an entry was put already.
    pub fn has(&self, id: &EntryId) -> bool {
        self.ids.contains(id)
    }

    /// An entry is about to be put.
    pub fn add(&mut self, id: EntryId) {
        self.duties.books().drafted.insert(id);
        self.ids.push(id);
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

    /// Since when a destruction is owed, or was until it was done, if that is too long.
    pub fn destroyed_late(&self) -> Option<Instant> {
        let now = self.now();
        let books = self.duties.books();
        books.late.into_iter().chain(books.oldest().filter(|since| is_late(*since, now))).min()
    }

    /// Somebody was told of it.
    pub fn lateness_told(&self, since: Instant) {
        let mut books = self.duties.books();
        books.late = books.late.filter(|late| *late > since);
    }

    /// Takes over what was owed before the files were reopened: the sweep of the start has seen to it by now.
    pub fn was_owed(&self, before: Owed) {
        if let Some(since) = before.since
            && before.is_late(self.now())
        {
            self.duties.books().was_late(since);
        }
    }

    /// Destroys what is owed.
    pub(super) async fn pay(&self) -> Result<usize, Failure> {
        let ids = self.duties.unpaid();
        if ids.is_empty() { Ok(0) } else { self.destroy(&ids).await }
    }

    /// Destroys entries; they stay owed where that fails.
    pub(super) async fn destroy(&self, ids: &[EntryId]) -> Result<usize, Failure> {
        let destroyed = self.vault.destroy(ids).await?;
        self.duties.paid(ids, self.now());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_destroyed_after_more_than_a_minute_was_late() {
        let since = Instant::from_unix_seconds(1_000);
        for (seconds, late) in [(0, false), (60, false), (61, true)] {
            let (duties, now) = (Duties::default(), since.plus_seconds(seconds));
            duties.owe(&[[1; 16], [2; 16]], since);
            assert_eq!(duties.owed(), Owed { entries: 2, since: Some(since) });
            assert_eq!(duties.owed().is_late(now), late, "after {seconds} s");
            duties.paid(&[[1; 16]], now);
            duties.paid(&[[1; 16]], now.plus_minutes(9));
            assert_eq!(duties.books().late, late.then_some(since), "after {seconds} s");
        }
    }
}
