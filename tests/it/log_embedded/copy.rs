//! Whatever happens to the reading copy, the journal makes it good.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use mfa_ledger::log::embedded::OpenError;
use mfa_ledger::log::{Log, MAX_RECORD, MAX_STREAM, Position, Stream};

use super::journal::segments;
use super::{closed, fill, judge, open, open_small, record};
use crate::support::ram::{self, copy_all};

#[tokio::test]
async fn a_reading_copy_that_is_gone_is_rebuilt() {
    let dir = closed(30).await;
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let (log, opening) = open_small(dir.path());
    let rebuilt = opening.rebuilt.unwrap();
    assert_eq!((rebuilt.records, rebuilt.aside, opening.caught_up), (30, None, 0));
    assert_eq!(judge(&log).await, 30);
}

#[tokio::test]
async fn a_reading_copy_that_is_garbled_is_rebuilt_or_still_right() {
    let original = closed(30).await;
    let db = fs::read(original.path().join("sled/db")).unwrap();
    let used = db.iter().rposition(|byte| *byte != 0).unwrap();
    let mut rebuilt = 0;
    for part in 0..24 {
        let dir = closed(30).await;
        let mut garbled = db.clone();
        match part {
            0 | 1 => garbled.truncate(used / 2),
            2 => garbled.clear(),
            3 => garbled.fill(0xff),
            _ => garbled[used * part / 24] ^= 0x10,
        }
        fs::write(dir.path().join("sled/db"), garbled).unwrap();
        if part % 2 == 1 {
            fs::remove_file(dir.path().join("closed")).unwrap();
        }
        let (log, opening) = open_small(dir.path());
        rebuilt += u32::from(opening.rebuilt.is_some());
        assert_eq!(judge(&log).await, 30, "part {part}: {opening:?}");
        fill(&log, 31..=40).await;
        log.close().await.unwrap();
        assert_eq!(judge(&open_small(dir.path()).0).await, 40);
    }
    assert!(rebuilt > 0);
}

