//! Notices: which records a person is to be told of, and what became of telling them.
//!
//! What is owed is the log's to say: a restart, a host that is away and a lost process forget nothing. What is
//! older than [`OWED_HOURS`] is no longer owed, so that mail that is switched on tells nobody of last year.

use std::collections::BTreeMap;

use mfa_ledger_schemas::{
    AdministratorId, Delivery, Event, FactorFailure, Instant, NotificationChannel, Position, Record,
};
use serde::{Deserialize, Serialize};

use crate::administrator::BLOCKING_FAILURES;

/// How long a notice is owed, in hours: longer than a weekend on which nobody looks after the server.
pub const OWED_HOURS: i64 = 72;

/// Most notices that are owed at the same time; the oldest are given up for new ones, and counted.
pub const MOST_OWED: usize = 100_000;

/// Wrong second factors in a row of which their owner is told, long before the factor is blocked.
pub const WARNING_FAILURES: u32 = 10;

/// A notice that nobody has sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// The record to tell of.
    pub about: Position,
    /// Whom.
    pub administrator: AdministratorId,
    /// When it happened.
    pub at: Instant,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notices {
    owed: BTreeMap<Position, Owed>,
    sent: u64,
    failed: u64,
    given_up: u64,
}

impl Notices {
    /// Those after a position, oldest first.
    pub fn owed_after(&self, after: Position) -> impl Iterator<Item = &Owed> {
        self.owed.range(Position(after.0.saturating_add(1))..).map(|(_, owed)| owed)
    }

    /// Whether somebody is still to be told of a record.
    pub fn owes(&self, about: Position) -> bool {
        self.owed.contains_key(&about)
    }

    /// How many are owed.
    pub fn len(&self) -> usize {
        self.owed.len()
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    /// How many were ever handed over.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// How many could not be.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// How many were too old, or too many, before anybody sent them.
    pub fn given_up(&self) -> u64 {
        self.given_up
    }

    pub(crate) fn apply(&mut self, position: Position, record: &Record) {
        if let Event::NotificationRecorded(event) = &record.event
            && event.channel == NotificationChannel::Email
        {
            self.owed.remove(&event.about);
            match event.delivery {
                Delivery::Sent => self.sent += 1,
                Delivery::Failed => self.failed += 1,
                Delivery::Unknown(_) => {}
            }
        }
        self.forget_old(record.at);
        if let Some(administrator) = to_be_told(&record.event) {
            self.owed.insert(position, Owed { about: position, administrator, at: record.at });
            if self.owed.len() > MOST_OWED {
                self.owed.pop_first();
                self.given_up += 1;
            }
        }
    }

    fn forget_old(&mut self, now: Instant) {
        let oldest = now.plus_hours(-OWED_HOURS);
        while let Some(first) = self.owed.first_entry().filter(|first| first.get().at < oldest) {
            first.remove();
            self.given_up += 1;
        }
    }
}

/// Who is told of what happened, if anybody is.
fn to_be_told(event: &Event) -> Option<AdministratorId> {
    match event {
        Event::MfaReset(it) => Some(it.administrator),
        Event::MfaEnabled(it) => Some(it.administrator),
        Event::MfaDisabled(it) => Some(it.administrator),
        Event::BackupCodeUsed(it) => Some(it.administrator),
        Event::PasswordReset(it) => Some(it.administrator),
        // A change of the name alone cannot be told from one of the addresses: both are sealed.
        Event::AdministratorChanged(it) => it.personal.as_ref().map(|_| it.administrator),
        Event::SecondFactorFailed(it) => {
            let counted = matches!(it.cause, FactorFailure::WrongCode | FactorFailure::Replayed);
            let told = [WARNING_FAILURES, BLOCKING_FAILURES].contains(&it.consecutive);
            (counted && told).then_some(it.administrator)
        }
        _ => None,
    }
}
