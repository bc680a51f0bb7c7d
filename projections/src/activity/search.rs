//! Entries that may have a word which lies sealed beside the log.

use std::sync::Arc;

use mfa_ledger_schemas::Position;

use super::query::{Criterion, Query};
use super::values::Facet;
use super::{Activity, ActivityFilter, Order};

/// An entry that fits, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it stands in the log.
    pub position: Position,
    /// Those of the filter's words that nothing of it in clear has; none when it fits.
    pub missing: Vec<usize>,
}

impl Activity {
    /// The entries from behind a cursor on that fit, or would fit if what lies sealed beside them had the words that
    /// are missing. And whether more follow.
    pub fn candidates(
        &self,
        filter: &ActivityFilter,
        order: Order,
        after: Option<Position>,
        limit: usize,
    ) -> (Vec<Candidate>, bool) {
        let without = ActivityFilter { words: Vec::new(), ..filter.clone() };
        let mut query = Query::new(&without, &self.values);
        let clear: Vec<_> = filter.words.iter().map(|word| Criterion(self.values.containing(word))).collect();
        let may_hold = self.values.what.that(|what| what.worded);
        query.criteria.extend(clear.iter().map(|criterion| {
            let mut wide = criterion.clone();
            let numbers = Arc::make_mut(&mut wide.0[Facet::What as usize]);
            numbers.extend(&may_hold);
            numbers.sort_unstable();
            numbers.dedup();
            wide
        }));
        let (mut found, mut more) = (Vec::new(), false);
        let (low, high) = self.range(order, after);
        self.walk_query(&query, order, low, high, |index, row| {
            if found.len() == limit {
                more = true;
                return false;
            }
            let lacks =
                |(index, criterion): (usize, &Criterion)| (!criterion.met_by(&row.numbers)).then_some(index);
            let missing = clear.iter().enumerate().filter_map(lacks).collect();
            found.push(Candidate { position: Position(index as u64 + 1), missing });
            true
        });
        (found, more)
    }
}
