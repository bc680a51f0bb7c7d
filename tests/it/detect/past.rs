//! Rules over the past.

use std::collections::BTreeMap;
use std::sync::Arc;

use mfa_ledger::react::detect::{Backtest, Range, Report, Rules};
use mfa_ledger_schemas::{Position, codec};

use super::history::History;
use super::planted::planted;

/// What all rules of the pack would have raised.
fn backtest(history: &History, range: Range) -> Report {
    backtest_of(Rules::pack(), history, range)
}

fn backtest_of(rules: Rules, history: &History, range: Range) -> Report {
    let mut test = Backtest::new(&Arc::new(rules), range);
    for (position, stored) in (1..).zip(history.stored()) {
        let leaf = codec::split(&stored).expect("a record").leaf;
        if !test.take(Position(position), &leaf, false).expect("a leaf") {
            break;
        }
    }
    test.finish(history.time().plus_hours(24))
}

#[test]
fn each_attack_of_ninety_days_is_found_once_with_the_records_behind_it() {
    let (since, until, history) = planted();
    let report = backtest(&history, Range { since: Some(since), until: Some(until) });
    let found: Vec<_> =
        report.matches.iter().map(|it| (it.rule.id.to_string(), it.positions.clone())).collect();
    let names: Vec<_> = found.iter().map(|(rule, _)| rule.clone()).collect();
    let found_once: BTreeMap<_, _> = found.into_iter().collect();
    let expected: BTreeMap<_, _> =
        history.expected.iter().map(|(rule, positions)| ((*rule).to_owned(), positions.clone())).collect();
    assert_eq!(found_once, expected);
    assert_eq!(names.len(), expected.len(), "each once: {names:?}");
    assert_eq!(expected.len(), Rules::pack().all().len(), "every rule has its attack");
    assert_eq!(report.alerts, expected.len() as u64);
}

#[test]
fn each_rule_alone_finds_what_it_finds_among_the_others() {
    let (_, _, history) = planted();
    let together = backtest(&history, Range::default());
    let pack = Rules::pack();
    for rule in pack.all() {
        let alone = backtest_of(pack.alone(rule), &history, Range::default());
        let expected: Vec<_> = together.matches.iter().filter(|it| it.rule.id == rule.id).collect();
        assert!(!expected.is_empty() && alone.matches.iter().eq(expected), "{}", rule.id);
        assert_eq!((alone.records, alone.resets), (together.records, together.resets));
    }
}

#[test]
fn leaves_that_are_taken_together_raise_what_each_by_itself_does() {
    let (since, _, history) = planted();
    let until = since.plus_hours(45 * 24);
    let leaf = |stored: &Vec<u8>| codec::split(stored).expect("a record").leaf;
    let leaves: Vec<_> = history.stored().iter().map(leaf).collect();
    let leaves = (1..).zip(&leaves).map(|(at, leaf)| (Position(at), leaf.as_ref(), at % 7 == 0));
    let leaves: Vec<_> = leaves.collect();
    let rules = Arc::new(Rules::pack());
    for range in [Range::default(), Range { since: Some(since), until: Some(until) }] {
        let mut one_by_one = Backtest::new(&rules, range.clone());
        let ends =
            leaves.iter().position(|(at, leaf, void)| !one_by_one.take(*at, leaf, *void).expect("a leaf"));
        assert_eq!(ends.is_some(), range.until.is_some());
        let expected = one_by_one.finish(history.time());
        assert!(expected.alerts > 5, "{}", expected.alerts);
        for together in [1, 2, 100, leaves.len()] {
            let mut test = Backtest::new(&rules, range.clone());
            let end = leaves.chunks(together).position(|leaves| !test.take_all(leaves).expect("leaves"));
            assert_eq!(end, ends.map(|end| end / together));
            let report = test.finish(history.time());
            assert_eq!(report.matches, expected.matches);
            assert_eq!((report.records, report.resets), (expected.records, expected.resets));
            assert_eq!(
                (report.resets_touched, report.weeks),
                (expected.resets_touched, expected.weeks.clone())
            );
        }
    }
}

#[test]
fn of_leaves_that_are_taken_together_the_first_that_cannot_be_read_is_named() {
    let leaf = r#"{"time": "2026-03-02T00:00:00.000Z", "data": {"action": "session.started"}}"#;
    for broken in [1, 9] {
        let leaves: Vec<_> =
            (1..=9).map(|at| (Position(at), if at >= broken { "{" } else { leaf }, false)).collect();
        let mut test = Backtest::new(&Arc::new(Rules::pack()), Range::default());
        let error = test.take_all(&leaves).expect_err("it is broken").to_string();
        assert_eq!(error, format!("position {broken} cannot be read"));
    }
}

#[test]
fn a_range_shows_what_the_whole_shows_of_it() {
    let (since, until, history) = planted();
    let whole = backtest(&history, Range::default());
    let middle = since.plus_hours(24 * 40);
    for (since, until) in [(None, Some(middle)), (Some(middle), Some(until)), (Some(since), None)] {
        let part = backtest(&history, Range { since, until });
        let holds = |at| since.is_none_or(|it| at >= it) && until.is_none_or(|it| at < it);
        let expected: Vec<_> = whole.matches.iter().filter(|it| holds(it.at)).map(|it| it.alert).collect();
        assert_eq!(part.matches.iter().map(|it| it.alert).collect::<Vec<_>>(), expected);
        let weekly: u64 = part.weeks.values().flat_map(BTreeMap::values).sum();
        assert_eq!(weekly, part.alerts);
    }
}

#[test]
fn the_share_of_resets_counts_those_behind_an_alert() {
    let mut history = History::default();
    history.settings();
    history.register(1);
    for (day, hour, target) in [(60, 10, 2), (80, 10, 3), (81, 22, 4), (99, 10, 5)] {
        history.at(day, hour, 0);
        history.reset(1, target);
    }
    let report = backtest(&history, Range { since: Some(History::day(70)), until: None });
    assert_eq!((report.resets, report.resets_touched), (3, 1));
    assert!((report.share() - 1.0 / 3.0).abs() < 1e-9);
}
