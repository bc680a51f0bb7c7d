//! What a thread that writes tells of itself: which write is under way and since when, and why it writes no more.
//!
//! A write or sync returns when the disk lets it, which may be never. So the thread that is in it cannot be asked:
//! it publishes what it begins before it begins, and everybody else looks without waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::clock;

/// A write that has not returned after this makes the server not ready: new commands are refused.
pub const NOT_READY_AFTER: Duration = Duration::from_secs(2);

/// A caller waits no longer than this for a write. What it asked for stays in the queue, so its outcome is unknown.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A moment, as the time that has passed since. It does not follow the wall clock, which can jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Since(Duration);

impl Since {
    /// From now on.
    pub fn now() -> Self {
        Self(clock::monotonic())
    }

    /// The time that has passed.
    pub fn elapsed(self) -> Duration {
        clock::monotonic().saturating_sub(self.0)
    }

    /// It as a number that is never 0.
    fn nanos(self) -> u64 {
        u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

/// Why nothing is written until it is reopened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What failed: for the operator's log, since it may name files.
    pub why: String,
    /// When.
    pub since: Since,
}

/// A write that has not returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Underway {
    /// Which write, in words that may be shown to anybody.
    pub what: &'static str,
    /// When it began.
    pub since: Since,
}

impl Underway {
    /// Whether it has taken longer than [`NOT_READY_AFTER`].
    pub fn hangs(self) -> bool {
        is_hang(self.since.elapsed())
    }
}

fn is_hang(taken: Duration) -> bool {
    taken >= NOT_READY_AFTER
}

/// How a writing thread fares at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Why nothing is written until it is reopened.
    pub broken: Option<Broken>,
    /// The write that is under way.
    pub underway: Option<Underway>,
}

impl Condition {
    /// The write that hangs, if one does.
    pub fn hanging(&self) -> Option<Underway> {
        self.underway.filter(|underway| underway.hangs())
    }
}

/// Shared between a writing thread and those who look.
#[derive(Debug, Default)]
pub struct Vitals {
    broken: OnceLock<Broken>,
    underway: Mutex<Option<Underway>>,
    /// When that began, or 0: every command looks whether it hangs, and would wait for the lock.
    began: AtomicU64,
}

impl Vitals {
    /// Runs one write, and publishes it meanwhile.
    pub fn track<T>(&self, what: &'static str, write: impl FnOnce() -> T) -> T {
        /// Also when the write panics.
        struct Ended<'v>(&'v Vitals);
        impl Drop for Ended<'_> {
            fn drop(&mut self) {
                self.0.began.store(0, Ordering::Release);
                *self.0.lock() = None;
            }
        }
        let since = Since::now();
        *self.lock() = Some(Underway { what, since });
        self.began.store(since.nanos(), Ordering::Release);
        let _ended = Ended(self);
        write()
    }

    /// Nothing is written any more; the first reason counts, and is returned.
    pub fn breaks(&self, why: String) -> &Broken {
        self.broken.get_or_init(|| Broken { why, since: Since::now() })
    }

    /// Why nothing is written any more.
    pub fn broken(&self) -> Option<&Broken> {
        self.broken.get()
    }

    /// The write that is under way.
    pub fn underway(&self) -> Option<Underway> {
        *self.lock()
    }

    /// The write that hangs, if one does.
    pub fn hanging(&self) -> Option<Underway> {
        match self.began.load(Ordering::Acquire) {
            0 => None,
            began if !is_hang(Since(Duration::from_nanos(began)).elapsed()) => None,
            _ => self.underway().filter(|underway| underway.hangs()),
        }
    }

    /// Why a write would be refused now, if that is so. Never waits.
    pub fn refusal(&self) -> Option<String> {
        let broken = self.broken().map(|broken| broken.why.clone());
        broken.or_else(|| self.hanging().map(|hanging| format!("{} hangs", hanging.what)))
    }

    /// All of it.
    pub fn condition(&self) -> Condition {
        Condition { broken: self.broken.get().cloned(), underway: self.underway() }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Underway>> {
        self.underway.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that a writing thread has panicked, when it does: to be kept on the thread's stack.
#[derive(Debug)]
pub struct TellsOfPanic<'v>(pub &'v Vitals);

impl Drop for TellsOfPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.breaks("the thread that writes has panicked".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_write_is_seen_while_it_is_under_way_and_not_after() {
        let vitals = Vitals::default();
        let seen = vitals.track("a commit", || vitals.underway());
        assert_eq!(seen.map(|it| (it.what, it.hangs())), Some(("a commit", false)));
        assert_eq!(vitals.condition(), Condition::default());
        let panic = catch_unwind(AssertUnwindSafe(|| {
            let _told = TellsOfPanic(&vitals);
            vitals.track("a commit", || panic!("on purpose"));
        }));
        assert!(panic.is_err());
        assert_eq!(vitals.underway(), None);
        assert!(vitals.broken().expect("it is told").why.contains("panicked"));
    }

    #[test]
    fn a_write_hangs_from_the_limit_on() {
        assert!(!is_hang(NOT_READY_AFTER.saturating_sub(Duration::from_nanos(1))));
        assert!(is_hang(NOT_READY_AFTER));
    }

    #[test]
    fn the_first_reason_counts() {
        let vitals = Vitals::default();
        let first = vitals.breaks("one".to_owned()).clone();
        assert_eq!(vitals.breaks("two".to_owned()), &first);
        assert_eq!(vitals.condition().broken, Some(first));
    }
}
