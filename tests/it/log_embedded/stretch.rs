//! Many records in a row come from the journal, whoever asks, from wherever on; and from sled where that fails.

use std::fs;
use std::ops::ControlFlow;

use futures_util::StreamExt;
use mfa_ledger::log::{Log, Position};

use super::journal::segments;
use super::stored::{Made, meddle};
use super::{closed, judge, open_small, record, unseen};

/// More than two stretches, in many files.
const RECORDS: u64 = 300;

/// What a log shows from one position to another.
fn passed(log: &impl Log, first: u64, last: u64) -> Vec<(u64, Vec<u8>)> {
    let mut passed = Vec::new();
    let mut note = |position: Position, record: &[u8]| {
        passed.push((position.0, record.to_vec()));
        ControlFlow::Continue(())
    };
    log.pass(Position(first), Position(last), &mut note).unwrap();
    passed
}

fn written(first: u64, last: u64) -> Vec<(u64, Vec<u8>)> {
    (first..=last).map(|position| (position, record(position).to_vec())).collect()
}

#[tokio::test]
async fn a_stretch_comes_from_the_journal_from_wherever_it_begins() {
    let dir = closed(RECORDS).await;
    assert!(segments(dir.path()).len() > 20);
    // No start of this kind looks so far back.
    meddle(dir.path(), Made::Now, |stored| drop(stored.remove(&150).unwrap()));
    let (log, opening, _) = unseen::open(dir.path(), true, 0).unwrap();
    assert!(opening.rebuilt.is_none() && opening.unseen > Position(200), "{opening:?}");
    for after in (0..RECORDS - 150).step_by(7).chain([0, 149, 1]) {
        let count = usize::try_from(RECORDS - after).unwrap();
        let read: Vec<_> = log.read(Position(after)).take(count).map(Result::unwrap).collect().await;
        for (due, entry) in (after + 1..).zip(&read) {
            assert_eq!((entry.position, &entry.record), (Position(due), &record(due)));
        }
        assert_eq!(read.len(), count);
    }
    let positions: Vec<_> = (100..=290).rev().map(Position).collect();
    for first in [1, 20, 100, 149] {
        assert_eq!(passed(&log, first, RECORDS), written(first, RECORDS));
    }
    let entries = log.entries(&positions).await.unwrap();
    assert!(entries.iter().map(|entry| entry.position).eq(positions), "in the order asked for");
    // Nobody met what sled lacks, since it was not asked: it is met now.
    log.close().await.unwrap();
    assert!(dir.path().join("closed").exists(), "the copy is not known to be bad");
    let (log, opening) = open_small(dir.path());
    assert!(opening.rebuilt.is_some(), "{opening:?}");
    assert_eq!(judge(&log).await, RECORDS);
}

#[tokio::test]
async fn where_the_journal_does_not_give_a_stretch_sled_does() {
    let dir = closed(RECORDS).await;
    let (log, _) = open_small(dir.path());
    for file in segments(dir.path()).iter().step_by(3) {
        let mut bytes = fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file, bytes).unwrap();
    }
    assert_eq!(judge(&log).await, RECORDS);
    assert_eq!(passed(&log, 1, RECORDS), written(1, RECORDS));
    for file in segments(dir.path()) {
        fs::remove_file(file).unwrap();
    }
    assert_eq!(judge(&log).await, RECORDS);
    assert_eq!(passed(&log, 1, RECORDS), written(1, RECORDS));
}
