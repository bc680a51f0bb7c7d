//! What did not happen in time: waits, each with its end.

use std::collections::BTreeMap;

use mfa_ledger_schemas::{Instant, Position};
use serde::{Deserialize, Serialize};

/// Waits at the same time; the one that would end first gives way to a new one.
pub const WAITS: usize = 20_000;

/// A wait of a rule for a group.
type Key = (usize, String);

/// A wait that has ended without what was waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missed {
    pub rule: usize,
    pub group: String,
    /// The record that began the wait.
    pub position: Position,
    /// When it ended.
    pub at: Instant,
}

/// One wait, as it is kept.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Wait {
    rule: usize,
    group: String,
    position: Position,
    end: Instant,
}

/// All waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Waits {
    by_end: BTreeMap<(Instant, Key), Position>,
    ends: BTreeMap<Key, Instant>,
}

impl Waits {
    /// Begins a wait, anew where one is under way.
    pub(super) fn begin(&mut self, rule: usize, group: String, position: Position, end: Instant) {
        let key = (rule, group);
        self.end(&key);
        if self.ends.len() >= WAITS
            && let Some(((_, oldest), _)) = self.by_end.pop_first()
        {
            tracing::warn!(group = oldest.1, "too many waits at once: one is given up");
            self.ends.remove(&oldest);
        }
        self.ends.insert(key.clone(), end);
        self.by_end.insert((end, key), position);
    }

    /// When the wait of a rule for a group ends.
    pub(super) fn end_of(&self, rule: usize, group: &str) -> Option<Instant> {
        self.ends.get(&(rule, group.to_owned())).copied()
    }

    /// What was waited for has come.
    pub(super) fn end(&mut self, key: &Key) {
        if let Some(end) = self.ends.remove(key) {
            self.by_end.remove(&(end, key.clone()));
        }
    }

    /// The waits that ended before a moment.
    pub(super) fn missed(&mut self, before: Instant) -> Vec<Missed> {
        let mut missed = Vec::new();
        while let Some(((at, _), _)) = self.by_end.first_key_value()
            && *at < before
            && let Some(((at, key), position)) = self.by_end.pop_first()
        {
            self.ends.remove(&key);
            let (rule, group) = key;
            missed.push(Missed { rule, group, position, at });
        }
        missed
    }

    /// All of them, to be kept.
    pub(super) fn kept(&self) -> Vec<Wait> {
        let wait = |((end, (rule, group)), position): (&(Instant, Key), &Position)| Wait {
            rule: *rule,
            group: group.clone(),
            position: *position,
            end: *end,
        };
        self.by_end.iter().map(wait).collect()
    }

    /// Those that were kept.
    pub(super) fn of(kept: Vec<Wait>) -> Self {
        let mut waits = Self::default();
        for Wait { rule, group, position, end } in kept {
            waits.begin(rule, group, position, end);
        }
        waits
    }

    /// When the next one ends.
    pub(super) fn next(&self) -> Option<Instant> {
        self.by_end.first_key_value().map(|((at, _), _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(seconds)
    }

    #[test]
    fn a_wait_is_missed_after_its_end_and_not_at_it() {
        let mut waits = Waits::default();
        waits.begin(0, "a".into(), Position(1), at(10));
        assert_eq!(waits.missed(at(10)), []);
        assert_eq!(waits.missed(at(11)).len(), 1);
        assert_eq!((waits.missed(at(99)), waits.next()), (Vec::new(), None));
    }

    #[test]
    fn what_comes_in_time_ends_the_wait_and_a_second_beginning_moves_it() {
        let mut waits = Waits::default();
        waits.begin(0, "a".into(), Position(1), at(10));
        waits.begin(0, "a".into(), Position(2), at(20));
        waits.begin(0, "b".into(), Position(3), at(15));
        waits.end(&(0, "b".into()));
        let missed = waits.missed(at(30));
        assert_eq!(missed.iter().map(|it| it.position).collect::<Vec<_>>(), [Position(2)]);
    }

    #[test]
    fn one_more_than_the_limit_drives_out_the_first_to_end() {
        let mut waits = Waits::default();
        for number in 0..WAITS {
            let end = at(100 + i64::try_from(number).expect("small"));
            waits.begin(0, number.to_string(), Position(1), end);
        }
        assert_eq!(waits.ends.len(), WAITS);
        waits.begin(0, "more".into(), Position(2), at(1_000_000));
        assert_eq!((waits.ends.len(), waits.by_end.len()), (WAITS, WAITS));
        assert_eq!(waits.next(), Some(at(101)));
    }
}
