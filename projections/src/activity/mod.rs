//! Who did what to whom: one small entry per record, void ones included, filtered without reading
//! the log.
//!
//! Entries lie in blocks. A full block never changes, is shared by all copies of the state, and knows for
//! each value the rows that have it. The newest entries, less than a block, have small blocks of their own until they
//! are one; the very newest, less than a small block, are looked at one by one.

mod block;
mod dictionary;
mod packed;
mod query;
mod search;
mod values;
mod walk;
mod words;

use std::sync::Arc;

use mfa_ledger_schemas::{ActorKind, AdministratorId, Instant, Outcome, Position, Record, ResetReason};
use serde::{Deserialize, Serialize};

pub use block::{BLOCK, Block, Misfit};
pub use dictionary::{Performer, What};
pub use search::Candidate;
pub use values::Facet;

use crate::Fate;
use query::Query;
use values::{Numbers, Values};

/// What is kept of a record to find it by.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityEntry {
    /// When.
    pub at: Instant,
    /// What, such as `mfa.reset`.
    pub action: Arc<str>,
    /// What became of it.
    pub outcome: Outcome,
    /// The code of a refusal or failure.
    pub code: Option<Arc<str>>,
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    values: Values,
    /// Full blocks, oldest first. A snapshot keeps them in files of their own.
    #[serde(skip)]
    blocks: Vec<Arc<Block>>,
    /// How many blocks there are: those of a snapshot are put back by [`Activity::put_back`].
    full: u64,
    newest: Vec<(i64, Numbers)>,
    /// Small blocks of the newest entries, as far as those fill them. They follow from `newest`.
    #[serde(skip)]
    small: Vec<Arc<Block>>,
}

/// Entries of a small block.
pub const SMALL_BLOCK: usize = 1_024;

/// Blocks that were put back are not those that were taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the activity has {expected} full blocks and was given {given}")]
pub struct WrongBlocks {
    /// So many there must be.
    pub expected: u64,
    /// So many were given.
    pub given: u64,
}

/// One entry, looked at where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    activity: &'a Activity,
    at: i64,
    numbers: Numbers,
}

impl Row<'_> {
    /// Milliseconds since 1970.
    pub fn unix_ms(&self) -> i64 {
        self.at
    }

    /// The number of a value: equal numbers are equal values; 0 is none.
    pub fn number(&self, facet: Facet) -> u32 {
        self.numbers[facet as usize]
    }

    /// All of it.
    pub fn entry(&self) -> Option<ActivityEntry> {
        let Values { what, performers, targets, addresses, tickets } = &self.activity.values;
        let [what_number, performer, target, address, ticket] = self.numbers;
        let (what, performer) = (what.value(what_number)?, performers.value(performer)?);
        let target = targets.value(target);
        Some(ActivityEntry {
            at: Instant::from_unix_ms(self.at),
            action: Arc::clone(&what.action),
            outcome: what.outcome,
            code: what.code.clone(),
            actor_kind: performer.kind,
            actor: performer.id,
            actor_name: Arc::clone(&performer.name),
            target: target.map(|it| it.id),
            target_name: target.map(|it| Arc::clone(&it.name)),
            address: addresses.value(address).cloned(),
            ticket: tickets.value(ticket).cloned(),
            reason: what.reason,
            void: what.void,
        })
    }
}

impl Activity {
    /// The entry of a position.
    pub fn at(&self, position: Position) -> Option<ActivityEntry> {
        self.row(position)?.entry()
    }

    /// Whether the record of a position changed nothing.
    pub fn is_void(&self, position: Position) -> bool {
        self.row(position).and_then(|row| self.what(row.number(Facet::What))).is_some_and(|it| it.void)
    }

    /// What the number of a [`Row`] stands for.
    pub fn what(&self, number: u32) -> Option<&What> {
        self.values.what.value(number)
    }

