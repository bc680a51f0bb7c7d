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

#[tokio::test]
async fn a_batch_torn_in_its_middle_is_cut_there_and_an_older_one_is_an_integrity_error() {
    let dir = ram::dir();
    let (log, _) = open(dir.path()).unwrap();
    fill(&log, 1..=5).await;
    // These are queued faster than they are written: the last batch has many of them.
    let outcomes = futures_util::future::join_all((6..=45).map(|n| append(&log, n))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    drop(log);
    let batch_of = |n| {
        let (file, at) = find(dir.path(), n);
        let frame = at - "stream/0".len() - 25;
        u64::from_be_bytes(fs::read(file).unwrap()[frame + 16..frame + 24].try_into().unwrap())
    };
    let first = batch_of(45);
    let torn = (first + 1).min(45);
    let (file, at) = find(dir.path(), torn);
    flip(&file, at);
    let opened = open(dir.path());
    assert!(matches!(opened, Err(OpenError::Integrity { .. })), "sled shows that it was durable: {opened:?}");
    flip(&file, at);

    let (file, at) = find(dir.path(), first - 1);
    flip(&file, at);
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let opened = open(dir.path());
    assert!(matches!(opened, Err(OpenError::Integrity { position, .. }) if position.0 == first - 1));
    flip(&file, at);

    let (file, at) = find(dir.path(), torn);
    flip(&file, at);
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let opened = open(dir.path());
    assert!(matches!(opened, Err(OpenError::Integrity { .. })), "it was closed behind that: {opened:?}");

    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    fs::remove_file(dir.path().join("closed")).unwrap();
    let (log, opening) = open(dir.path()).unwrap();
    assert_eq!((opening.head.0, opening.cut.unwrap().position.0), (torn - 1, torn));
    assert_eq!(judge(&log).await, torn - 1);
    fill(&log, torn..=torn + 3).await;
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
