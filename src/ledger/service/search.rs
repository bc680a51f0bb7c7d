//! Searching the activity log for words, those that lie sealed among them.
//!
//! Names, tickets, reasons and codes in clear are found by the index. What people told in words lies sealed in the
//! vault and is in no index: it would have to be kept in clear for that, and would outlive its erasure. So entries
//! that may have such words are unsealed one by one, as far as the other filters let them through, a bounded number
//! for a question.

use mfa_ledger_projections::activity::Candidate;
use mfa_ledger_projections::{ActivityFilter, ActivityPage, Order};
use mfa_ledger_schemas::{EventId, Instant, Position, Words};

use super::{Caller, Denied, Failure, Right, Service};

/// Most entries that are unsealed for one question.
pub const UNSEALED: usize = 1_000;
/// Most records of one millisecond: each command is synced before the next is answered.
const SAME_MILLISECOND: usize = 1_000;
/// Entries looked at at once.
const AT_ONCE: usize = 250;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Where the entries stand.
    pub positions: Vec<Position>,
    /// Whether more follow, or may.
    pub has_more: bool,
    /// How far was looked, where that is not to the last of the entries: so much was unsealed by then.
    pub looked_to: Option<Position>,
    /// Whether entries were unsealed for it: what was told in words can be erased, and be found no more.
    pub unsealed: bool,
}

impl Found {
    /// Where to go on.
    pub fn next(&self) -> Option<Position> {
        self.looked_to.or(self.positions.last().copied()).filter(|_| self.has_more)
    }
}

impl From<ActivityPage> for Found {
    fn from(page: ActivityPage) -> Self {
        Self { positions: page.positions, has_more: page.has_more, looked_to: None, unsealed: false }
    }
}

/// Nothing was searched.
#[derive(Debug)]
pub enum NotSearched {
    /// The caller may not.
    Denied(Denied),
    /// The log or the vault could not be read.
    Failure(Failure),
}

impl From<Denied> for NotSearched {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Failure> for NotSearched {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Service {
    /// The entries that fit, from behind a cursor on.
    ///
    /// # Errors
    /// [`NotSearched`].
    pub async fn search(
        &self,
        (caller, right): (&Caller, Right),
        filter: &ActivityFilter,
        order: Order,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Found, NotSearched> {
        let ids = filter.words.iter().filter_map(|word| word.parse::<EventId>().ok());
        match ids.clone().next() {
            None => self.search_within((caller, right), filter, order, after, limit, UNSEALED).await,
            Some(id) if ids.clone().all(|other| other == id) => {
                self.search_event((caller, right), filter, order, after, id).await
            }
            // No record has two ids.
            Some(_) => Ok(self.query(caller, right, |_, _| Found::default())?),
        }
    }

    /// The record with an id, if it fits the rest of the filter. The id has the millisecond of the record in it; so there
    /// needs to be no index of ids.
    async fn search_event(
        &self,
        asking: (&Caller, Right),
        filter: &ActivityFilter,
        order: Order,
        after: Option<Position>,
        id: EventId,
    ) -> Result<Found, NotSearched> {
        let from = id.millisecond();
        let until = Instant::from_unix_ms(from.unix_ms().saturating_add(1));
        let mut narrowed = filter.clone();
        narrowed.words.retain(|word| word.parse::<EventId>().is_err());
        narrowed.since = Some(narrowed.since.map_or(from, |since| since.max(from)));
        narrowed.until = Some(narrowed.until.map_or(until, |end| end.min(until)));
        let mut found =
            self.search_within(asking, &narrowed, order, after, SAME_MILLISECOND, UNSEALED).await?;
        let records = self.activity_records(&found.positions).await?;
        found.positions = records.iter().filter(|it| it.record.id == id).map(|it| it.position).collect();
        found.has_more = false;
        Ok(found)
    }

    async fn search_within(
        &self,
        (caller, right): (&Caller, Right),
        filter: &ActivityFilter,
        order: Order,
        after: Option<Position>,
        limit: usize,
        mut may_unseal: usize,
    ) -> Result<Found, NotSearched> {
        if filter.words.is_empty() {
            let page =
                |state: &mfa_ledger_projections::State| state.activity.page(filter, order, after, limit);
            return Ok(self.query(caller, right, |state, _| page(state))?.into());
        }
        let words: Vec<_> = filter.words.iter().map(|word| word.to_lowercase()).collect();
        let (mut found, mut looked_to, all) = (Vec::new(), after, may_unseal);
        // Mostly the first of them are the page already.
        let mut at_once = AT_ONCE.min(limit.saturating_add(1));
        loop {
            let (candidates, more) = self.query(caller, right, |state, _| {
                state.activity.candidates(filter, order, looked_to, at_once)
            })?;
            at_once = AT_ONCE;
            let sealed = candidates.iter().filter(|it| !it.missing.is_empty()).take(may_unseal);
            let sealed: Vec<_> = sealed.map(|it| it.position).collect();
            may_unseal -= sealed.len();
            let mut unsealed = self.activity_records(&sealed).await?.into_iter();
            for Candidate { position, missing } in candidates {
                let fits = if missing.is_empty() {
                    true
                } else {
                    // In the order of the candidates; it ends where no more may be unsealed.
                    let Some(record) = unsealed.next() else {
                        return Ok(Found { positions: found, has_more: true, looked_to, unsealed: true });
                    };
                    record.words.known().is_some_and(|told| has(&told, &missing, &words))
                };
                if fits && found.len() == limit {
                    let unsealed = may_unseal < all;
                    return Ok(Found { positions: found, has_more: true, looked_to: None, unsealed });
                }
                found.extend(fits.then_some(position));
                looked_to = Some(position);
            }
            if !more {
                let unsealed = may_unseal < all;
                return Ok(Found { positions: found, has_more: false, looked_to: None, unsealed });
            }
        }
    }
}

/// Whether what was told has all of the words that are missing, in small letters.
fn has(told: &Words, missing: &[usize], words: &[String]) -> bool {
    let texts = [&told.requester_name, &told.requester_contact, &told.text];
    let texts: Vec<_> = texts.into_iter().flatten().map(|text| text.to_lowercase()).collect();
    missing.iter().all(|index| texts.iter().any(|text| text.contains(&words[*index])))
}
