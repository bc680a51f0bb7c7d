//! The embedded engine through everything that can happen to its files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copy;
mod faults;
pub mod journal;
mod stored;
mod stretch;
mod unseen;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::{Embedded, OpenError, Opening, Sizes};
use mfa_ledger::log::{AppendError, Entry, Log, Position, Stream};

use crate::support::ram;

pub const LEDGER: [u8; 16] = [1; 16];

/// Small enough that a few records see several segments and zeros ahead.
pub const SMALL: Sizes = Sizes { segment: 600, ahead: 256, queue: 64, reread: u64::MAX };

pub fn open(dir: &Path) -> Result<(Embedded, Opening), OpenError> {
    Embedded::open(dir, LEDGER, Disk::real())
}

pub fn open_small(dir: &Path) -> (Embedded, Opening) {
    Embedded::open_sized(dir, LEDGER, Disk::real(), SMALL).unwrap()
}

pub fn record(n: u64) -> Bytes {
    Bytes::from(format!("record {n} {}", "x".repeat(usize::try_from(n % 90).unwrap())))
}

pub async fn append(log: &Embedded, n: u64) -> Result<Position, AppendError> {
    log.append(&Stream::new(&format!("stream/{}", n % 3)), &[], record(n)).await
}

pub async fn fill(log: &Embedded, range: std::ops::RangeInclusive<u64>) {
    for n in range {
        assert_eq!(append(log, n).await.unwrap(), Position(n));
    }
}

/// Everything in the log, which must be the records 1, 2, 3, … whole and without a gap.
pub async fn judge(log: &Embedded) -> u64 {
    let head = log.head().await.unwrap().0;
    let read: Vec<Entry> =
        log.read(Position::START).take(usize::try_from(head).unwrap()).map(Result::unwrap).collect().await;
    for (due, entry) in (1..).zip(&read) {
        assert_eq!(entry.position, Position(due));
        assert_eq!(entry.record, record(due));
    }
    head
}

/// A closed log with `count` records.
pub async fn closed(count: u64) -> tempfile::TempDir {
    let dir = ram::dir();
    let (log, _) = open_small(dir.path());
    fill(&log, 1..=count).await;
    log.close().await.unwrap();
    dir
}

#[tokio::test]
async fn a_closed_log_reopens_clean_and_goes_on() {
    let dir = closed(30).await;
    assert!(journal::segments(dir.path()).len() > 3);
    let (log, opening) = open_small(dir.path());
    assert!(opening.clean && opening.rebuilt.is_none() && opening.cut.is_none(), "{opening:?}");
    assert_eq!((opening.head, opening.caught_up), (Position(30), 0));
    let stale =
        log.append(&Stream::new("stream/0"), &[(Stream::new("stream/0"), Position(29))], record(31)).await;
    assert!(matches!(stale, Err(AppendError::Conflict)), "tips survive: {stale:?}");
    let reads = [(Stream::new("stream/0"), Position(30)), (Stream::new("stream/1"), Position(28))];
    assert_eq!(log.append(&Stream::new("stream/0"), &reads, record(31)).await.unwrap(), Position(31));
    assert_eq!(judge(&log).await, 31);
}

#[tokio::test]
async fn a_log_that_was_dropped_reopens_with_everything() {
    let dir = ram::dir();
    for round in 0..4 {
        let (log, opening) = open_small(dir.path());
        assert_eq!(opening.head, Position(round * 10));
        fill(&log, round * 10 + 1..=round * 10 + 10).await;
        assert_eq!(judge(&log).await, round * 10 + 10);
    }
}

#[tokio::test]
async fn a_closed_log_ends_its_readers_and_takes_nothing() {
    let dir = ram::dir();
    let (log, _) = open(dir.path()).unwrap();
    let reader = log.read(Position::START);
    fill(&log, 1..=3).await;
    log.close().await.unwrap();
    log.close().await.unwrap();
    assert_eq!(reader.count().await, 3);
    assert!(matches!(append(&log, 4).await, Err(AppendError::Unavailable(_))));
    let (again, _) = open(dir.path()).unwrap();
    assert_eq!(judge(&again).await, 3);
}

#[tokio::test]
async fn a_second_open_is_in_use() {
    let dir = ram::dir();
    let (log, _) = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::InUse(_))));
    log.close().await.unwrap();
    open(dir.path()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_busy_and_stores_nothing() {
    let dir = ram::dir();
    let sizes = Sizes { queue: 2, ..SMALL };
    let (log, _) = Embedded::open_sized(dir.path(), LEDGER, Disk::real(), sizes).unwrap();
    let log = Arc::new(log);
    let tasks: Vec<_> = (0..400)
        .map(|_| {
            let log = Arc::clone(&log);
            tokio::spawn(async move { log.append(&Stream::new("s"), &[], Bytes::from("x")).await })
        })
        .collect();
    let (mut stored, mut busy) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => stored += 1,
            Err(AppendError::Busy) => busy += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(busy > 0);
    assert_eq!(log.head().await.unwrap(), Position(stored));
}
