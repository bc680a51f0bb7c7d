//! Detection that follows a log.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::follow::snapshot::Snapshots;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::log::{Log, Stream};
use mfa_ledger::react::detect::{Backtest, Detector, Range, Rules};
use mfa_ledger::service::{Leaf, Parts, Service};
use mfa_ledger_schemas::{AlertId, Position, codec};

use super::history::{History, LEDGER};
use super::planted::planted;
use crate::support::house::parts;

/// A ledger whose records are appended by hand, with detection on it.
pub(super) struct Ledger {
    log: Arc<dyn Log>,
    service: Arc<Service>,
    clock: Arc<Clock>,
    pub rules: Arc<Rules>,
    detector: Detector,
    pub dir: tempfile::TempDir,
}

impl Ledger {
    /// One where detection knows nothing of the run before.
    fn open() -> Self {
        Self::with(|_| None)
    }

    pub fn with(snapshots: impl FnOnce(&Path) -> Option<Arc<Snapshots>>) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let log: Arc<dyn Log> = Arc::new(Memory::new());
        let (clock, chance) = (Arc::new(Clock::manual(0)), Arc::new(Chance::seeded(3)));
        let parts = parts(Arc::clone(&log), dir.path(), Arc::clone(&clock), chance);
        let parts = Parts { snapshots: snapshots(dir.path()), ..parts };
        let service = Service::start(parts);
        let rules = Arc::new(Rules::pack());
        let detector = Detector::start(Arc::clone(&service), Arc::clone(&rules));
        Self { log, service, clock, rules, detector, dir }
    }

    /// Appends what happened next, and waits until detection has nothing more to say about it.
    pub async fn append(&self, at_ms: i64, stream: &str, stored: Vec<u8>) {
        self.clock.set(at_ms);
        let appended = self.log.append(&Stream::new(stream), &[], Bytes::from(stored)).await;
        appended.expect("the log takes it");
        self.settle().await;
    }

    async fn settle(&self) {
        for _ in 0..10_000 {
            let head = self.log.head().await.expect("a head").0;
            if self.detector.position().0 == head {
                return;
            }
            assert_eq!(self.detector.stopped(), None);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("detection does not keep up");
    }

    /// Ends detection, and starts it anew.
    async fn restart(&mut self) {
        self.end().await;
        self.begin().await;
    }

    pub async fn end(&self) {
        self.detector.close().await;
    }

    pub async fn begin(&mut self) {
        self.service.catch_up().await.expect("it folds");
        self.detector = Detector::start(Arc::clone(&self.service), Arc::clone(&self.rules));
        self.settle().await;
    }

    /// Every alert on record, in their order.
    pub fn raised(&self) -> Vec<(AlertId, String, Vec<Position>)> {
        let told = |alert: &mfa_ledger_projections::Alert| {
            (alert.id, format!("{} {}", alert.rule, alert.group), alert.positions.clone())
        };
        let mut all: Vec<_> = self.service.peek(|state| state.alerts.newest_first(None).map(told).collect());
        all.reverse();
        all
    }

    /// What a back-test finds in the log as it is now.
    async fn backtest(&self) -> Vec<(AlertId, String, Vec<Position>)> {
        let mut test = Backtest::new(&self.rules, Range::default());
        let mut position = Position::default();
        loop {
            let leaves = self.service.leaves(position, 100).await.expect("leaves");
            if leaves.is_empty() {
                break;
            }
            for Leaf { position: at, text, void } in leaves {
                assert!(test.take(at, &text, void).expect("a leaf"));
                position = at;
            }
        }
        let report = test.finish(self.service.now());
        let told = |it: &mfa_ledger::react::detect::Match| {
            (it.alert, format!("{} {}", it.rule.id, it.group), it.positions.clone())
        };
        report.matches.iter().map(told).collect()
    }
}

/// The alerts of the planted days, with detection restarted after so many records.
pub(super) async fn play(
    mut ledger: Ledger,
    restart_every: Option<usize>,
) -> Vec<(AlertId, String, Vec<Position>)> {
    let (_, _, history) = planted();
    for (number, record) in history.records.iter().enumerate() {
        let stored = codec::encode(LEDGER, record).expect("it fits");
        ledger.append(record.at.unix_ms(), &record.stream.to_string(), stored).await;
        if restart_every.is_some_and(|every| number % every == every - 1) {
            ledger.restart().await;
        }
    }
    let raised = ledger.raised();
    let mut found = ledger.backtest().await;
    let mut sorted = raised.clone();
    found.sort();
    sorted.sort();
    assert_eq!(sorted, found, "live is what the back-test finds");
    raised
}

#[tokio::test(flavor = "multi_thread")]
async fn live_raises_what_a_backtest_finds_and_restarts_change_nothing() {
    let straight = play(Ledger::open(), None).await;
    let mut of_each: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, told, _) in &straight {
        *of_each.entry(told.split(' ').next().unwrap_or_default()).or_default() += 1;
    }
    assert_eq!(of_each.len(), Rules::pack().all().len(), "{of_each:?}");
    assert_eq!(play(Ledger::open(), Some(1)).await, straight, "a restart after every record");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_is_raised_when_its_time_has_come_though_nothing_follows() {
    let mut history = History::default();
    history.settings();
    history.register(1);
    history.at(30, 10, 0);
    let reset = history.reset_for_good(1, 2);
    let mut ledger = Ledger::open();
    for record in &history.records {
        let stored = codec::encode(LEDGER, record).expect("it fits");
        ledger.append(record.at.unix_ms(), &record.stream.to_string(), stored).await;
    }
    let missed = |ledger: &Ledger| {
        let raised = ledger.raised().into_iter().filter(|it| it.1.starts_with("never-enrolled-again "));
        raised.map(|it| it.2).collect::<Vec<_>>()
    };
    let due = history.time().plus_hours(12).unix_ms();
    // Not before its time: two looks at the clock go by.
    ledger.clock.set(due);
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    assert_eq!(missed(&ledger), Vec::<Vec<Position>>::new());
    ledger.restart().await;
    ledger.clock.set(due + 6_000);
    for _ in 0..500 {
        if !missed(&ledger).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(missed(&ledger), [vec![reset]]);
    // Whatever follows, and however often it starts: it was raised.
    ledger.restart().await;
    ledger.restart().await;
    assert_eq!(missed(&ledger), [vec![reset]]);
    let raised = ledger.raised();
    let mut found = ledger.backtest().await;
    found.sort();
    let mut sorted = raised;
    sorted.sort();
    assert_eq!(sorted, found);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_before_the_longest_window_is_not_raised_any_more() {
    let mut history = History::default();
    history.settings();
    history.register(1);
    history.at(30, 10, 0);
    history.reset(1, 200);
    history.at(70, 10, 0);
    history.reset(1, 201);
    let mut ledger = Ledger::open();
    ledger.detector.close().await;
    for record in &history.records {
        ledger.clock.set(record.at.unix_ms());
        let stored = codec::encode(LEDGER, record).expect("it fits");
        let stream = Stream::new(&record.stream.to_string());
        ledger.log.append(&stream, &[], Bytes::from(stored)).await.expect("the log takes it");
    }
    ledger.restart().await;
    let raised: Vec<_> = ledger.raised().into_iter().map(|it| it.1).collect();
    assert_eq!(raised, [format!("privileged-target {}", super::history::adm(201))]);
}
