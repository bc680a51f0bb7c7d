//! A log cut anywhere folds to what the past says of that position, and only so many may ask at once.

use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::poll;
use futures_util::stream::BoxStream;
use mfa_ledger::http::Options;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::log::{self, AppendError, Entry, Log, ReadError, Receipt, Stream, Visit};
use mfa_ledger::service::PastError;
use mfa_ledger::service::past::WAITING;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Position, codec};

use super::{boss, reset};
use crate::support::draws::Draws;
use crate::support::house::House;

/// A log that a reader can be made to wait for.
#[derive(Debug, Default)]
struct Held {
    inner: Memory,
    /// Whoever is shown records waits until this can be read.
    gate: tokio::sync::RwLock<()>,
}

#[async_trait]
impl Log for Held {
    fn submit(
        &self,
        stream: Stream,
        reads: Vec<(Stream, log::Position)>,
        record: Bytes,
    ) -> Result<Receipt, AppendError> {
        self.inner.submit(stream, reads, record)
    }

    fn read(&self, after: log::Position) -> BoxStream<'static, Result<Entry, ReadError>> {
        self.inner.read(after)
    }

    async fn entries(&self, positions: &[log::Position]) -> Result<Vec<Entry>, ReadError> {
        self.inner.entries(positions).await
    }

    fn pass(&self, first: log::Position, last: log::Position, visit: Visit<'_>) -> Result<(), ReadError> {
        drop(self.gate.blocking_read());
        self.inner.pass(first, last, visit)
    }

    async fn head(&self) -> Result<log::Position, ReadError> {
        self.inner.head().await
    }
}

async fn played() -> (House, Arc<Held>) {
    let log = Arc::new(Held::default());
    let options = Options { attempts_per_second: 0, ..Options::default() };
    let house = House::open_on(log.clone(), options).await;
    let boss = boss(&house).await;
    let dana = house.enrolled("dana", "general-staff").await;
    house.step_up(&boss).await;
    reset(&house, &boss, &dana).await.ok(201);
    assert_eq!(reset(&house, &boss, &dana).await.told(), (422, "mfa-not-enabled"));
    house.require_mfa().await;
    (house, log)
}

/// The state behind each record.
async fn cuts(house: &House, log: &Held) -> Vec<State> {
    let positions: Vec<_> = (1..=house.records()).map(log::Position).collect();
    let mut cut = State::default();
    let mut cuts = Vec::new();
    for entry in log.entries(&positions).await.unwrap() {
        cut.apply(Position(entry.position.0), &codec::decode(&entry.record).unwrap()).unwrap();
        cuts.push(cut.clone());
    }
    cuts
}

#[tokio::test]
async fn a_log_cut_anywhere_is_the_past_of_that_position() {
    let (house, log) = played().await;
    let (head, cuts) = (house.records(), cuts(&house, &log).await);
    let draws = Draws::new(5);
    // Every position, in any order, so that folds begin at any other: twice, since some are folded already.
    let mut asked: Vec<usize> = (0..cuts.len()).chain(0..cuts.len()).collect();
    draws.shuffle(&mut asked);
    for index in asked {
        let position = Position(index as u64 + 1);
        let past = house.service.as_of(Moment::Position(position)).await.unwrap();
        assert!(*past.state == cuts[index], "the past of {position} is another than the log up to it");
        assert_eq!((past.position(), past.at), (position, cuts[index].at()));
    }
    let now = house.service.as_of(Moment::Position(Position(head))).await.unwrap();
    assert!(house.service.peek(|state| *state == *now.state), "the past of the head is the present");
}

#[tokio::test]
async fn so_many_wait_and_one_more_is_turned_away() {
    let (house, log) = played().await;
    let ask = |position| house.service.as_of(Moment::Position(Position(position)));
    let held = log.gate.write().await;
    let mut asking = pin!(join_all((1..=WAITING as u64 + 1).map(ask)));
    // Each of them takes its place when it is first polled; none can end before the log is read.
    assert!(poll!(&mut asking).is_pending());
    assert!(matches!(ask(1).await, Err(PastError::Busy)));
    drop(held);
    assert!(asking.await.iter().all(Result::is_ok));
    assert!(ask(1).await.is_ok(), "the places are free again");
}

#[tokio::test]
async fn one_administrator_alone_is_where_the_whole_log_puts_them() {
    let (house, log) = played().await;
    let people =
        house.service.peek(|state| state.directory.administrators().map(|it| it.id).collect::<Vec<_>>());
    assert!(people.len() >= 2);
    for cut in cuts(&house, &log).await {
        let position = cut.position();
        for id in &people {
            let past = house.service.as_of_administrator(Moment::Position(position), *id).await.unwrap();
            assert!(past.state.alone(*id) == cut.alone(*id), "{id} at {position}");
            assert_eq!((past.position(), past.state.at()), (position, cut.at()));
        }
    }
}

#[tokio::test]
async fn everyone_is_where_the_whole_log_puts_them() {
    let (house, log) = played().await;
    let cuts = cuts(&house, &log).await;
    let draws = Draws::new(6);
    let mut asked: Vec<usize> = (0..cuts.len()).chain(0..cuts.len()).collect();
    draws.shuffle(&mut asked);
    for index in asked {
        let position = Position(index as u64 + 1);
        // Folds of the whole are gone on from as well.
        if draws.below(4) == 0 {
            house.service.as_of(Moment::Position(position)).await.unwrap();
        }
        let past = house.service.as_of_everyone(Moment::Position(position)).await.unwrap();
        assert!(past.state.everyone() == cuts[index].everyone(), "at {position}");
        assert_eq!(
            (past.position(), past.at, past.state.at()),
            (position, cuts[index].at(), cuts[index].at())
        );
    }
}
