//! Whatever happens to the reading copy, the journal makes it good.

use std::fs;

use bytes::Bytes;
use mfa_ledger::log::embedded::OpenError;
use mfa_ledger::log::{Log, MAX_RECORD, MAX_STREAM, Position, Stream};

use super::journal::segments;
use super::stored::{EVER, Made, Stored, meddle};
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
    for made in EVER {
        let dir = closed(10).await;
        meddle(dir.path(), made, |stored| {
            stored.insert(11, b"nothing that we wrote".to_vec());
            stored.insert(12, stored[&10].clone());
        });
        fs::remove_file(dir.path().join("closed")).unwrap();
        let (log, opening) = open_small(dir.path());
        assert_eq!(opening.rebuilt.unwrap().why, "it ends at 12, the journal at 10");
        assert_eq!(judge(&log).await, 10);
    }
}

#[tokio::test]
async fn a_record_that_the_journal_lost_is_found_behind_garbage() {
    for made in EVER {
        let (dir, longer) = (closed(10).await, closed(13).await);
        let mut lost = Vec::new();
        meddle(longer.path(), made, |stored| lost = stored[&13].clone());
        meddle(dir.path(), made, |stored| {
            stored.insert(11, b"nothing that we wrote".to_vec());
            stored.insert(13, lost);
        });
        fs::remove_file(dir.path().join("closed")).unwrap();
        match open(dir.path()) {
            Err(OpenError::Integrity { position: Position(11), why, .. }) => {
                assert_eq!(
                    why, "the journal ends here, and the reading copy has the record at 13",
                    "{made:?}"
                );
            }
            other => panic!("{made:?}: {other:?}"),
        }
    }
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

#[tokio::test]
async fn a_reading_copy_that_differs_is_rebuilt_after_a_stop_without_close() {
    for made in EVER {
        for change in [
            |stored: &mut Stored| drop(stored.remove(&5)),
            |stored: &mut Stored| drop(stored.insert(5, b"something else".to_vec())),
        ] {
            let dir = closed(10).await;
            meddle(dir.path(), made, change);
            fs::remove_file(dir.path().join("closed")).unwrap();
            let (log, opening) = open_small(dir.path());
            assert!(opening.rebuilt.is_some(), "{opening:?}");
            assert_eq!(judge(&log).await, 10);
        }
    }
}

#[tokio::test]
async fn what_sled_has_lost_is_read_from_the_journal_and_repaired_by_the_next_start() {
    for made in EVER {
        let dir = closed(2_500).await;
        meddle(dir.path(), made, |stored| {
            stored.remove(&7);
            stored.insert(600, b"something else".to_vec());
            stored.insert(1_300, vec![0; 60]);
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
}

#[tokio::test]
async fn a_copy_of_an_earlier_version_is_gone_on_with_in_segments_of_its_own_size() {
    let dir = closed(30).await;
    meddle(dir.path(), Made::Earlier, |_| {});
    for head in [30, 40] {
        let (log, opening) = open_small(dir.path());
        assert!(opening.clean && opening.rebuilt.is_none() && opening.caught_up == 0, "{opening:?}");
        assert_eq!(judge(&log).await, head);
        fill(&log, head + 1..=head + 10).await;
        log.close().await.unwrap();
        assert!(Made::Earlier.made(dir.path()), "it stays what it was");
    }
    // It is caught up as well, and one that is made anew is of the new form.
    fs::remove_file(dir.path().join("closed")).unwrap();
    let (log, opening) = open_small(dir.path());
    assert_eq!((opening.rebuilt, judge(&log).await), (None, 50));
    log.close().await.unwrap();
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    assert_eq!(judge(&open_small(dir.path()).0).await, 50);
    assert!(Made::Now.made(dir.path()));
}

#[tokio::test]
async fn a_copy_that_does_not_tell_the_size_of_its_segments_is_rebuilt_or_right() {
    let original = closed(30).await;
    let conf = fs::read(original.path().join("sled/conf")).unwrap();
    let mut rebuilt = 0;
    let flipped = (0..conf.len()).map(|at| {
        let mut bytes = conf.clone();
        bytes[at] ^= 0x10;
        bytes
    });
    let sizes = ["256", "524288", "16777216", "18446744073709551616", "-1", ""];
    let told = sizes.map(|size| {
        let text = format!("segment_size: {size}\nuse_compression: false\nversion: 0.34\n");
        [text.as_bytes(), &[0; 4]].concat()
    });
    for garbled in flipped.chain(told).chain([Vec::new(), conf[..8].to_vec()]) {
        let dir = ram::dir();
        copy_all(original.path(), dir.path());
        fs::write(dir.path().join("sled/conf"), &garbled).unwrap();
        let (log, opening) = open_small(dir.path());
        rebuilt += u32::from(opening.rebuilt.is_some());
        assert_eq!(judge(&log).await, 30, "{opening:?}: {:?}", String::from_utf8_lossy(&garbled));
        fill(&log, 31..=33).await;
        log.close().await.unwrap();
        assert_eq!(judge(&open_small(dir.path()).0).await, 33);
    }
    assert!(rebuilt > 20, "{rebuilt}");
}

#[tokio::test]
async fn entries_far_apart_come_in_the_order_asked_for_and_whole_where_one_is_damaged() {
    let dir = closed(2_500).await;
    meddle(dir.path(), Made::Now, |stored| drop(stored.remove(&700)));
    let (log, _) = open_small(dir.path());
    for step in [1, 3, 7, 100] {
        let mut positions: Vec<_> = (1..=2_500).rev().step_by(step).map(Position).collect();
        for _ in 0..2 {
            let found = log.entries(&positions).await.unwrap();
            assert_eq!(found.len(), positions.len());
            for (entry, at) in found.iter().zip(&positions) {
                assert_eq!((entry.position, &entry.record), (*at, &record(at.0)), "every {step}");
            }
            positions.reverse();
        }
    }
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