    /// Who the number of a [`Row`] stands for.
    pub fn performer(&self, number: u32) -> Option<&Performer> {
        self.values.performers.value(number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.newest.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every entry with its position, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Position, ActivityEntry)> {
        (1..).map(Position).zip((0..self.len()).filter_map(|index| self.row_at(index)?.entry()))
    }

    /// The newest position whose time is not later than a moment; 0 before the first. Times in the log never
    /// go back.
    pub fn position_at(&self, moment: Instant) -> Position {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let later = self.row_at(middle).is_none_or(|row| row.at > moment.unix_ms());
            if later { high = middle } else { low = middle + 1 }
        }
        Position(low as u64)
    }

    /// The entries that fit, from behind a cursor on.
    pub fn page(
        &self,
        filter: &ActivityFilter,
        order: Order,
        after: Option<Position>,
        limit: usize,
    ) -> ActivityPage {
        let mut page = ActivityPage::default();
        let (low, high) = self.range(order, after);
        self.walk(filter, order, low, high, |index, _| {
            if page.positions.len() == limit {
                page.has_more = true;
                return false;
            }
            page.positions.push(Position(index as u64 + 1));
            true
        });
        page
    }

    /// Shows every entry that fits, oldest first.
    pub fn visit(&self, filter: &ActivityFilter, mut visit: impl FnMut(Position, Row<'_>)) {
        self.walk(filter, Order::Ascending, 0, self.len(), |index, row| {
            visit(Position(index as u64 + 1), row);
            true
        });
    }

    /// Whether the entry of a position fits.
    pub fn matches(&self, position: Position, filter: &ActivityFilter) -> bool {
        let query = Query::new(filter, &self.values);
        self.row(position).is_some_and(|row| query.matches(row.at, &row.numbers))
    }

    /// The full blocks from one on, to be kept beside a snapshot.
    pub fn blocks(&self) -> &[Arc<Block>] {
        &self.blocks
    }

    /// How many full blocks a snapshot was made with.
    pub fn full_blocks(&self) -> u64 {
        self.full
    }

    /// Puts the blocks back that a snapshot was made with.
    pub fn put_back(&mut self, blocks: Vec<Arc<Block>>) -> Result<(), WrongBlocks> {
        let given = blocks.len() as u64;
        if given != self.full {
            return Err(WrongBlocks { expected: self.full, given });
        }
        self.blocks = blocks;
        let (small, _) = self.newest.as_chunks::<SMALL_BLOCK>();
        self.small = small.iter().map(|rows| Arc::new(Block::of(rows))).collect();
        Ok(())
    }

    pub(crate) fn apply(&mut self, record: &Record, fate: Fate) {
        let numbers = self.values.of(record, fate);
        self.newest.push((record.at.unix_ms(), numbers));
        if let (small, []) = self.newest.as_chunks::<SMALL_BLOCK>() {
            self.small.extend(small.last().map(|rows| Arc::new(Block::of(rows))));
        }
        if self.newest.len() == BLOCK {
            self.blocks.push(Arc::new(Block::of(&self.newest)));
            self.full += 1;
            self.newest.clear();
            self.small.clear();
        }
    }

    /// The indexes behind a cursor.
    fn range(&self, order: Order, after: Option<Position>) -> (usize, usize) {
        let count = self.len();
        let cursor = after.map(|position| usize::try_from(position.0).unwrap_or(usize::MAX));
        match order {
            Order::Descending => (0, cursor.map_or(count, |position| position.saturating_sub(1).min(count))),
            Order::Ascending => (cursor.unwrap_or(0).min(count), count),
        }
    }

    fn row(&self, position: Position) -> Option<Row<'_>> {
        self.row_at(usize::try_from(position.0.checked_sub(1)?).ok()?)
    }

    fn row_at(&self, index: usize) -> Option<Row<'_>> {
        let (at, numbers) = match self.blocks.get(index / BLOCK) {
            Some(block) => (block.at(index % BLOCK), block.numbers(index % BLOCK)),
            None => *self.newest.get(index - self.blocks.len() * BLOCK)?,
        };
        Some(Row { activity: self, at, numbers })
    }
}
