//! The disk guard: with less room than the reserve nothing is recorded, until there is room again.
//!
//! A disk that is really full is survived, but commands fail until the log is reopened (clause 7 of its
//! contract). The guard stops before that, while there is room to close in good order, and goes on by
//! itself. What has passed the door when it closes is carried out: the reserve is there for it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mfa_ledger_base::disk::{Disk, Space};
use mfa_ledger_base::vitals::Since;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Time from one look at the disk to the next.
pub const CHECK_EVERY: Duration = Duration::from_secs(1);

/// The part of the reserve (one n-th) that must be free on top of it before commands are taken again: a
/// disk that hovers at the reserve would open and close the door all the time otherwise.
pub const MARGIN: u64 = 8;

/// What is to be done about [`ReadOnly`].
pub const ADVICE: &str = "make room on the disk of the data directory (nothing in it may be removed by hand), or lower \
     log.reserve_mib; a running server goes on by itself then";

const MIB: u64 = 1024 * 1024;

/// Why nothing is recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadOnly {
    /// There is less room than is to be kept.
    #[error(
        "the disk of the data directory has {} MiB free, and {} MiB are to be kept",
        free / MIB,
        reserve / MIB
    )]
    LittleRoom {
        /// Free bytes.
        free: u64,
        /// Bytes to be kept free.
        reserve: u64,
    },
    /// The operating system does not tell how much room there is.
    #[error("the disk of the data directory does not tell its free space: {0}")]
    Untold(String),
    /// Nobody looks any more.
    #[error("the free space is not watched any more")]
    Unwatched,
}

/// A watch over the room on the disk; cheap to clone. The watching ends with the last clone.
#[derive(Clone, Debug)]
pub struct Guard(Option<Watched>);

#[derive(Clone, Debug)]
struct Watched {
    reserve: u64,
    seen: watch::Receiver<Seen>,
}

/// What the last look at the disk has found.
#[derive(Clone, Debug)]
struct Seen {
    free: Option<u64>,
    read_only: Option<ReadOnly>,
    /// Since when that is so.
    since: Since,
}

impl Guard {
    /// No guard: commands are taken as long as the disk takes them.
    pub fn off() -> Self {
        Self(None)
    }

    /// Looks at the disk under `dir` now, and then every [`CHECK_EVERY`]; 0 bytes of reserve are
    /// [`Guard::off`]. Needs a runtime.
    pub async fn start(disk: Disk, dir: &Path, reserve: u64) -> Self {
        if reserve == 0 {
            return Self::off();
        }
        let watching = Watching { disk, dir: dir.into(), reserve };
        let first = watching.look(false).await;
        tell(None, &first);
        let (sender, seen) = watch::channel(first);
        tokio::spawn(watching.run(sender));
        Self(Some(Watched { reserve, seen }))
    }

    /// Whether something may be recorded.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self) -> Result<(), ReadOnly> {
        let Some(watched) = &self.0 else { return Ok(()) };
        if watched.seen.has_changed().is_err() {
            return Err(ReadOnly::Unwatched);
        }
        watched.seen.borrow().read_only.clone().map_or(Ok(()), Err)
    }

    /// Since when the door is closed, if it is.
    pub fn closed_since(&self) -> Option<Since> {
        let watched = self.0.as_ref()?;
        let seen = watched.seen.borrow();
        seen.read_only.as_ref().map(|_| seen.since)
    }

    /// Bytes that are kept free; 0 without a guard.
    pub fn reserve(&self) -> u64 {
        self.0.as_ref().map_or(0, |watched| watched.reserve)
    }

    /// Bytes that were free at the last look; `None` when they are not watched or not told.
    pub fn free(&self) -> Option<u64> {
        self.0.as_ref().and_then(|watched| watched.seen.borrow().free)
    }
}

/// Bytes that must be free for something to be recorded; more when the door is closed already.
pub fn wanted(reserve: u64, closed: bool) -> u64 {
    if closed { reserve.saturating_add(reserve.div_ceil(MARGIN)) } else { reserve }
}

struct Watching {
    disk: Disk,
    dir: PathBuf,
    reserve: u64,
}

