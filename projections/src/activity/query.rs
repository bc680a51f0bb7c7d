//! What is wanted, in numbers; and rows of a block that have it.

use std::sync::Arc;

use mfa_ledger_schemas::{AdministratorId, Instant, ServiceAccountId};

use super::ActivityFilter;
use super::block::BLOCK;
use super::values::{FACETS, Facet, Numbers, Values};

/// One thing that an entry must have: a value of these, in order, in any facet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Criterion(pub [Arc<Vec<u32>>; FACETS]);

/// A filter with its texts looked up, once per question.
pub(super) struct Query {
    pub criteria: Vec<Criterion>,
    since: i64,
    until: i64,
}

impl Criterion {
    fn one(facet: Facet, numbers: Vec<u32>) -> Self {
        let mut criterion = Self::default();
        criterion.0[facet as usize] = numbers.into();
        criterion
    }

    pub fn met_by(&self, numbers: &Numbers) -> bool {
        self.0.iter().zip(numbers).any(|(wanted, number)| wanted.binary_search(number).is_ok())
    }
}

impl Query {
    pub fn new(filter: &ActivityFilter, values: &Values) -> Self {
        let mut criteria = Vec::new();
        let mut want = |facet, numbers| criteria.push(Criterion::one(facet, numbers));
        if !filter.actions.is_empty() || filter.outcome.is_some() {
            want(
                Facet::What,
                values.what.that(|what| {
                    filter.outcome.is_none_or(|outcome| what.outcome == outcome)
                        && (filter.actions.is_empty() || filter.actions.iter().any(|it| **it == *what.action))
                }),
            );
        }
        if let Some(text) = &filter.actor {
            let id = text.parse().map(AdministratorId::bytes);
            let id = id.or_else(|_| text.parse().map(ServiceAccountId::bytes)).ok();
            let numbers = match id {
                Some(id) => values.performers.that(|it| it.id == Some(id)),
                None => values.performers.called(text),
            };
            want(Facet::Performer, numbers);
        }
        if let Some(text) = &filter.target {
            let numbers = match text.parse() {
                Ok(id) => values.targets.that(|it| it.id == id),
                Err(_) => values.targets.called(text),
            };
            want(Facet::Target, numbers);
        }
        if let Some(address) = &filter.address {
            let number = values.addresses.number(address);
            want(Facet::Address, number.into_iter().collect());
        }
        if let Some(ticket) = &filter.ticket {
            want(Facet::Ticket, values.tickets.number(ticket).into_iter().collect());
        }
        criteria.extend(filter.words.iter().map(|word| Criterion(values.containing(word))));
        let ms = |at: Option<Instant>, otherwise| at.map_or(otherwise, Instant::unix_ms);
        Self { criteria, since: ms(filter.since, i64::MIN), until: ms(filter.until, i64::MAX) }
    }

    /// Whether something is wanted that no entry has.
    pub fn is_met_by_none(&self) -> bool {
        self.criteria.iter().any(|criterion| criterion.0.iter().all(|numbers| numbers.is_empty()))
    }

    /// Whether an entry is wanted.
    pub fn matches(&self, at: i64, numbers: &Numbers) -> bool {
        self.in_time(at) && self.criteria.iter().all(|criterion| criterion.met_by(numbers))
    }

    pub fn in_time(&self, at: i64) -> bool {
        (self.since..self.until).contains(&at)
    }

    /// Whether any, and whether all moments of a span are wanted.
    pub fn of_span(&self, (earliest, latest): (i64, i64)) -> (bool, bool) {
        let any = latest >= self.since && earliest < self.until;
        (any, self.in_time(earliest) && self.in_time(latest))
    }
}

const WORDS: usize = BLOCK / 64;

/// Rows of a block.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rows {
    /// All of them.
    All,
    /// These, in order.
    Few(Vec<u16>),
    /// Those whose bit is set.
    Bits(Box<[u64; WORDS]>),
}

impl Rows {
    pub fn no_bits() -> Self {
        Self::Bits(Box::new([0; WORDS]))
    }

    pub fn set(&mut self, rows: &[u16]) {
        if let Self::Bits(bits) = self {
            for row in rows {
                bits[usize::from(*row) / 64] |= 1 << (row % 64);
            }
        }
    }

    pub fn or(&mut self, other: &Self) {
        if let (Self::Bits(bits), Self::Bits(others)) = (self, other) {
            bits.iter_mut().zip(others.iter()).for_each(|(word, other)| *word |= other);
        }
    }

    pub fn and(&mut self, other: &Self) {
        if let (Self::Bits(bits), Self::Bits(others)) = (self, other) {
            bits.iter_mut().zip(others.iter()).for_each(|(word, other)| *word &= other);
        }
    }

    /// Shows rows from `low` on and below `high`, oldest first, until the visitor has enough.
    pub fn ascending(&self, low: usize, high: usize, mut visit: impl FnMut(usize) -> bool) -> bool {
        match self {
            Self::All => (low..high).all(visit),
            Self::Few(few) => {
                few.iter().map(|row| usize::from(*row)).filter(|row| (low..high).contains(row)).all(visit)
            }
            Self::Bits(bits) => bits.iter().enumerate().all(|(word, bits)| {
                let mut left = *bits;
                while left != 0 {
                    let row = word * 64 + left.trailing_zeros() as usize;
                    if (low..high).contains(&row) && !visit(row) {
                        return false;
                    }
                    left &= left - 1;
                }
                true
            }),
        }
    }

    /// The same, newest first.
    pub fn descending(&self, low: usize, high: usize, mut visit: impl FnMut(usize) -> bool) -> bool {
        match self {
            Self::All => (low..high).rev().all(visit),
            Self::Few(few) => few
                .iter()
                .rev()
                .map(|row| usize::from(*row))
                .filter(|row| (low..high).contains(row))
                .all(visit),
            Self::Bits(bits) => bits.iter().enumerate().rev().all(|(word, bits)| {
                let mut left = *bits;
                while left != 0 {
                    let bit = left.ilog2();
                    let row = word * 64 + bit as usize;
                    if (low..high).contains(&row) && !visit(row) {
                        return false;
                    }
                    left ^= 1 << bit;
                }
                true
            }),
        }
    }
}
