//! The five things that an entry says besides its time, and their dictionaries.

use std::sync::Arc;

use mfa_ledger_schemas::{Event, Record, ResetReason};
use serde::{Deserialize, Serialize};

use super::dictionary::{Dictionary, NONE, Performer, Person, Value, What};
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
        let what = What {
            action: record.event.action().into(),
            outcome: record.event.outcome(),
            code: record.event.code().map(Into::into),
            reason,
            void: fate == Fate::Void,
        };
        let performer = Performer {
            kind: record.actor.kind,
            id: record.actor.id(),
            name: record.actor.name.as_str().into(),
        };
        let target = record.target.as_ref();
        let target = target.map(|it| Person { id: it.administrator, name: it.user_name.as_str().into() });
        [
            number(&mut self.what, Some(what)),
            number(&mut self.performers, Some(performer)),
            number(&mut self.targets, target),
            number(&mut self.addresses, record.origin.address.as_deref().map(Into::into)),
            number(&mut self.tickets, record.event.ticket().map(Into::into)),
        ]
    }

    /// The numbers of all values with a word in their text, by facet.
    pub fn containing(&self, word: &str) -> [Vec<u32>; FACETS] {
        [
            self.what.containing(word),
            self.performers.containing(word),
            self.targets.containing(word),
            self.addresses.containing(word),
            self.tickets.containing(word),
        ]
    }
}

fn number<T: Value>(dictionary: &mut Arc<Dictionary<T>>, value: Option<T>) -> u32 {
    let Some(value) = value else { return NONE };
    dictionary.number(&value).unwrap_or_else(|| Arc::make_mut(dictionary).add(value))
}

impl What {
    /// The reason's name.
    pub fn reason_name(&self) -> Option<&'static str> {
        self.reason.map(ResetReason::name)
    }
}