impl Watching {
    async fn run(self, sender: watch::Sender<Seen>) {
        let mut ticks = interval(CHECK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            tokio::select! {
                () = sender.closed() => return,
                _ = ticks.tick() => {}
            }
            let before = sender.borrow().read_only.clone();
            let mut seen = self.look(before.is_some()).await;
            if before.is_some() == seen.read_only.is_some() {
                seen.since = sender.borrow().since;
            }
            tell(Some(before.is_some()), &seen);
            sender.send_replace(seen);
        }
    }

    async fn look(&self, closed: bool) -> Seen {
        let (disk, dir) = (self.disk.clone(), self.dir.clone());
        let asked = tokio::task::spawn_blocking(move || disk.space(&dir)).await;
        judge(asked.map_err(io::Error::other).flatten(), self.reserve, closed)
    }
}

fn judge(space: io::Result<Space>, reserve: u64, closed: bool) -> Seen {
    match space {
        // Not to know is no reason to go on: a disk that does not even tell its room will not take a record.
        Err(error) => {
            Seen { free: None, read_only: Some(ReadOnly::Untold(error.to_string())), since: Since::now() }
        }
        Ok(Space { free, .. }) => {
            let little = free < wanted(reserve, closed);
            let read_only = little.then_some(ReadOnly::LittleRoom { free, reserve });
            Seen { free: Some(free), read_only, since: Since::now() }
        }
    }
}

/// One line for each change, none while nothing changes.
fn tell(was_closed: Option<bool>, seen: &Seen) {
    match (&seen.read_only, was_closed) {
        (Some(why), None | Some(false)) => {
            tracing::error!(%why, "read-only: nothing is recorded until there is room");
        }
        (None, Some(true)) => tracing::info!(
            free_mib = seen.free.map(|free| free / MIB),
            "there is room again: commands are taken"
        ),
        (Some(_), Some(true)) | (None, None | Some(false)) => {}
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::disk::Fate;

    use super::*;

    const RESERVE: u64 = 80 * MIB;

    fn closed(free: u64, before: bool) -> bool {
        judge(Ok(Space { free, total: u64::MAX }), RESERVE, before).read_only.is_some()
    }

    #[test]
    fn the_door_closes_one_byte_below_the_reserve_and_opens_at_the_margin() {
        let open_at = RESERVE + RESERVE / MARGIN;
        assert!(!closed(RESERVE, false) && closed(RESERVE - 1, false));
        assert!(closed(RESERVE, true) && closed(open_at - 1, true));
        assert!(!closed(open_at, true));
        assert_eq!((wanted(1, true), wanted(u64::MAX, true)), (2, u64::MAX), "there is always a margin");
    }

    #[test]
    fn a_disk_that_tells_nothing_takes_nothing() {
        let seen = judge(Err(io::ErrorKind::StaleNetworkFileHandle.into()), RESERVE, false);
        assert!(matches!(seen.read_only, Some(ReadOnly::Untold(_))) && seen.free.is_none());
    }

    #[tokio::test]
    async fn the_watching_ends_with_the_last_handle() {
        let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
        let dir = tempfile::tempdir().unwrap();
        let before = std::sync::Arc::strong_count(&faults);
        let guard = Guard::start(disk, dir.path(), RESERVE).await;
        let other = guard.clone();
        drop(guard);
        assert_eq!((other.reserve(), other.admit()), (RESERVE, Ok(())));
        drop(other);
        tokio::time::timeout(CHECK_EVERY * 10, async {
            while std::sync::Arc::strong_count(&faults) >= before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("the task lets go of the disk");
    }

    #[tokio::test]
    async fn a_guard_that_nobody_keeps_lets_nothing_through() {
        let (sender, seen) =
            watch::channel(Seen { free: Some(RESERVE), read_only: None, since: Since::now() });
        let guard = Guard(Some(Watched { reserve: RESERVE, seen }));
        assert_eq!(guard.admit(), Ok(()));
        drop(sender);
        assert_eq!(guard.admit(), Err(ReadOnly::Unwatched));
    }

    #[tokio::test]
    async fn without_a_reserve_there_is_no_guard() {
        let guard = Guard::start(Disk::real(), Path::new("/nowhere/at/all"), 0).await;
        assert_eq!((guard.admit(), guard.reserve(), guard.free()), (Ok(()), 0, None));
    }
}
