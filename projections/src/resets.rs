//! Every reset with its story before and after, and the danger window until re-enrollment.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use mfa_ledger_schemas::bodies::MfaReset;
use mfa_ledger_schemas::record::{Actor, Origin, Target};
use mfa_ledger_schemas::{
    AdministratorId, AnnexId, Delivery, Event, Instant, NotificationChannel, Position, Record, SessionStage,
};
use serde::{Deserialize, Serialize};

/// A reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reset {
    /// Its record.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub performer: Actor,
    /// From where.
    pub origin: Origin,
    /// To whom.
    pub target: Target,
    /// Everything recorded with it.
    pub event: MfaReset,
    /// What was done after it.
    pub follow_ups: Vec<FollowUp>,
    /// The first log-in after it, finished or not.
    pub next_log_in: Option<(Position, Instant)>,
    /// The new enrollment, which closes the danger window.
    pub enrolled_again: Option<(Position, Instant)>,
    /// "This wasn't me."
    pub repudiated: Option<(Position, Instant)>,
    /// The account was deactivated before a new enrollment.
    pub deactivated: Option<(Position, Instant)>,
}

/// What was done after a reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Its record.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// By whom.
    pub actor: String,
    /// How the person was told, if they were.
    pub notified: Option<NotificationChannel>,
    /// What became of a notice of the system; none where somebody only says what they did.
    pub delivery: Option<Delivery>,
    /// Further words.
    pub note: Option<AnnexId>,
}

impl FollowUp {
    /// Whether the system handed a notice over. What a performer says of themselves is not that.
    pub fn is_delivered(&self) -> bool {
        self.notified.is_some() && self.delivery == Some(Delivery::Sent)
    }

    /// Whether the system could not hand a notice over.
    pub fn is_failed(&self) -> bool {
        self.delivery == Some(Delivery::Failed)
    }
}

impl Reset {
    /// As it was known when the log ended with a position, at or after its own.
    #[must_use]
    pub fn up_to(&self, position: Position) -> Self {
        let mut then = self.clone();
        then.follow_ups.retain(|follow_up| follow_up.position <= position);
        let later =
            [&mut then.next_log_in, &mut then.enrolled_again, &mut then.repudiated, &mut then.deactivated];
        for moment in later {
            *moment = moment.filter(|(at, _)| *at <= position);
        }
        then
    }
}

/// All resets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resets {
    all: BTreeMap<Position, Reset>,
    /// Whose they are: those of one administrator are found without looking at all the others.
    by_target: BTreeSet<(AdministratorId, Position)>,
    /// The newest one of each administrator who has not enrolled again.
    open: BTreeMap<AdministratorId, Position>,
}

impl Resets {
    /// One of them.
    pub fn at(&self, position: Position) -> Option<&Reset> {
        self.all.get(&position)
    }

    /// All before a position, newest first.
    pub fn newest_first(&self, before: Option<Position>) -> impl Iterator<Item = &Reset> {
        let end = before.unwrap_or(Position(u64::MAX));
        self.all.range(..end).rev().map(|(_, reset)| reset)
    }

    /// Those of one administrator before a position, newest first.
    pub fn newest_of(&self, whom: AdministratorId, before: Option<Position>) -> impl Iterator<Item = &Reset> {
        let end = before.unwrap_or(Position(u64::MAX));
        let theirs = self.by_target.range((whom, Position(0))..(whom, end));
        theirs.rev().filter_map(|(_, position)| self.all.get(position))
    }

    /// Every one after a position, oldest first.
    pub fn oldest_first(&self, after: Position) -> impl Iterator<Item = &Reset> {
        self.all.range((Excluded(after), Unbounded)).map(|(_, reset)| reset)
    }

    /// Those after which nobody has enrolled again, by administrator.
    pub fn all_open(&self) -> impl Iterator<Item = &Reset> {
        self.open.values().filter_map(|position| self.all.get(position))
    }

    /// Those who have not enrolled again after one.
    pub(crate) fn all_open_of(&self) -> impl Iterator<Item = AdministratorId> {
        self.open.keys().copied()
    }

    /// The reset after which this administrator has not enrolled again.
    pub fn open_of(&self, administrator: AdministratorId) -> Option<&Reset> {
        self.open.get(&administrator).and_then(|position| self.all.get(position))
    }

    /// The last reset of an administrator, and the one after which they have not enrolled again; where that is.
    pub(crate) fn of(
        &self,
        administrator: AdministratorId,
        last: Option<Position>,
    ) -> (Vec<Reset>, Option<Position>) {
        let open = self.open.get(&administrator).copied();
        let theirs = last.into_iter().chain(open.filter(|open| last != Some(*open)));
        (theirs.filter_map(|position| self.all.get(&position).cloned()).collect(), open)
    }

    /// Those of several administrators.
    pub(crate) fn joined(all: Vec<Reset>, open: Vec<(AdministratorId, Position)>) -> Self {
        let by_target = all.iter().map(|reset| (reset.target.administrator, reset.position)).collect();
        let all = all.into_iter().map(|reset| (reset.position, reset)).collect();
        Self { all, by_target, open: open.into_iter().collect() }
    }

    pub(crate) fn apply(&mut self, position: Position, record: &Record) {
        let moment = (position, record.at);
        match &record.event {
            Event::MfaReset(event) => self.begin(position, record, event),
            Event::FollowUpRecorded(event) => {
                let follow_up = FollowUp {
                    position,
                    at: record.at,
                    actor: record.actor.name.clone(),
                    notified: event.notified,
                    delivery: None,
                    note: event.note.as_ref().map(|annex| annex.id),
                };
                self.with(event.reset, |reset| reset.follow_ups.push(follow_up));
            }
            Event::NotificationRecorded(event) => {
                let follow_up = FollowUp {
                    position,
                    at: record.at,
                    actor: record.actor.name.clone(),
                    notified: Some(event.channel),
                    delivery: Some(event.delivery),
                    note: None,
                };
                self.with(event.about, |reset| reset.follow_ups.push(follow_up));
            }
            Event::ResetRepudiated(event) => self.with(event.reset, |reset| reset.repudiated = Some(moment)),
            Event::MfaEnabled(event) => {
                if let Some(open) = self.open.remove(&event.administrator) {
                    self.with(open, |reset| reset.enrolled_again = Some(moment));
                }
            }
            Event::AdministratorDeactivated(event) => {
                if let Some(open) = self.open.get(&event.administrator).copied() {
                    self.with(open, |reset| reset.deactivated = reset.deactivated.or(Some(moment)));
                }
            }
            Event::SessionStarted(event) if event.stage != SessionStage::Verify => {
                if let Some(open) = self.open.get(&event.administrator).copied() {
                    self.with(open, |reset| reset.next_log_in = reset.next_log_in.or(Some(moment)));
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, position: Position, record: &Record, event: &MfaReset) {
        let Some(target) = &record.target else { return };
        self.open.insert(event.administrator, position);
        self.by_target.insert((target.administrator, position));
        self.all.insert(
            position,
            Reset {
                position,
                at: record.at,
                performer: record.actor.clone(),
                origin: record.origin.clone(),
                target: target.clone(),
                event: event.clone(),
                follow_ups: Vec::new(),
                next_log_in: None,
                enrolled_again: None,
                repudiated: None,
                deactivated: None,
            },
        );
    }

    fn with(&mut self, position: Position, change: impl FnOnce(&mut Reset)) {
        if let Some(reset) = self.all.get_mut(&position) {
            change(reset);
        }
    }
}