#[tokio::test]
async fn a_reading_copy_that_is_ahead_shows_that_the_journal_lost_records_and_stays_where_it_is() {
    let (short, ahead) = (closed(10).await, closed(30).await);
    fs::remove_dir_all(short.path().join("sled")).unwrap();
    fs::rename(ahead.path().join("sled"), short.path().join("sled")).unwrap();
    fs::remove_file(short.path().join("closed")).unwrap();
    let last = segments(short.path()).pop().unwrap();
    let used = fs::read(&last).unwrap().iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1;
    // As often as it is tried: a refused start takes no evidence away.
    for _ in 0..3 {
        match open(short.path()) {
            Err(OpenError::Integrity { file, offset, position, why }) => {
                assert_eq!((file, offset, position), (last.clone(), used, Position(11)));
                assert_eq!(why, "the journal ends here, and the reading copy has the record at 11");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(!short.path().join("sled.aside").exists());
}

#[tokio::test]
async fn a_reading_copy_that_is_ahead_by_garbage_alone_is_rebuilt() {
    let dir = closed(10).await;
    meddle(dir.path(), |log| {
        log.insert(11_u64.to_be_bytes(), b"nothing that we wrote").unwrap();
        log.insert(12_u64.to_be_bytes(), log.get(10_u64.to_be_bytes()).unwrap().unwrap()).unwrap();
    });
    fs::remove_file(dir.path().join("closed")).unwrap();
    let (log, opening) = open_small(dir.path());
    assert_eq!(opening.rebuilt.unwrap().why, "it ends at 12, the journal at 10");
    assert_eq!(judge(&log).await, 10);
}

#[tokio::test]
async fn a_journal_shorter_than_it_was_closed_is_an_integrity_error_without_the_copy_too() {
    let dir = closed(30).await;
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    fs::remove_file(segments(dir.path()).pop().unwrap()).unwrap();
    for _ in 0..3 {
        match open(dir.path()) {
            Err(OpenError::Integrity { position, why, .. }) => {
                assert!(position.0 < 30 && why.ends_with("it ended at 30 when the log was closed"), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
    fs::remove_dir_all(dir.path().join("journal")).unwrap();
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::Integrity { position: Position(1), .. })));
}

/// Changes what sled holds behind the log's back.
fn meddle(dir: &Path, change: impl FnOnce(&sled::Tree)) {
    let db = sled::open(dir.join("sled")).unwrap();
    change(&db.open_tree("log").unwrap());
    db.flush().unwrap();
}

#[tokio::test]
async fn a_reading_copy_that_differs_is_rebuilt_after_a_stop_without_close() {
    for change in [
        |log: &sled::Tree| drop(log.remove(5_u64.to_be_bytes()).unwrap()),
        |log: &sled::Tree| drop(log.insert(5_u64.to_be_bytes(), b"something else").unwrap()),
    ] {
        let dir = closed(10).await;
        meddle(dir.path(), change);
        fs::remove_file(dir.path().join("closed")).unwrap();
        let (log, opening) = open_small(dir.path());
        assert!(opening.rebuilt.is_some(), "{opening:?}");
        assert_eq!(judge(&log).await, 10);
    }
}

#[tokio::test]
async fn what_sled_has_lost_is_read_from_the_journal_and_repaired_by_the_next_start() {
    let dir = closed(2_500).await;
    let garbled = [7, 600, 1_300].map(u64::to_be_bytes);
    meddle(dir.path(), |log| {
        log.remove(garbled[0]).unwrap();
        log.insert(garbled[1], b"something else").unwrap();
        log.insert(garbled[2], vec![0; 60]).unwrap();
    });
    let (log, opening) = open_small(dir.path());
    assert!(opening.clean && opening.rebuilt.is_none(), "only the end is compared: {opening:?}");
    let found = log.entries(&[Position(7), Position(1_300), Position(2_500)]).await.unwrap();
    assert_eq!(
        found.iter().map(|entry| entry.record.clone()).collect::<Vec<_>>(),
        [7, 1_300, 2_500].map(record)
    );
    assert_eq!(judge(&log).await, 2_500);
    log.close().await.unwrap();
    let (log, opening) = open_small(dir.path());
    assert_eq!(opening.rebuilt.unwrap().why, "it differs from the journal at 7");
    assert_eq!(judge(&log).await, 2_500);
}

#[tokio::test]
async fn a_copy_of_the_running_log_opens_with_every_answered_record() {
    let dir = ram::dir();
    let (log, _) = open_small(dir.path());
    for round in 1..=10 {
        fill(&log, round * 10 - 9..=round * 10).await;
        let copy = ram::dir();
        copy_all(dir.path(), copy.path());
        assert_eq!(judge(&open_small(copy.path()).0).await, round * 10);
    }
}

#[tokio::test]
async fn an_unfinished_snapshot_of_sled_is_no_obstacle() {
    let dir = closed(10).await;
    let snapshot = dir.path().join("sled/snap.0000000000000FFF.generating");
    fs::write(&snapshot, b"half").unwrap();
    let (log, opening) = open_small(dir.path());
    assert!(opening.rebuilt.is_none() && !snapshot.exists());
    assert_eq!(judge(&log).await, 10);
}

#[tokio::test]
async fn the_largest_records_go_to_no_blob_file() {
    let dir = ram::dir();
    let (log, _) = open(dir.path()).unwrap();
    let name = "n".repeat(MAX_STREAM);
    let appends = (0..300).map(|_| async {
        log.append(&Stream::new(&name), &[], Bytes::from(vec![0xa5; MAX_RECORD])).await.unwrap();
    });
    futures_util::future::join_all(appends).await;
    log.close().await.unwrap();
    let blobs = dir.path().join("sled/blobs");
    assert!(!blobs.exists() || fs::read_dir(blobs).unwrap().next().is_none());
}
