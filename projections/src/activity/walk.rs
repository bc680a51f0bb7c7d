//! Walking over the entries that are wanted: block by block, in either direction.

use super::block::{BLOCK, Block};
use super::query::{Query, Rows};
use super::{Activity, ActivityFilter, Order, Row, SMALL_BLOCK};

impl Activity {
    /// Shows the entries that fit between two indexes, until the visitor has enough.
    pub(super) fn walk(
        &self,
        filter: &ActivityFilter,
        order: Order,
        low: usize,
        high: usize,
        visit: impl FnMut(usize, Row<'_>) -> bool,
    ) {
        self.walk_query(&Query::new(filter, &self.values), order, low, high, visit);
    }

    pub(super) fn walk_query(
        &self,
        query: &Query,
        order: Order,
        low: usize,
        high: usize,
        mut visit: impl FnMut(usize, Row<'_>) -> bool,
    ) {
        if query.is_met_by_none() {
            return;
        }
        let parts = self.blocks.len() + self.small.len() + 1;
        let mut part = |part: usize| {
            let Part { first, length, block } = self.part(part);
            let (low, high) = (low.max(first), high.min(first + length));
            low >= high
                || self.walk_part(query, (first, block), order, (low - first, high - first), &mut visit)
        };
        match order {
            Order::Ascending => (0..parts).all(&mut part),
            Order::Descending => (0..parts).rev().all(&mut part),
        };
    }

    /// Full blocks, small ones, and the rest, in the order of the log.
    fn part(&self, number: usize) -> Part<'_> {
        if let Some(block) = self.blocks.get(number) {
            return Part { first: number * BLOCK, length: BLOCK, block: Some(block) };
        }
        let (before, number) = (self.blocks.len() * BLOCK, number - self.blocks.len());
        let first = before + number * SMALL_BLOCK;
        match self.small.get(number) {
            Some(block) => Part { first, length: SMALL_BLOCK, block: Some(block) },
            None => Part { first, length: self.len() - first, block: None },
        }
    }

    fn walk_part(
        &self,
        query: &Query,
        (first, block): (usize, Option<&Block>),
        order: Order,
        (low, high): (usize, usize),
        visit: &mut impl FnMut(usize, Row<'_>) -> bool,
    ) -> bool {
        let Some(block) = block else {
            let rest = &self.newest[first - self.blocks.len() * BLOCK..];
            let each = |row: usize| {
                let (at, numbers) = rest[row];
                !query.matches(at, &numbers) || visit(first + row, Row { activity: self, at, numbers })
            };
            return in_order(&Rows::All, order, low, high, each);
        };
        let (any, all) = query.of_span(block.span());
        let Some(rows) = any.then(|| block.matching(&query.criteria)).flatten() else { return true };
        in_order(&rows, order, low, high, |row| {
            let at = block.at(row);
            (!all && !query.in_time(at))
                || visit(first + row, Row { activity: self, at, numbers: block.numbers(row) })
        })
    }
}

/// Entries that lie one behind the other.
struct Part<'a> {
    /// The index of the first.
    first: usize,
    length: usize,
    /// What finds those that are wanted, where there is that.
    block: Option<&'a Block>,
}

fn in_order(rows: &Rows, order: Order, low: usize, high: usize, visit: impl FnMut(usize) -> bool) -> bool {
    match order {
        Order::Ascending => rows.ascending(low, high, visit),
        Order::Descending => rows.descending(low, high, visit),
    }
}
