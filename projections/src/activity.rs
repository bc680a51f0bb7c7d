//! Who did what to whom: one small entry per record, void ones included, filtered without reading
//! the log.

use std::collections::BTreeSet;
use std::sync::Arc;

use mfa_ledger_schemas::{
    ActorKind, AdministratorId, Event, Instant, Outcome, Position, Record, ResetReason,
};

use crate::Fate;

/// What is kept of a record to find it by.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityEntry {
    /// When.
    pub at: Instant,
    /// What, such as `mfa.reset`.
    pub action: &'static str,
    /// What became of it.
    pub outcome: Outcome,
    /// The code of a refusal or failure.
    pub code: Option<&'static str>,
    /// What kind of actor.
    pub actor_kind: ActorKind,
    /// The administrator or service account that acted.
    pub actor: Option<[u8; 16]>,
    /// The actor's name at that time.
    pub actor_name: Arc<str>,
    /// The administrator acted upon.
    pub target: Option<AdministratorId>,
    /// Their user name at that time.
    pub target_name: Option<Arc<str>>,
    /// The caller's address.
    pub address: Option<Arc<str>>,
    /// The ticket.
    pub ticket: Option<Arc<str>>,
    /// The reason of a reset.
    pub reason: Option<ResetReason>,
    /// Whether it changed nothing because its ground had moved.
    pub void: bool,
}

/// Which entries are wanted; what is empty or absent does not restrict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivityFilter {
    /// Any of these actions.
    pub actions: Vec<String>,
    /// Id or name of the actor.
    pub actor: Option<String>,
    /// Id or user name of the administrator acted upon.
    pub target: Option<String>,
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// The caller's address.
    pub address: Option<String>,
    /// The ticket.
    pub ticket: Option<String>,
    /// Words, each of which must stand in a name, ticket, reason, action, code or address.
    pub words: Vec<String>,
    /// From this moment on.
    pub since: Option<Instant>,
    /// Before this moment.
    pub until: Option<Instant>,
}

/// The direction of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityPage {
    /// Where the entries stand in the log.
    pub positions: Vec<Position>,
    /// Whether more follow.
    pub has_more: bool,
}

/// All entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    entries: Vec<ActivityEntry>,
    names: BTreeSet<Arc<str>>,
}

impl Activity {
    /// The entry of a position.
    pub fn at(&self, position: Position) -> Option<&ActivityEntry> {
        usize::try_from(position.0.checked_sub(1)?).ok().and_then(|index| self.entries.get(index))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every entry with its position, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Position, &ActivityEntry)> {
        (1..).map(Position).zip(&self.entries)
    }

    /// The entries that fit, from behind a cursor on.
    pub fn page(
        &self,
        filter: &ActivityFilter,
        order: Order,
        after: Option<Position>,
        limit: usize,
    ) -> ActivityPage {
        let filter = Prepared::new(filter);
        let mut page = ActivityPage::default();
        let count = self.entries.len();
        let cursor = after.map(|position| usize::try_from(position.0).unwrap_or(usize::MAX));
        let mut take = |index: usize| {
            if !filter.matches(&self.entries[index]) {
                return true;
            }
            if page.positions.len() == limit {
                page.has_more = true;
                return false;
            }
            page.positions.push(Position(index as u64 + 1));
            true
        };
        match order {
            Order::Descending => {
                let end = cursor.map_or(count, |position| position.saturating_sub(1).min(count));
                (0..end).rev().all(&mut take);
            }
            Order::Ascending => {
                (cursor.unwrap_or(0)..count).all(&mut take);
            }
        }
        page
    }

    /// Shows every entry that fits, oldest first.
    pub fn visit(&self, filter: &ActivityFilter, mut visit: impl FnMut(Position, &ActivityEntry)) {
        let filter = Prepared::new(filter);
        for (position, entry) in self.iter().filter(|(_, entry)| filter.matches(entry)) {
            visit(position, entry);
        }
    }

