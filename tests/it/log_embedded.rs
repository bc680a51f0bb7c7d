//! The embedded engine through everything that can happen to its files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::disk::{Disk, Fate};
use mfa_ledger::log::embedded::{Embedded, OpenError, Opening, Sizes};
use mfa_ledger::log::{AppendError, Entry, Log, MAX_RECORD, MAX_STREAM, Position, Stream};

const LEDGER: [u8; 16] = [1; 16];

/// Small enough that a few records see several segments and zeros ahead.
const SMALL: Sizes = Sizes { segment: 600, ahead: 256, queue: 64 };

fn open(dir: &Path) -> Result<(Embedded, Opening), OpenError> {
    Embedded::open(dir, LEDGER, Disk::real())
}

fn open_small(dir: &Path) -> (Embedded, Opening) {
    Embedded::open_sized(dir, LEDGER, Disk::real(), SMALL).unwrap()
}

fn record(n: u64) -> Bytes {
    Bytes::from(format!("record {n} {}", "x".repeat(usize::try_from(n % 90).unwrap())))
}

async fn append(log: &Embedded, n: u64) -> Result<Position, AppendError> {
    log.append(&Stream::new(&format!("stream/{}", n % 3)), &[], record(n)).await
}

async fn fill(log: &Embedded, range: std::ops::RangeInclusive<u64>) {
    for n in range {
        assert_eq!(append(log, n).await.unwrap(), Position(n));
    }
}

/// Everything in the log, which must be the records 1, 2, 3, … whole and without a gap.
async fn judge(log: &Embedded) -> u64 {
    let head = log.head().await.unwrap().0;
    let read: Vec<Entry> =
        log.read(Position::START).take(usize::try_from(head).unwrap()).map(Result::unwrap).collect().await;
    for (due, entry) in (1..).zip(&read) {
        assert_eq!(entry.position, Position(due));
        assert_eq!(entry.record, record(due));
    }
    head
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(dir.join("journal")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Where the record's text begins in the file that has it.
fn find(dir: &Path, n: u64) -> (PathBuf, usize) {
    let text = format!("record {n} ");
    for file in segments(dir) {
        let bytes = fs::read(&file).unwrap();
        if let Some(at) = bytes.windows(text.len()).position(|window| window == text.as_bytes()) {
            return (file, at);
        }
    }
    panic!("record {n} is in no segment");
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 0x10;
    fs::write(file, bytes).unwrap();
}

/// A closed log with `count` records.
async fn closed(count: u64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open_small(dir.path());
    fill(&log, 1..=count).await;
    log.close().await.unwrap();
    dir
}

#[tokio::test]
async fn a_closed_log_reopens_clean_and_goes_on() {
    let dir = closed(30).await;
    assert!(segments(dir.path()).len() > 3);
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
    let dir = tempfile::tempdir().unwrap();
    for round in 0..4 {
        let (log, opening) = open_small(dir.path());
        assert_eq!(opening.head, Position(round * 10));
        fill(&log, round * 10 + 1..=round * 10 + 10).await;
        assert_eq!(judge(&log).await, round * 10 + 10);
    }
}

#[tokio::test]
async fn a_closed_log_ends_its_readers_and_takes_nothing() {
    let dir = tempfile::tempdir().unwrap();
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
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::InUse(_))));
    log.close().await.unwrap();
    open(dir.path()).unwrap();
}

#[tokio::test]
async fn another_ledger_is_refused() {
    let dir = closed(3).await;
    let other = Embedded::open(dir.path(), [2; 16], Disk::real());
    assert!(matches!(other, Err(OpenError::OtherLedger { .. })), "{other:?}");
    assert_eq!(judge(&open(dir.path()).unwrap().0).await, 3);
}

