//! One notice on its way.

use lettre::Address;
use mfa_ledger_projections::Reset;
use mfa_ledger_projections::notices::OWED_HOURS;
use mfa_ledger_schemas::bodies::NotificationRecorded;
use mfa_ledger_schemas::{AdministratorId, Delivery, Instant, NotificationChannel, Position};

use super::schedule::{self, MESSAGE_PAUSES, RECORD_PAUSES};

/// Which letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// About what happened.
    Notice,
    /// That a reset was not followed by an enrollment.
    Reminder,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Reminder => "reminder",
        }
    }
}

/// A notice, and how far it has got in this process.
#[derive(Debug)]
pub(super) struct Job {
    pub about: Position,
    pub kind: Kind,
    pub administrator: AdministratorId,
    /// From when on it could have been sent.
    pub since: Instant,
    /// Not before.
    pub again: Instant,
    attempts: u16,
    failures: u32,
    /// Addresses that need no further attempt.
    pub settled: Vec<Address>,
    delivered: u8,
    /// The last code that an address was refused with.
    refused: Option<u16>,
    /// Whether there is an address that no mail can be sent to.
    pub unusable: bool,
    /// Why it is not with everybody yet.
    why: Option<String>,
    /// What is to be recorded, once that is known.
    pub result: Option<NotificationRecorded>,
}

impl Job {
    pub fn new(about: Position, kind: Kind, administrator: AdministratorId, since: Instant) -> Self {
        Self {
            about,
            kind,
            administrator,
            since,
            again: Instant::default(),
            attempts: 0,
            failures: 0,
            settled: Vec::new(),
            delivered: 0,
            refused: None,
            unusable: false,
            why: None,
            result: None,
        }
    }

    /// Another attempt begins.
    pub fn begin(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    pub fn delivered_to(&mut self, addresses: &[Address]) {
        self.settled.extend_from_slice(addresses);
        let count = u8::try_from(addresses.len()).unwrap_or(u8::MAX);
        self.delivered = self.delivered.saturating_add(count);
    }

    pub fn refused_to(&mut self, address: &Address, code: u16) {
        self.settled.push(address.clone());
        self.refused = Some(code);
    }

    /// No mail can be sent to it.
    pub fn cannot_reach(&mut self, address: &Address) {
        self.settled.push(address.clone());
        self.unusable = true;
    }

    /// Not now.
    pub fn put_off(&mut self, why: String, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.again = schedule::again(MESSAGE_PAUSES, self.failures, now);
        self.why = Some(why);
    }

    /// Not while the host is away.
    pub fn waits(&mut self, why: &str) {
        self.why = Some(why.to_owned());
    }

    /// The result could not be recorded.
    pub fn record_later(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.again = schedule::again(RECORD_PAUSES, self.failures, now);
    }

    /// Nobody is left to be told.
    pub fn finish(&mut self) {
        let refused = self.refused.map(|code| format!("the mail server refused an address ({code})"));
        let error = refused.or_else(|| {
            let why = if self.unusable {
                "no mail can be sent to one of the addresses"
            } else {
                "there is no address"
            };
            (self.unusable || self.delivered == 0).then(|| why.to_owned())
        });
        self.conclude(error);
    }

    /// Time is over.
    pub fn give_up(&mut self) {
        let why = self.why.take().unwrap_or_else(|| "it was not sent".to_owned());
        self.conclude(Some(format!("not taken within {} hours: {why}", schedule::GIVE_UP_HOURS)));
    }

    fn conclude(&mut self, error: Option<String>) {
        (self.failures, self.again) = (0, Instant::default());
        self.result = Some(NotificationRecorded {
            administrator: self.administrator,
            about: self.about,
            channel: NotificationChannel::Email,
            delivery: if self.delivered > 0 { Delivery::Sent } else { Delivery::Failed },
            addresses: self.delivered,
            attempts: self.attempts,
            error: error.map(|error| error.chars().take(ERROR_CHARS).collect()),
        });
    }
}

/// Longest error that goes into the log, in characters.
const ERROR_CHARS: usize = 200;

/// Whether somebody is to be reminded of a reset now: the time has come, and the system has not tried to since. What a
/// performer says of themselves keeps no reminder from the person.
pub(super) fn is_reminder_due(reset: &Reset, now: Instant, hours: u16) -> bool {
    let due = reset.at.plus_hours(hours.into());
    let tried = |it: &mfa_ledger_projections::FollowUp| it.delivery.is_some() && it.at >= due;
    hours > 0
        && due <= now
        && now < due.plus_hours(OWED_HOURS)
        && reset.repudiated.is_none()
        && reset.deactivated.is_none()
        && !reset.follow_ups.iter().any(tried)
}
