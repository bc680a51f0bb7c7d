//! The five things that an entry says besides its time, and their dictionaries.

use std::sync::Arc;

use mfa_ledger_schemas::{Event, Record, ResetReason};
use serde::{Deserialize, Serialize};

use super::dictionary::{Dictionary, NONE, Performer, Person, What};
use crate::Fate;

/// What can be asked of an entry by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// What happened.
    What,
    /// Who acted.
    Performer,
    /// Who was acted upon.
    Target,
    /// The caller's address.
    Address,
    /// The ticket.
    Ticket,
}

/// How many facets there are.
pub(super) const FACETS: usize = 5;

/// The numbers of an entry's values, by facet; [`NONE`] where it has none.
pub(super) type Numbers = [u32; FACETS];

/// All values that entries have. Behind pointers, so that a copy to read from costs next to nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Values {
    pub what: Arc<Dictionary<What>>,
    pub performers: Arc<Dictionary<Performer>>,
    pub targets: Arc<Dictionary<Person>>,
    pub addresses: Arc<Dictionary<Arc<str>>>,
    pub tickets: Arc<Dictionary<Arc<str>>>,
}

impl Values {
    /// The numbers of what a record says.
    pub fn of(&mut self, record: &Record, fate: Fate) -> Numbers {
        let reason = match &record.event {
            Event::MfaReset(event) => event.story.reason,
            Event::MfaResetRequested(event) => event.story.reason,
            Event::CommandRefused(event) => event.story.as_ref().and_then(|story| story.reason),
            _ => None,
        };
        let (event, void) = (&record.event, fate == Fate::Void);
        let worded = event.words().is_some();
        let actor = &record.actor;
        let target = record.target.as_ref().map(|it| (it.administrator, it.user_name.as_str()));
        let address = record.origin.address.as_deref();
        [
            Dictionary::number_or_add(
                &mut self.what,
                (event.action(), event.outcome(), event.code(), reason, void, worded),
            ),
            Dictionary::number_or_add(&mut self.performers, (actor.kind, actor.id(), actor.name.as_str())),
            target.map_or(NONE, |target| Dictionary::number_or_add(&mut self.targets, target)),
            address.map_or(NONE, |address| Dictionary::number_or_add(&mut self.addresses, address)),
            event.ticket().map_or(NONE, |ticket| Dictionary::number_or_add(&mut self.tickets, ticket)),
        ]
    }

    /// The numbers of all values with a word in their text, by facet.
    pub fn containing(&self, word: &str) -> [Arc<Vec<u32>>; FACETS] {
        [
            self.what.containing(word),
            self.performers.containing(word),
            self.targets.containing(word),
            self.addresses.containing(word),
            self.tickets.containing(word),
        ]
    }
}

impl What {
    /// The reason's name.
    pub fn reason_name(&self) -> Option<&'static str> {
        self.reason.map(ResetReason::name)
    }
}
