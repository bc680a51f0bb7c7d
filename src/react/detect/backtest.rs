//! Rules over the past: what they would have raised.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mfa_ledger_schemas::{Instant, Position, RuleId};

use super::engine::{Engine, Match, Taken, Unreadable};
use super::load::Rules;

/// Alerts that a report shows; the rest is counted.
pub const SHOWN: usize = 1_000;

/// Of so many leaves that are taken together, one is read by whoever takes them, and the others ahead of it: reading a
/// leaf takes about as long as the rules take for it.
const READ_ONE_OF: usize = 3;

/// Which alerts are wanted, by the time of the match. The log is read from its beginning in any case, so that
/// windows and first times are those that a running server would have had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// From this moment on.
    pub since: Option<Instant>,
    /// Before this moment.
    pub until: Option<Instant>,
}

impl Range {
    /// Whether it can hold anything.
    pub fn is_empty(&self) -> bool {
        self.since.zip(self.until).is_some_and(|(since, until)| since >= until)
    }

    fn holds(&self, at: Instant) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}

/// A back-test under way.
pub struct Backtest {
    engine: Engine,
    range: Range,
    report: Report,
    resets: BTreeSet<Position>,
    touched: BTreeSet<Position>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Records of the range.
    pub records: u64,
    /// Resets of the range.
    pub resets: usize,
    /// Those of them that stand behind an alert.
    pub resets_touched: usize,
    /// Alerts of the range.
    pub alerts: u64,
    /// How many of each rule, by the first day (Monday, UTC) of each week.
    pub weeks: BTreeMap<RuleId, BTreeMap<String, u64>>,
    /// The alerts, in the order of the log, [`SHOWN`] at most.
    pub matches: Vec<Match>,
}

impl Report {
    /// The share of resets that stand behind an alert, from 0 to 1; 0 where there are none.
    #[expect(clippy::cast_precision_loss, reason = "a share of fewer resets than a float can count")]
    pub fn share(&self) -> f64 {
        if self.resets == 0 { 0.0 } else { self.resets_touched as f64 / self.resets as f64 }
    }

    /// Whether there are more alerts than are shown.
    pub fn is_cut(&self) -> bool {
        self.alerts > self.matches.len() as u64
    }
}

impl Backtest {
    /// A back-test of these rules.
    pub fn new(rules: &Arc<Rules>, range: Range) -> Self {
        let (resets, touched) = (BTreeSet::new(), BTreeSet::new());
        Self { engine: Engine::new(rules), range, report: Report::default(), resets, touched }
    }

    /// Takes the next leaf. `Ok(false)` when nothing that follows can be wanted any more.
    pub fn take(&mut self, position: Position, leaf: &str, void: bool) -> Result<bool, Unreadable> {
        let taken = self.engine.take(position, leaf, void)?;
        Ok(self.count(position, taken))
    }

    /// Takes the next leaves, as [`Backtest::take`] does. Most of them are read by another thread meanwhile.
    pub fn take_all(&mut self, leaves: &[(Position, &str, bool)]) -> Result<bool, Unreadable> {
        let (near, far) = leaves.split_at(leaves.len() / READ_ONE_OF);
        let wanted = Arc::clone(&self.engine.wanted);
        thread::scope(|scope| {
            let reader =
                scope.spawn(move || -> Vec<_> { far.iter().map(|(_, leaf, _)| wanted.read(leaf)).collect() });
            for (position, leaf, void) in near {
                if !self.take(*position, leaf, *void)? {
                    return Ok(false);
                }
            }
            let read = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
            for ((position, _, void), leaf) in far.iter().zip(read) {
                let taken = self.engine.take_read(*position, leaf, *void)?;
                if !self.count(*position, taken) {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Whether anything that follows can be wanted.
    fn count(&mut self, position: Position, taken: Taken) -> bool {
        if self.range.holds(taken.at) {
            self.report.records += 1;
            if taken.is_reset {
                self.resets.insert(position);
            }
        }
        taken.matches.into_iter().for_each(|found| self.note(found));
        self.range.until.is_none_or(|until| taken.at < until)
    }

    /// Alerts so far.
    pub fn alerts(&self) -> u64 {
        self.report.alerts
    }

    /// Ends the waits that would have ended by `now`, and tells what was found.
    pub fn finish(mut self, now: Instant) -> Report {
        let before = self.range.until.map_or(now, |until| until.min(now));
        self.engine.due(before).into_iter().for_each(|found| self.note(found));
        self.report.resets = self.resets.len();
        self.report.resets_touched = self.touched.intersection(&self.resets).count();
        self.report
    }

    fn note(&mut self, found: Match) {
        if !self.range.holds(found.at) {
            return;
        }
        self.report.alerts += 1;
        let weeks = self.report.weeks.entry(found.rule.id.clone()).or_default();
        *weeks.entry(week(found.at)).or_default() += 1;
        self.touched.extend(&found.positions);
        if self.report.matches.len() < SHOWN {
            self.report.matches.push(found);
        }
    }
}

/// The Monday of a moment's week, in UTC.
fn week(at: Instant) -> String {
    let Ok(moment) = Timestamp::from_millisecond(at.unix_ms()) else { return at.to_string() };
    let day = moment.to_zoned_datetime(TimeZone::UTC).date();
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_named_by_its_monday() {
        let named = |text: &str| week(text.parse().expect("a moment"));
        assert_eq!(named("2026-03-02T00:00:00.000Z"), "2026-03-02");
        assert_eq!(named("2026-03-08T23:59:59.999Z"), "2026-03-02");
        assert_eq!(named("2026-01-01T12:00:00.000Z"), "2025-12-29");
    }
}
