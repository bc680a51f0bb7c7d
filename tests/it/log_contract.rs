//! The contract of the log (see `mfa_ledger::log`), clause by clause, on every engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::Embedded;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::log::{AppendError, Entry, Log, MAX_RECORD, MAX_STREAM, Position, ReadError, Stream};

type Engine = Arc<dyn Log>;

macro_rules! contract {
    ($($clause:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $clause() {
                super::$clause(super::Arc::new(super::Memory::new())).await;
            })*
        }
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $clause() {
                let dir = tempfile::tempdir().unwrap();
                let (log, _) = super::Embedded::open(dir.path(), [1; 16], super::Disk::real()).unwrap();
                super::$clause(super::Arc::new(log)).await;
            })*
        }
    };
}

contract! {
    positions_are_1_2_3_over_all_streams
    a_read_that_still_holds_lets_the_record_in
    a_read_that_moved_is_a_conflict
    a_read_of_the_future_is_a_conflict
    refused_appends_burn_no_position
    what_is_answered_can_be_read
    a_reader_gets_what_is_there_then_what_comes
    a_reader_starts_after_the_position_given
    a_reader_far_behind_gets_each_record_once_in_order
    readers_see_no_gap_while_many_write
    entries_come_in_the_order_asked_for
    an_entry_that_is_not_there_is_an_error
    what_is_passed_is_what_was_appended
    the_largest_record_fits_and_one_byte_more_does_not
    one_of_many_racers_wins_each_position
    what_is_submitted_first_stands_first
}

fn stream(name: &str) -> Stream {
    Stream::new(name)
}

async fn put(log: &Engine, to: &str, record: &str) -> Position {
    log.append(&stream(to), &[], Bytes::copy_from_slice(record.as_bytes())).await.unwrap()
}

async fn take(log: &Engine, after: u64, count: usize) -> Vec<Entry> {
    let read = log.read(Position(after)).take(count).map(Result::unwrap).collect();
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the records are there")
}

async fn positions_are_1_2_3_over_all_streams(log: Engine) {
    assert_eq!(log.head().await.unwrap(), Position::START);
    for (due, to) in (1..).zip(["a", "b", "a", "c", "b"]) {
        assert_eq!(put(&log, to, "x").await, Position(due));
    }
}

async fn a_read_that_still_holds_lets_the_record_in(log: Engine) {
    let new = [(stream("a"), Position::START), (stream("b"), Position::START)];
    assert_eq!(log.append(&stream("a"), &new, Bytes::from("1")).await.unwrap(), Position(1));
    put(&log, "other", "2").await;
    let held = [(stream("a"), Position(1)), (stream("b"), Position::START)];
    assert_eq!(log.append(&stream("b"), &held, Bytes::from("3")).await.unwrap(), Position(3));
}

async fn a_read_that_moved_is_a_conflict(log: Engine) {
    put(&log, "a", "1").await;
    put(&log, "a", "2").await;
    for seen in [Position::START, Position(1)] {
        let refused = log.append(&stream("b"), &[(stream("a"), seen)], Bytes::from("x")).await;
        assert!(matches!(refused, Err(AppendError::Conflict)), "{refused:?}");
    }
    assert_eq!(log.head().await.unwrap(), Position(2));
}

async fn a_read_of_the_future_is_a_conflict(log: Engine) {
    put(&log, "a", "1").await;
    let refused = log.append(&stream("b"), &[(stream("a"), Position(2))], Bytes::from("x")).await;
    assert!(matches!(refused, Err(AppendError::Conflict)), "{refused:?}");
}

async fn refused_appends_burn_no_position(log: Engine) {
    put(&log, "a", "1").await;
    for _ in 0..5 {
        let stale = [(stream("a"), Position::START)];
        log.append(&stream("a"), &stale, Bytes::from("no")).await.unwrap_err();
        log.append(&stream("a"), &[], Bytes::from(vec![0; MAX_RECORD + 1])).await.unwrap_err();
    }
    assert_eq!(put(&log, "a", "2").await, Position(2));
    let records: Vec<Bytes> = take(&log, 0, 2).await.into_iter().map(|entry| entry.record).collect();
    assert_eq!(records, ["1", "2"]);
}

async fn what_is_answered_can_be_read(log: Engine) {
    for n in 1..=50 {
        let at = put(&log, "a", &n.to_string()).await;
        assert!(log.head().await.unwrap() >= at);
        let entry = log.entries(&[at]).await.unwrap().remove(0);
        assert_eq!(entry, Entry { position: at, stream: stream("a"), record: n.to_string().into() });
        assert_eq!(take(&log, at.0 - 1, 1).await, [entry]);
    }
}

async fn a_reader_gets_what_is_there_then_what_comes(log: Engine) {
    put(&log, "a", "1").await;
    let mut reader = log.read(Position::START);
    assert_eq!(reader.next().await.unwrap().unwrap().record, "1");
    let waiting = tokio::time::timeout(Duration::from_millis(30), reader.next()).await;
    assert!(waiting.is_err(), "nothing is there yet");
    put(&log, "b", "2").await;
    let entry = reader.next().await.unwrap().unwrap();
    assert_eq!((entry.position, entry.stream.as_str()), (Position(2), "b"));
}

async fn a_reader_starts_after_the_position_given(log: Engine) {
    for n in 1..=5 {
        put(&log, "a", &n.to_string()).await;
    }
    assert_eq!(take(&log, 3, 2).await.iter().map(|entry| entry.position.0).collect::<Vec<_>>(), [4, 5]);
    let mut ahead = log.read(Position(6));
    put(&log, "a", "6").await;
    put(&log, "a", "7").await;
    assert_eq!(ahead.next().await.unwrap().unwrap().position, Position(7));
}

