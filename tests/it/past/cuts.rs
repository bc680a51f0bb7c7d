//! A log cut anywhere folds to what the past says of that position, and only so many may ask at once.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mfa_ledger::http::Options;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::log::{self, Log};
use mfa_ledger::service::past::WAITING;
use mfa_ledger::service::{Moment, PastError};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Position, codec};

use super::{boss, reset};
use crate::support::draws::Draws;
use crate::support::house::House;

async fn played() -> (House, Arc<dyn Log>) {
    let log: Arc<dyn Log> = Arc::new(Memory::new());
    let options = Options { attempts_per_second: 0, ..Options::default() };
    let house = House::open_on(Arc::clone(&log), options).await;
    let boss = boss(&house).await;
    let dana = house.enrolled("dana", "general-staff").await;
    house.step_up(&boss).await;
    reset(&house, &boss, &dana).await.ok(201);
    assert_eq!(reset(&house, &boss, &dana).await.told(), (422, "mfa-not-enabled"));
    house.require_mfa().await;
    (house, log)
}

#[tokio::test]
async fn a_log_cut_anywhere_is_the_past_of_that_position() {
    let (house, log) = played().await;
    let head = house.records();
    let positions: Vec<_> = (1..=head).map(log::Position).collect();
    let mut cut = State::default();
    let mut cuts = Vec::new();
    for entry in log.entries(&positions).await.unwrap() {
        cut.apply(Position(entry.position.0), &codec::decode(&entry.record).unwrap()).unwrap();
        cuts.push(cut.clone());
    }
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
    let (house, _log) = played().await;
    let ask = |position| house.service.as_of(Moment::Position(Position(position)));
    let mut asking: FuturesUnordered<_> = (1..=WAITING as u64 + 1).map(ask).collect();
    // Each of them takes its place when it is first polled.
    assert!(futures_util::poll!(asking.next()).is_pending());
    assert!(matches!(ask(1).await, Err(PastError::Busy)));
    let mut told = 0;
    while let Some(past) = asking.next().await {
        assert!(past.is_ok());
        told += 1;
    }
    assert_eq!(told, WAITING + 1);
    assert!(ask(1).await.is_ok(), "the places are free again");
}
