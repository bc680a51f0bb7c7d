//! What is yet to be delivered to one endpoint: a cursor in the log, and the records before it that have not
//! arrived. Pure: time and chance are arguments.

use std::collections::BTreeMap;
use std::time::Duration;

use mfa_ledger_schemas::Position;
use serde::{Deserialize, Serialize};

use super::schedule::{GIVES_UP_AFTER, wait};

/// Records that may wait for one endpoint; with so many, the cursor stays where it is: the log is the queue.
pub const WAITING: usize = 1_000;

/// One that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// How often it was tried.
    pub attempts: u32,
    /// When it is to be tried, in milliseconds since 1970.
    pub due: i64,
    /// Whether somebody asked for it: then no silence keeps it back.
    pub asked: bool,
}

/// What comes after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again, in milliseconds since 1970.
    At(i64),
    /// It was tried often enough.
    GivenUp,
}

/// As it lies on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbox {
    /// Up to where the log was looked through.
    pub cursor: Position,
    /// Since when nothing has arrived, in milliseconds since 1970.
    pub failing_since: Option<i64>,
    /// Before this nothing is sent, since the receiver asked for it; in milliseconds since 1970.
    pub hold_until: i64,
    waiting: BTreeMap<u64, Waiting>,
}

impl Outbox {
    /// Nothing waits, and the log is looked through from here on.
    pub fn after(cursor: Position) -> Self {
        Self { cursor, ..Self::default() }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no more are taken.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= WAITING
    }

    /// Takes a record in, to be sent at once; one that waits already begins anew.
    pub fn put(&mut self, position: Position, now: i64) {
        self.waiting.insert(position.0, Waiting { attempts: 0, due: now, asked: false });
    }

    /// The same for one that somebody asked for.
    pub fn put_asked(&mut self, position: Position, now: i64) {
        self.waiting.insert(position.0, Waiting { attempts: 0, due: now, asked: true });
    }

    /// The one to be sent now: of those that are due, that which has been so for longest.
    pub fn due(&self, now: i64) -> Option<Position> {
        if now < self.hold_until {
            return None;
        }
        let due = self.waiting.iter().filter(|(_, waiting)| waiting.due <= now);
        due.min_by_key(|(position, waiting)| (waiting.due, **position))
            .map(|(position, _)| Position(*position))
    }

    /// When there is something to be sent, in milliseconds since 1970.
    pub fn next_due(&self) -> Option<i64> {
        self.waiting.values().map(|waiting| waiting.due).min().map(|due| due.max(self.hold_until))
    }

    /// One that waits.
    pub fn get(&self, position: Position) -> Option<Waiting> {
        self.waiting.get(&position.0).copied()
    }

    /// It has arrived.
    pub fn delivered(&mut self, position: Position) {
        self.failing_since = None;
        self.forget(position);
    }

    /// It is not to be sent after all.
    pub fn forget(&mut self, position: Position) {
        self.waiting.remove(&position.0);
    }

    /// Nothing is to be sent.
    pub fn forget_all(&mut self) {
        *self = Self::after(self.cursor);
    }

    /// It has not arrived. `hold` is what the receiver asked for.
    pub fn failed(&mut self, position: Position, now: i64, hold: Option<Duration>, random: [u8; 2]) -> Next {
        self.failing_since.get_or_insert(now);
        let after = |wait: Duration| now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        if let Some(hold) = hold {
            self.hold_until = self.hold_until.max(after(hold));
        }
        let hold_until = self.hold_until;
        let Some(waiting) = self.waiting.get_mut(&position.0) else { return Next::GivenUp };
        waiting.attempts += 1;
        if let Some(wait) = wait(waiting.attempts, random) {
            waiting.due = after(wait).max(hold_until);
            Next::At(waiting.due)
        } else {
            self.forget(position);
            Next::GivenUp
        }
    }

    /// Whether nothing has arrived for so long that the endpoint is to be switched off.
    pub fn is_hopeless(&self, now: i64) -> bool {
        let limit = i64::try_from(GIVES_UP_AFTER.as_millis()).unwrap_or(i64::MAX);
        self.failing_since.is_some_and(|since| now.saturating_sub(since) >= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::schedule::{LONGEST_HOLD, WAITS};

    fn filled(positions: &[u64]) -> Outbox {
        let mut outbox = Outbox::after(Position(9));
        for position in positions {
            outbox.put(Position(*position), 0);
        }
        outbox
    }

    #[test]
    fn what_is_new_goes_out_in_the_order_of_the_log() {
        let mut outbox = filled(&[3, 1, 2]);
        for position in [1, 2, 3] {
            assert_eq!(outbox.due(0), Some(Position(position)));
            outbox.delivered(Position(position));
        }
        assert_eq!((outbox.due(0), outbox.next_due()), (None, None));
    }

    #[test]
    fn a_failure_waits_and_holds_up_nothing_else() {
        let mut outbox = filled(&[1, 2]);
        assert_eq!(outbox.failed(Position(1), 0, None, [0; 2]), Next::At(5_000));
        assert_eq!(outbox.due(0), Some(Position(2)));
        outbox.delivered(Position(2));
        assert_eq!((outbox.due(4_999), outbox.due(5_000)), (None, Some(Position(1))));
    }

    #[test]
    fn after_the_last_wait_it_is_given_up() {
        let mut outbox = filled(&[1]);
        for attempt in 1..=WAITS.len() {
            assert!(matches!(outbox.failed(Position(1), 0, None, [0; 2]), Next::At(_)), "{attempt}");
        }
        assert_eq!(outbox.failed(Position(1), 0, None, [0; 2]), Next::GivenUp);
        assert_eq!(outbox.waiting(), 0);
    }

    #[test]
    fn a_receiver_that_asks_for_patience_gets_it_for_everything() {
        let mut outbox = filled(&[1, 2]);
        assert_eq!(outbox.failed(Position(1), 0, Some(LONGEST_HOLD), [0; 2]), Next::At(3_600_000));
        assert_eq!((outbox.due(3_599_999), outbox.next_due()), (None, Some(3_600_000)));
        assert_eq!(outbox.due(3_600_000), Some(Position(2)));
    }

    #[test]
    fn five_days_without_an_arrival_are_hopeless_and_one_arrival_is_not() {
        let day = 24 * 3_600_000;
        let mut outbox = filled(&[1, 2]);
        outbox.failed(Position(1), 7, None, [0; 2]);
        outbox.failed(Position(1), 9, None, [0; 2]);
        assert!(!outbox.is_hopeless(7 + 5 * day - 1) && outbox.is_hopeless(7 + 5 * day));
        outbox.delivered(Position(2));
        assert!(!outbox.is_hopeless(7 + 5 * day));
    }

    #[test]
    fn a_thousand_may_wait() {
        let mut outbox = filled(&(1..1_000).collect::<Vec<_>>());
        assert!(!outbox.is_full());
        outbox.put(Position(1_000), 0);
        assert!(outbox.is_full());
    }
}
