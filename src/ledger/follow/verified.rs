//! What of the log was verified: when, how far, and against which checkpoints; and what is being verified now.
//!
//! It is kept in memory, and says nothing of earlier runs of the server. A start reads the newest journal files before
//! anybody is served, and the older ones while callers are served; a record that differs from what was signed ends the
//! server.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use mfa_ledger_base::tlog::{Checkpoint, Hash};
use mfa_ledger_schemas::Instant;
use tokio::sync::Notify;

/// How a verification came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Before the server took callers.
    Start,
    /// What a start had not read, while callers were served.
    LookedOver,
    /// Somebody wanted it.
    OnDemand,
}

/// A checkpoint that the log was held against, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Against {
    /// `checkpoint`, or `anchor /mnt/x`.
    pub source: String,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// A verification that found every record to be what was signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How it came about.
    pub occasion: Occasion,
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Instant,
    /// The first record that was read and hashed.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// The root of the tree over all records up to the last.
    pub root: Hash,
    /// What it was held against.
    pub against: Vec<Against>,
}

/// A verification that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// How it came about.
    pub occasion: Occasion,
    /// When it began.
    pub began: Instant,
    /// How far it is.
    pub seen: u64,
    /// Its last record.
    pub last: u64,
}

/// What is known at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The newest of each occasion, the latest first.
    pub done: Vec<Verification>,
    /// The one that goes on.
    pub running: Option<Running>,
    /// One was asked for, and waits for the one that goes on.
    pub waiting: bool,
    /// When one could last not be brought to its end, unless a later one was.
    pub broken_off: Option<Instant>,
}

/// Keeps it. One verification goes on at a time.
#[derive(Debug, Default)]
pub struct Verified {
    known: Mutex<Known>,
    seen: AtomicU64,
    ending: AtomicBool,
    wanted: Notify,
}

impl Verified {
    /// What is known.
    pub fn known(&self) -> Known {
        let mut known = self.with(|known| known.clone());
        if let Some(running) = &mut known.running {
            running.seen = self.seen.load(Ordering::Relaxed).min(running.last);
        }
        known
    }

    /// Wants a verification. Where one waits already, it is that one; `false` then.
    pub fn want(&self) -> bool {
        let new = self.with(|known| !std::mem::replace(&mut known.waiting, true));
        self.wanted.notify_one();
        new
    }

    /// Waits until one is wanted.
    pub async fn wanted(&self) {
        while !self.with(|known| known.waiting) {
            self.wanted.notified().await;
        }
    }

    /// One begins; `false` while another goes on. With it, the wish for one is granted.
    pub fn begin(&self, occasion: Occasion, began: Instant, last: u64) -> bool {
        self.with(|known| {
            if known.running.is_some() {
                return false;
            }
            known.waiting &= occasion != Occasion::OnDemand;
            known.running = Some(Running { occasion, began, seen: 0, last });
            self.seen.store(0, Ordering::Relaxed);
            true
        })
    }

    /// The one that goes on has this many records to see.
    pub fn reaches(&self, last: u64) {
        self.with(|known| known.running.iter_mut().for_each(|running| running.last = last));
    }

    /// It has come so far. `false` when it is to be broken off, since the server ends.
    pub fn sees(&self, position: u64) -> bool {
        self.seen.store(position, Ordering::Relaxed);
        !self.ending.load(Ordering::Relaxed)
    }

    /// It has found all well.
    pub fn done(&self, verification: Verification) {
        self.with(|known| {
            known.running = None;
            known.broken_off = None;
            known.done.retain(|it| it.occasion != verification.occasion);
            known.done.insert(0, verification);
        });
    }

    /// It could not be brought to its end.
    pub fn broken_off(&self, at: Instant) {
        self.with(|known| {
            known.running = None;
            known.broken_off = Some(at);
        });
    }

    /// The server ends: whatever goes on is broken off.
    pub fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verification(occasion: Occasion, last: u64) -> Verification {
        let at = Instant::from_unix_ms(1_777_888_800_000);
        let root = Hash([0; 32]);
        Verification { occasion, began: at, ended: at, first: 1, last, root, against: Vec::new() }
    }

    #[test]
    fn one_goes_on_at_a_time_and_a_wish_waits_for_it() {
        let verified = Verified::default();
        let at = Instant::from_unix_ms(1_777_888_800_000);
        assert!(verified.begin(Occasion::LookedOver, at, 2_000));
        assert!(verified.sees(1_024));
        assert!(verified.want() && !verified.want(), "a second wish is the same one");
        assert!(!verified.begin(Occasion::OnDemand, at, 9));
        let known = verified.known();
        assert_eq!((known.running.map(|it| it.seen), known.waiting), (Some(1_024), true));
        verified.done(verification(Occasion::LookedOver, 2_000));
        assert!(verified.known().waiting, "the wish is not granted by that");
        assert!(verified.begin(Occasion::OnDemand, at, 2_100));
        assert!(!verified.known().waiting && verified.want(), "it may be wanted again meanwhile");
        verified.broken_off(at);
        assert_eq!(verified.known().broken_off, Some(at));
        assert!(verified.begin(Occasion::OnDemand, at, 2_100));
        verified.end();
        assert!(!verified.sees(1));
    }

    #[test]
    fn the_newest_of_each_occasion_is_kept_the_latest_first() {
        let verified = Verified::default();
        for (occasion, last) in [
            (Occasion::Start, 10),
            (Occasion::OnDemand, 11),
            (Occasion::LookedOver, 5),
            (Occasion::OnDemand, 12),
        ] {
            verified.done(verification(occasion, last));
        }
        let done = verified.known().done;
        let kept: Vec<_> = done.iter().map(|it| (it.occasion, it.last)).collect();
        let newest = [(Occasion::OnDemand, 12), (Occasion::LookedOver, 5), (Occasion::Start, 10)];
        assert_eq!(kept, newest);
    }

    #[tokio::test]
    async fn whoever_waits_for_a_wish_hears_of_it_also_when_it_came_first() {
        let verified = Verified::default();
        verified.want();
        verified.wanted().await;
        assert!(verified.begin(Occasion::OnDemand, Instant::from_unix_ms(0), 1));
        let (mut waiting, later) =
            (std::pin::pin!(verified.wanted()), tokio::time::Duration::from_millis(20));
        assert!(tokio::time::timeout(later, &mut waiting).await.is_err(), "it was granted");
        verified.want();
        waiting.await;
    }
}
