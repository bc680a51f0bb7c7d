//! What became of the last attempts at one endpoint: for whoever looks, in memory and in a file of its own.

use std::collections::VecDeque;

use mfa_ledger_schemas::{Instant, Position};
use serde::{Deserialize, Serialize};

/// Attempts that are kept for an endpoint.
pub const KEPT: usize = 1_000;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It arrived.
    Delivered,
    /// It is tried again.
    ToBeRepeated,
    /// It was tried often enough.
    GivenUp,
    /// The receiver wants nothing any more.
    Gone,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its number among the attempts at the endpoint, from 1.
    pub serial: u64,
    /// The record.
    pub position: Position,
    /// `webhook-id`: the same for every attempt at the record.
    pub id: String,
    /// Which attempt it was, from 1.
    pub number: u32,
    /// When.
    pub at: Instant,
    /// What became of it.
    pub outcome: Outcome,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why there was none, or none that counts.
    pub failure: Option<String>,
    /// The first bytes of the answer.
    pub said: String,
    /// How long it took.
    pub latency_ms: u64,
    /// When it is tried again.
    pub next_at: Option<Instant>,
}

/// The last of them, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Attempts(VecDeque<Attempt>);

impl Attempts {
    /// Those in a file, one in JSON a line; what is none was torn by a loss of power, and is left out.
    pub fn parse(text: &str) -> Self {
        let mut attempts = Self::default();
        for attempt in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            attempts.push(attempt);
        }
        attempts
    }

    /// As a file.
    pub fn to_text(&self) -> String {
        self.0.iter().map(line).collect()
    }

    /// The number of the next one.
    pub fn next_serial(&self) -> u64 {
        self.0.back().map_or(1, |last| last.serial + 1)
    }

    /// One more; the oldest goes when there are too many.
    pub fn push(&mut self, attempt: Attempt) {
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(attempt);
    }

    /// Newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Attempt> {
        self.0.iter().rev()
    }
}

/// One in a file.
pub fn line(attempt: &Attempt) -> String {
    serde_json::to_string(attempt).expect("an attempt is JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(number: u32) -> Attempt {
        Attempt {
            serial: number.into(),
            position: Position(7),
            id: "msg_1".to_owned(),
            number,
            at: Instant::from_unix_ms(1),
            outcome: Outcome::ToBeRepeated,
            status: Some(500),
            failure: None,
            said: "no\"".to_owned(),
            latency_ms: 3,
            next_at: Some(Instant::from_unix_ms(9)),
        }
    }

    #[test]
    fn a_thousand_are_kept_and_read_back_and_a_torn_line_is_left_out() {
        let mut attempts = Attempts::default();
        for number in 1..=1_001 {
            attempts.push(attempt(number));
        }
        let text = attempts.to_text() + "{\"position\":";
        let read = Attempts::parse(&text);
        assert_eq!(read.newest_first().count(), KEPT);
        let ends = (read.newest_first().next(), read.newest_first().last());
        assert_eq!(ends, (Some(&attempt(1_001)), Some(&attempt(2))));
    }
}