#[tokio::test]
async fn a_newer_format_is_refused() {
    let dir = closed(3).await;
    let file = segments(dir.path()).remove(0);
    let mut bytes = fs::read(&file).unwrap();
    bytes[8..12].copy_from_slice(&2_u32.to_be_bytes());
    fs::write(&file, bytes).unwrap();
    let newer = open(dir.path());
    assert!(matches!(newer, Err(OpenError::NewerFormat { found: 2, known: 1, .. })), "{newer:?}");
}

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
async fn a_reading_copy_that_is_ahead_is_moved_aside() {
    let (short, ahead) = (closed(10).await, closed(30).await);
    fs::remove_dir_all(short.path().join("sled")).unwrap();
    fs::rename(ahead.path().join("sled"), short.path().join("sled")).unwrap();
    fs::remove_file(short.path().join("closed")).unwrap();
    let (log, opening) = open_small(short.path());
    let rebuilt = opening.rebuilt.unwrap();
    assert_eq!((rebuilt.why.as_str(), rebuilt.records), ("it ends at 30, the journal at 10", 10));
    assert!(rebuilt.aside.unwrap().join("db").exists());
    assert_eq!(judge(&log).await, 10);
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
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open_small(dir.path());
    for round in 1..=10 {
        fill(&log, round * 10 - 9..=round * 10).await;
        let copy = tempfile::tempdir().unwrap();
        copy_all(dir.path(), copy.path());
        assert_eq!(judge(&open_small(copy.path()).0).await, round * 10);
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
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
async fn a_journal_that_is_gone_is_an_integrity_error() {
    let dir = closed(10).await;
    fs::remove_dir_all(dir.path().join("journal")).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::Integrity { .. })));
}

#[tokio::test]
async fn a_missing_segment_is_an_integrity_error() {
    let dir = closed(30).await;
    for missing in 0..segments(dir.path()).len() - 1 {
        let file = segments(dir.path()).remove(missing);
        let aside = dir.path().join("aside");
        fs::rename(&file, &aside).unwrap();
        let opened = open(dir.path());
        assert!(matches!(opened, Err(OpenError::Integrity { .. })), "{opened:?}");
        fs::rename(&aside, &file).unwrap();
    }
    assert_eq!(judge(&open(dir.path()).unwrap().0).await, 30);
}

#[tokio::test]
async fn every_flipped_bit_of_an_answered_record_is_an_integrity_error_that_names_it() {
    let dir = closed(12).await;
    for n in 1..=12 {
        let (file, at) = find(dir.path(), n);
        flip(&file, at);
        match open_small_result(dir.path()) {
            Err(OpenError::Integrity { file: named, position, offset, .. }) => {
                assert_eq!((named, position), (file.clone(), Position(n)));
                assert!(offset < at as u64);
            }
            opened => panic!("record {n}: {opened:?}"),
        }
        flip(&file, at);
    }
    assert_eq!(judge(&open_small(dir.path()).0).await, 12);
}

#[tokio::test]
async fn a_flipped_bit_is_found_without_the_reading_copy_too() {
    let dir = closed(12).await;
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    for n in 1..=11 {
        let (file, at) = find(dir.path(), n);
        flip(&file, at);
        let opened = open_small_result(dir.path());
        assert!(matches!(opened, Err(OpenError::Integrity { .. })), "record {n}: {opened:?}");
        flip(&file, at);
        let _ = fs::remove_dir_all(dir.path().join("sled"));
    }
}

fn open_small_result(dir: &Path) -> Result<(Embedded, Opening), OpenError> {
    Embedded::open_sized(dir, LEDGER, Disk::real(), SMALL)
}