async fn a_reader_far_behind_gets_each_record_once_in_order(log: Engine) {
    fill(&log, 3_000).await;
    let read = take(&log, 0, 3_000).await;
    assert!((1..).zip(&read).all(|(due, entry)| entry.position == Position(due)));
    let distinct: BTreeSet<Bytes> = read.into_iter().map(|entry| entry.record).collect();
    assert_eq!(distinct.len(), 3_000);
}

async fn readers_see_no_gap_while_many_write(log: Engine) {
    let readers: Vec<_> = (0..4)
        .map(|start| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                take(&log, start * 100, 2_000 - 100 * usize::try_from(start).unwrap()).await
            })
        })
        .collect();
    fill(&log, 2_000).await;
    for (start, reader) in (0..).zip(readers) {
        let read = reader.await.unwrap();
        assert!((start * 100 + 1..).zip(&read).all(|(due, entry)| entry.position == Position(due)));
    }
}

async fn entries_come_in_the_order_asked_for(log: Engine) {
    fill(&log, 2_500).await;
    let asked = [2_500, 1, 77, 1, 2_499].map(Position);
    let found = log.entries(&asked).await.unwrap();
    assert_eq!(found.iter().map(|entry| entry.position).collect::<Vec<_>>(), asked);
    assert!(log.entries(&[]).await.unwrap().is_empty());
}

async fn an_entry_that_is_not_there_is_an_error(log: Engine) {
    put(&log, "a", "1").await;
    for missing in [Position::START, Position(2), Position(u64::MAX)] {
        let found = log.entries(&[Position(1), missing]).await;
        assert!(matches!(found, Err(ReadError::Missing(at)) if at == missing), "{found:?}");
    }
}

async fn what_is_passed_is_what_was_appended(log: Engine) {
    for number in 1..=300 {
        put(&log, "a", &number.to_string()).await;
    }
    let pass = |first, last, most| {
        let mut passed = Vec::new();
        let seen = log.pass(Position(first), Position(last), &mut |position, record| {
            passed.push((position.0, String::from_utf8(record.to_vec()).unwrap()));
            if passed.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        (passed, seen)
    };
    for (first, last, most) in
        [(1, 300, 300), (1, 1, 1), (7, 299, 300), (298, 300, 300), (100, 300, 150), (5, 4, 0)]
    {
        let (passed, seen) = pass(first, last, most);
        assert!(seen.is_ok(), "{seen:?}");
        let due: Vec<_> = (first..=last).map(|it| (it, it.to_string())).take(most).collect();
        assert_eq!(passed, due);
    }
    for (first, last, missing) in [(0, 3, 0), (1, 301, 301), (400, 500, 400)] {
        let (passed, seen) = pass(first, last, 1_000);
        assert!(matches!(seen, Err(ReadError::Missing(at)) if at == Position(missing)), "{seen:?}");
        assert!(passed.is_empty(), "nothing is shown of what is not all there");
    }
}

async fn the_largest_record_fits_and_one_byte_more_does_not(log: Engine) {
    let name = stream(&"n".repeat(MAX_STREAM));
    let record = Bytes::from(vec![7; MAX_RECORD]);
    let at = log.append(&name, &[], record.clone()).await.unwrap();
    assert_eq!(log.entries(&[at]).await.unwrap()[0].record, record);
    let refused = log.append(&name, &[], Bytes::from(vec![7; MAX_RECORD + 1])).await;
    assert!(matches!(refused, Err(AppendError::TooLarge { len: 7_001, limit: 7_000 })), "{refused:?}");
    assert_eq!(log.append(&name, &[], Bytes::new()).await.unwrap(), Position(2));
    assert_eq!(take(&log, 1, 1).await[0].record, "");
}

async fn one_of_many_racers_wins_each_position(log: Engine) {
    const ROUNDS: u64 = 20;
    let racers: Vec<_> = (0..64)
        .map(|racer: u32| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let mut won = Vec::new();
                for seen in 0..ROUNDS {
                    let reads = [(stream("prize"), Position(seen))];
                    match log.append(&reads[0].0, &reads, Bytes::from(racer.to_string())).await {
                        Ok(position) => won.push((position.0, racer)),
                        Err(AppendError::Conflict) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                    log.read(Position(seen)).next().await.unwrap().unwrap();
                }
                won
            })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        won.extend(racer.await.unwrap());
    }
    won.sort_unstable();
    assert_eq!(
        won.iter().map(|(position, _)| *position).collect::<Vec<_>>(),
        (1..=ROUNDS).collect::<Vec<_>>()
    );
    for (position, racer) in won {
        assert_eq!(log.entries(&[Position(position)]).await.unwrap()[0].record, racer.to_string());
    }
}

/// Appends `count` records from 50 tasks to 50 streams.
async fn fill(log: &Engine, count: usize) {
    let tasks: Vec<_> = (0..50)
        .map(|task| {
            let log = Arc::clone(log);
            tokio::spawn(async move {
                for n in 0..count / 50 {
                    put(&log, &format!("filler/{task}"), &format!("{task}.{n}")).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn what_is_submitted_first_stands_first(log: Engine) {
    let record = |n: u64| Bytes::from(n.to_string());
    for n in 1..=100 {
        let receipt = log.submit(stream("a"), Vec::new(), record(n)).unwrap();
        if n % 3 == 0 {
            drop(receipt);
        } else if n % 7 == 0 {
            assert_eq!(receipt.durable().await.unwrap(), Position(n));
        }
    }
    let records: Vec<Bytes> = take(&log, 0, 100).await.into_iter().map(|entry| entry.record).collect();
    assert_eq!(records, (1..=100).map(record).collect::<Vec<_>>());
}