    /// Whether the entry of a position fits.
    pub fn matches(&self, position: Position, filter: &ActivityFilter) -> bool {
        self.at(position).is_some_and(|entry| Prepared::new(filter).matches(entry))
    }

    pub(crate) fn apply(&mut self, _position: Position, record: &Record, fate: Fate) {
        let reason = match &record.event {
            Event::MfaReset(event) => event.story.reason,
            Event::MfaResetRequested(event) => event.story.reason,
            Event::CommandRefused(event) => event.story.as_ref().and_then(|story| story.reason),
            _ => None,
        };
        let entry = ActivityEntry {
            at: record.at,
            action: record.event.action(),
            outcome: record.event.outcome(),
            code: record.event.code(),
            actor_kind: record.actor.kind,
            actor: record.actor.id(),
            actor_name: self.intern(&record.actor.name),
            target: record.target.as_ref().map(|target| target.administrator),
            target_name: record.target.as_ref().map(|target| self.intern(&target.user_name)),
            address: record.origin.address.as_deref().map(|address| self.intern(address)),
            ticket: record.event.ticket().map(|ticket| self.intern(ticket)),
            reason,
            void: fate == Fate::Void,
        };
        self.entries.push(entry);
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.names.get(text) {
            return Arc::clone(known);
        }
        let name: Arc<str> = Arc::from(text);
        self.names.insert(Arc::clone(&name));
        name
    }
}

/// A filter with its ids parsed and its words in small letters, once per page.
struct Prepared<'a> {
    filter: &'a ActivityFilter,
    actor: Option<(String, Option<[u8; 16]>)>,
    target: Option<(String, Option<AdministratorId>)>,
    words: Vec<String>,
}

impl<'a> Prepared<'a> {
    fn new(filter: &'a ActivityFilter) -> Self {
        let actor_id = |text: &str| {
            let administrator = text.parse::<AdministratorId>().map(AdministratorId::bytes);
            let account = || {
                text.parse::<mfa_ledger_schemas::ServiceAccountId>()
                    .map(mfa_ledger_schemas::ServiceAccountId::bytes)
            };
            administrator.or_else(|_| account()).ok()
        };
        Self {
            filter,
            actor: filter.actor.as_ref().map(|text| (text.to_lowercase(), actor_id(text))),
            target: filter.target.as_ref().map(|text| (text.to_lowercase(), text.parse().ok())),
            words: filter.words.iter().map(|word| word.to_lowercase()).collect(),
        }
    }

    fn matches(&self, entry: &ActivityEntry) -> bool {
        let filter = self.filter;
        filter.since.is_none_or(|since| entry.at >= since)
            && filter.until.is_none_or(|until| entry.at < until)
            && (filter.actions.is_empty() || filter.actions.iter().any(|action| action == entry.action))
            && filter.outcome.is_none_or(|outcome| entry.outcome == outcome)
            && self.actor.as_ref().is_none_or(|(name, id)| {
                (id.is_some() && entry.actor == *id) || entry.actor_name.to_lowercase() == *name
            })
            && self.target.as_ref().is_none_or(|(name, id)| {
                (id.is_some() && entry.target == *id)
                    || entry.target_name.as_ref().is_some_and(|target| target.to_lowercase() == *name)
            })
            && filter.address.as_ref().is_none_or(|address| entry.address.as_deref() == Some(address))
            && filter.ticket.as_ref().is_none_or(|ticket| entry.ticket.as_deref() == Some(ticket))
            && self.words.iter().all(|word| contains(entry, word))
    }
}

fn contains(entry: &ActivityEntry, word: &str) -> bool {
    let texts = [
        Some(entry.action),
        entry.code,
        Some(&*entry.actor_name),
        entry.target_name.as_deref(),
        entry.address.as_deref(),
        entry.ticket.as_deref(),
        entry.reason.map(ResetReason::name),
    ];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(word))
}