#[tokio::test]
async fn a_torn_tail_is_cut_wherever_it_tore() {
    let whole = closed(11).await;
    let (log, _) = open_small(whole.path());
    fill(&log, 12..=12).await;
    drop(log);
    let (path, _) = find(whole.path(), 12);
    let bytes = fs::read(&path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let start = end - record(12).len() - "stream/0".len() - 25;
    // Sectors reach the medium in any order: the record lacks its end, or its beginning.
    for kept in (start..end).step_by(7).flat_map(|tear| [start..tear, tear + 4..end]) {
        let dir = closed(11).await;
        let mut torn = bytes.clone();
        torn[start..kept.start].fill(0);
        torn[kept.end..end].fill(0);
        let file = dir.path().join("journal").join(path.file_name().unwrap());
        assert!(file.exists(), "the last record is not the first of its segment");
        fs::write(&file, &torn).unwrap();
        let (log, opening) = open_small(dir.path());
        let left = torn[start..end].iter().any(|byte| *byte != 0);
        assert_eq!(opening.cut.map(|cut| cut.position), left.then_some(Position(12)), "{kept:?}");
        assert_eq!(judge(&log).await, 11);
        fill(&log, 12..=13).await;
        log.close().await.unwrap();
        assert_eq!(judge(&open_small(dir.path()).0).await, 13);
    }
}

/// Opens with a disk that fails from a step on, appends what it takes, and says what was answered.
async fn faulty_life(dir: &Path, disk: Disk, from: u64) -> u64 {
    let Ok((log, opening)) = Embedded::open_sized(dir, LEDGER, disk, SMALL) else { return from };
    let mut answered = opening.head.0;
    let mut failed = false;
    for _ in 0..14 {
        match append(&log, answered + 1).await {
            Ok(position) => {
                assert!(!failed, "a poisoned log took a record");
                answered += 1;
                assert_eq!(position.0, answered);
            }
            Err(AppendError::Unknown(_)) => {
                assert!(!failed, "only the first failure is unknown");
                failed = true;
            }
            Err(AppendError::Unavailable(_)) => assert!(log.poisoned().is_some()),
            Err(error) => panic!("{error:?}"),
        }
        // Clause 7: readers are served all the same, and of durable records only.
        assert_eq!(judge(&log).await, answered);
    }
    assert_eq!(failed, log.poisoned().is_some());
    let _failed_too = log.close().await;
    answered
}

#[tokio::test]
async fn no_failing_step_loses_an_answered_record() {
    for fate in [Fate::Lost, Fate::Kept] {
        let mut tried = 0;
        for step in 1.. {
            let dir = tempfile::tempdir().unwrap();
            let (log, _) = open_small(dir.path());
            fill(&log, 1..=7).await;
            drop(log);
            let (disk, faults) = Disk::faulty(step, fate);
            let answered = faulty_life(dir.path(), disk, 7).await;
            let (log, opening) = open_small(dir.path());
            let head = judge(&log).await;
            // One more at most: the append whose outcome was unknown.
            assert!(head == answered || head == answered + 1, "{fate:?} step {step}: {answered} {opening:?}");
            fill(&log, head + 1..=head + 8).await;
            log.close().await.unwrap();
            assert_eq!(judge(&open_small(dir.path()).0).await, head + 8);
            tried += 1;
            if faults.taken() < step {
                break;
            }
        }
        assert!(tried > 30, "{tried} steps");
    }
}

#[tokio::test]
async fn no_failing_step_of_the_first_start_leaves_a_log_that_does_not_open() {
    for fate in [Fate::Lost, Fate::Kept] {
        for step in 1..=14 {
            let dir = tempfile::tempdir().unwrap();
            let (disk, _) = Disk::faulty(step, fate);
            let answered = faulty_life(dir.path(), disk, 0).await;
            let head = judge(&open_small(dir.path()).0).await;
            assert!(head == answered || head == answered + 1, "{fate:?} step {step}");
        }
    }
}

#[tokio::test]
async fn after_a_failed_sync_the_log_is_poisoned_until_reopened() {
    let dir = tempfile::tempdir().unwrap();
    let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
    let (log, _) = Embedded::open(dir.path(), LEDGER, disk).unwrap();
    fill(&log, 1..=3).await;
    faults.fail_now();
    assert!(matches!(append(&log, 4).await, Err(AppendError::Unknown(_))));
    faults.heal();
    match append(&log, 4).await {
        Err(AppendError::Unavailable(why)) => assert!(why.to_string().contains("until reopened"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(judge(&log).await, 3);
    log.close().await.unwrap_err();
    let (log, _) = open(dir.path()).unwrap();
    assert_eq!(judge(&log).await, 3);
    fill(&log, 4..=5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_busy_and_stores_nothing() {
    let dir = tempfile::tempdir().unwrap();
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

#[tokio::test]
async fn the_largest_records_go_to_no_blob_file() {
    let dir = tempfile::tempdir().unwrap();
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
