//! The crash table: every I/O step, lost or done and reported as failed all the same.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::disk::{Disk, Fate};
use mfa_ledger::log::embedded::{Embedded, Sizes};
use mfa_ledger::log::{AppendError, Log, Position, Stream};

use super::{LEDGER, SMALL, append, fill, judge, open, open_small};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_failing_step_loses_an_answered_record_of_many_writers() {
    for (step, fate) in (15..150).step_by(9).flat_map(|step| [(step, Fate::Lost), (step, Fate::Kept)]) {
        let dir = tempfile::tempdir().unwrap();
        let sizes = Sizes { segment: 6_000, ..SMALL };
        let (disk, _) = Disk::faulty(step, fate);
        let (log, _) = Embedded::open_sized(dir.path(), LEDGER, disk, sizes).unwrap();
        let log = Arc::new(log);
        let writers: Vec<_> = (0..32)
            .map(|writer| {
                let log = Arc::clone(&log);
                tokio::spawn(async move {
                    let mut answered = Vec::new();
                    for n in 0..40 {
                        let record = Bytes::from(format!("{writer}.{n}"));
                        match log.append(&Stream::new("s"), &[], record.clone()).await {
                            Ok(position) => answered.push((position, record)),
                            Err(_) => break,
                        }
                    }
                    answered
                })
            })
            .collect();
        let mut answered = Vec::new();
        for writer in writers {
            answered.extend(writer.await.unwrap());
        }
        drop(log);
        let (log, opening) = Embedded::open_sized(dir.path(), LEDGER, Disk::real(), sizes).unwrap();
        let count = usize::try_from(opening.head.0).unwrap();
        assert_eq!(log.read(Position::START).take(count).filter_map(async |e| e.ok()).count().await, count);
        for (position, record) in answered {
            assert_eq!(log.entries(&[position]).await.unwrap()[0].record, record, "{fate:?} step {step}");
        }
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
