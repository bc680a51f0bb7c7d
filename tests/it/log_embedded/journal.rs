//! Damage to the journal: cut where nobody was answered, refused and named everywhere else.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use mfa_ledger::disk::Disk;
use mfa_ledger::log::Position;
use mfa_ledger::log::embedded::{Embedded, OpenError, Opening, raw};

use crate::support::ram;

use super::{LEDGER, SMALL, append, closed, fill, judge, open, open_small, record};

pub fn segments(dir: &Path) -> Vec<PathBuf> {
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
    fs::write(&file, &bytes).unwrap();
    let written_over = open(dir.path());
    assert!(matches!(written_over, Err(OpenError::Integrity { .. })), "{written_over:?}");
    let sum = crc32c::crc32c(&bytes[..72]);
    bytes[72..76].copy_from_slice(&sum.to_be_bytes());
    fs::write(&file, bytes).unwrap();
    let newer = open(dir.path());
    assert!(matches!(newer, Err(OpenError::NewerFormat { found: 2, known: 1, .. })), "{newer:?}");
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
    for missing in 0..segments(dir.path()).len() {
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
async fn a_flipped_bit_is_found_without_the_reading_copy_and_without_the_mark_too() {
    let dir = closed(12).await;
    for marked in [true, false] {
        if !marked {
            fs::remove_file(dir.path().join("closed")).unwrap();
        }
        let _ = fs::remove_dir_all(dir.path().join("sled"));
        for n in 1..=12 {
            let (file, at) = find(dir.path(), n);
            flip(&file, at);
            let opened = open_small_result(dir.path());
            assert!(
                matches!(opened, Err(OpenError::Integrity { position, .. }) if position.0 == n),
                "record {n}: {opened:?}"
            );
            flip(&file, at);
            let _ = fs::remove_dir_all(dir.path().join("sled"));
        }
    }
    assert_eq!(judge(&open_small(dir.path()).0).await, 12);
}

fn open_small_result(dir: &Path) -> Result<(Embedded, Opening), OpenError> {
    Embedded::open_sized(dir, LEDGER, Disk::real(), SMALL)
}

/// Where the frame of a record begins and ends in its file.
fn frame_of(dir: &Path, n: u64) -> (PathBuf, usize, usize) {
    let (file, at) = find(dir, n);
    let begin = at - "stream/0".len() - 25;
    (file, begin, at + record(n).len())
}

/// A log whose last record lies in two sectors, and so many records.
async fn over_an_edge() -> (tempfile::TempDir, u64) {
    for count in 5.. {
        let dir = closed(count).await;
        let (_, begin, end) = frame_of(dir.path(), count);
        if begin + 4 < SECTOR && end > SECTOR {
            return (dir, count);
        }
    }
    unreachable!("some record lies there");
}

const SECTOR: usize = 512;

#[tokio::test]
async fn a_torn_tail_is_cut_wherever_it_tore() {
    let (whole, count) = over_an_edge().await;
    let (path, begin, end) = frame_of(whole.path(), count);
    let bytes = fs::read(&path).unwrap();
    // Sectors reach the medium in any order: the record lacks its end, or its beginning. Or the file ends inside it.
    let torn = |from: usize, to: usize| {
        let mut torn = bytes.clone();
        torn[from..to].fill(0);
        torn
    };
    let cut = (begin..end).map(|len| bytes[..len].to_vec());
    for torn in [torn(SECTOR, end), torn(begin, SECTOR)].into_iter().chain(cut) {
        let dir = ram::dir();
        ram::copy_all(whole.path(), dir.path());
        for name in ["sled", "closed"] {
            let _either =
                fs::remove_dir_all(dir.path().join(name)).or_else(|_| fs::remove_file(dir.path().join(name)));
        }
        let file = dir.path().join("journal").join(path.file_name().unwrap());
        fs::write(&file, &torn).unwrap();
        let (log, opening) = open_small(dir.path());
        let left = torn[begin..].iter().any(|byte| *byte != 0);
        assert_eq!(opening.cut.map(|cut| cut.position), left.then_some(Position(count)));
        assert_eq!(judge(&log).await, count - 1);
        fill(&log, count..=count + 1).await;
        log.close().await.unwrap();
        assert_eq!(judge(&open_small(dir.path()).0).await, count + 1);
    }
}

#[tokio::test]
async fn a_damaged_record_is_never_cut_and_a_batch_is_cut_where_the_file_ends_in_it() {
    let dir = ram::dir();
    let (log, _) = open(dir.path()).unwrap();
    fill(&log, 1..=5).await;
    // These are queued faster than they are written: the last batch has many of them.
    let outcomes = futures_util::future::join_all((6..=45).map(|n| append(&log, n))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    log.close().await.unwrap();
    let batch_of = |n| {
        let (file, begin, _) = frame_of(dir.path(), n);
        u64::from_be_bytes(fs::read(file).unwrap()[begin + 16..begin + 24].try_into().unwrap())
    };
    let first = batch_of(45);
    let torn = (first + 1).min(45);
    // With copy and mark, without the copy, without either: in the last batch and in the one before it.
    for gone in [None, Some("sled"), Some("closed")] {
        if let Some(name) = gone {
            let _either =
                fs::remove_dir_all(dir.path().join(name)).or_else(|_| fs::remove_file(dir.path().join(name)));
        }
        for n in [first - 1, first, torn, 45] {
            let (file, at) = find(dir.path(), n);
            flip(&file, at);
            let opened = open(dir.path());
            assert!(
                matches!(opened, Err(OpenError::Integrity { position, .. }) if position.0 == n),
                "{n}, {gone:?}: {opened:?}"
            );
            flip(&file, at);
            if gone.is_some() {
                let _ = fs::remove_dir_all(dir.path().join("sled"));
            }
        }
    }
    let (file, begin, end) = frame_of(dir.path(), torn);
    fs::File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_len(u64::midpoint(begin as u64, end as u64))
        .unwrap();
    let (log, opening) = open(dir.path()).unwrap();
    assert_eq!((opening.head.0, opening.cut.unwrap().position.0), (torn - 1, torn));
    assert_eq!(judge(&log).await, torn - 1);
    fill(&log, torn..=torn + 3).await;
}

#[tokio::test]
async fn a_log_that_was_dropped_or_is_not_signed_for_to_its_end_leaves_no_mark() {
    let dir = ram::dir();
    let mark = dir.path().join("closed");
    let (log, _) = open_small(dir.path());
    fill(&log, 1..=3).await;
    drop(log);
    assert!(!mark.exists(), "a drop is no orderly stop");
    let (log, _) = open_small(dir.path());
    log.close_signed(Position(2)).await.unwrap();
    assert!(!mark.exists(), "record 3 is not signed for");
    let (log, opening) = open_small(dir.path());
    assert!(!opening.clean);
    log.close_signed(Position(3)).await.unwrap();
    assert!(mark.exists() && open_small(dir.path()).1.clean);
}

#[tokio::test]
async fn nothing_may_follow_the_mark_and_whoever_asks_is_told_where() {
    let (shorter, longer) = (closed(20).await, closed(30).await);
    fs::copy(shorter.path().join("closed"), longer.path().join("closed")).unwrap();
    let (file, begin, _) = frame_of(longer.path(), 21);
    let before: Vec<_> = segments(longer.path()).iter().map(|file| fs::read(file).unwrap()).collect();
    let read = raw::scan(longer.path(), Some(LEDGER), |_| ControlFlow::Continue(()));
    for error in [open_small_result(longer.path()).map(drop).unwrap_err(), read.map(drop).unwrap_err()] {
        let OpenError::Integrity { file: named, offset, position, why } = error else { panic!("{error}") };
        assert_eq!((named, offset, position), (file.clone(), begin as u64, Position(21)));
        assert!(why.contains("closed in good order at position 20"), "{why}");
    }
    let after: Vec<_> = segments(longer.path()).iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(before == after && longer.path().join("closed").exists(), "nothing was changed");
    // Up to the mark it can be read.
    let stop = |frame: &raw::Frame<'_>| {
        if frame.position == Position(20) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    assert_eq!(raw::scan(longer.path(), Some(LEDGER), stop).unwrap().head, Position(20));
    // A log that crashed has no mark.
    fs::remove_file(longer.path().join("closed")).unwrap();
    assert_eq!(judge(&open_small(longer.path()).0).await, 30);
}

#[tokio::test]
async fn files_that_do_not_belong_together_are_refused_to_whoever_reads_them_all() {
    let dir = closed(60).await;
    let second = segments(dir.path()).remove(1);
    let mut bytes = fs::read(&second).unwrap();
    bytes[40..72].fill(7);
    let sum = crc32c::crc32c(&bytes[..72]);
    bytes[72..76].copy_from_slice(&sum.to_be_bytes());
    fs::write(&second, &bytes).unwrap();
    let read = raw::scan(dir.path(), Some(LEDGER), |_| ControlFlow::Continue(()));
    assert!(matches!(read, Err(OpenError::Integrity { .. })), "{read:?}");
    assert!(matches!(open(dir.path()), Err(OpenError::Integrity { .. })));
}
