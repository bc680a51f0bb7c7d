//! A block of entries that is full: it never changes again, and answers by which rows have a value.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::packed::{i64s, u16s};
use super::query::{Criterion, Rows};
use super::values::{FACETS, Numbers};

/// Entries of a block: a row's number has 16 bits.
pub const BLOCK: usize = 32_768;

/// Values with more rows than this in a block are kept as one bit for each row.
pub(super) const DENSE: usize = BLOCK / 16;

/// A full block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Block {
    at: Vec<i64>,
    earliest: i64,
    latest: i64,
    columns: [Column; FACETS],
}

/// What is kept of a block: the rest follows from it.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    #[serde(with = "i64s")]
    at: Vec<i64>,
    columns: [StoredColumn; FACETS],
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredColumn {
    values: Vec<u32>,
    #[serde(with = "u16s")]
    codes: Vec<u16>,
}

/// One facet of all rows.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The values that occur, in order. A value's place here is its code.
    values: Vec<u32>,
    /// The code of each row.
    codes: Vec<u16>,
    /// Made when it is first asked for: a start reads many blocks, and need not wait for what few questions take.
    index: OnceLock<Index>,
}

/// The rows of every code of a column.
#[derive(Clone, Debug)]
struct Index {
    /// Where the rows of each code begin in `rows`, and where the last ones end.
    starts: Vec<u32>,
    /// Row numbers, by code, in order.
    rows: Vec<u16>,
    /// The rows of codes that have many.
    dense: BTreeMap<u16, Rows>,
}

/// The bytes are no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("columns of a block do not fit each other")]
pub struct Misfit;

impl Block {
    /// Of these rows, [`BLOCK`] at most.
    pub(super) fn of(rows: &[(i64, Numbers)]) -> Self {
        let columns = std::array::from_fn(|facet| {
            let mut values: Vec<u32> = rows.iter().map(|(_, numbers)| numbers[facet]).collect();
            values.sort_unstable();
            values.dedup();
            let code = |number: u32| values.partition_point(|value| *value < number);
            let code = |numbers: &Numbers| u16::try_from(code(numbers[facet])).unwrap_or(u16::MAX);
            let codes = rows.iter().map(|(_, numbers)| code(numbers)).collect();
            Column::new(values, codes)
        });
        Self::new(rows.iter().map(|(at, _)| *at).collect(), columns)
    }

    fn new(at: Vec<i64>, columns: [Column; FACETS]) -> Self {
        let earliest = at.iter().min().copied().unwrap_or_default();
        let latest = at.iter().max().copied().unwrap_or_default();
        Self { at, earliest, latest, columns }
    }

    /// The time of a row, in milliseconds.
    pub(super) fn at(&self, row: usize) -> i64 {
        self.at[row]
    }

    pub(super) fn span(&self) -> (i64, i64) {
        (self.earliest, self.latest)
    }

    /// The values of a row.
    pub(super) fn numbers(&self, row: usize) -> Numbers {
        std::array::from_fn(|facet| {
            let column = &self.columns[facet];
            column.values[usize::from(column.codes[row])]
        })
    }

    /// Makes what questions are answered from, so that the first of them need not wait for it.
    pub fn prepare(&self) {
        for column in &self.columns {
            column.index();
        }
    }

    /// The rows that meet all criteria; `None` where none can.
    pub(super) fn matching(&self, criteria: &[Criterion]) -> Option<Rows> {
        let mut wanted = Vec::with_capacity(criteria.len());
        for criterion in criteria {
            let codes: [Vec<u16>; FACETS] =
                std::array::from_fn(|facet| self.columns[facet].codes_of(&criterion.0[facet]));
            let count: usize = (0..FACETS).map(|facet| self.columns[facet].count(&codes[facet])).sum();
            if count == 0 {
                return None;
            }
            wanted.push((count, codes));
        }
        wanted.sort_by_key(|(count, _)| *count);
        let mut wanted = wanted.into_iter();
        let Some((count, codes)) = wanted.next() else { return Some(Rows::All) };
        let mut rows = self.rows_of(&codes, count);
        for (count, codes) in wanted {
            if let Rows::Few(few) = &mut rows {
                few.retain(|row| self.has(*row, &codes));
            } else {
                rows.and(&self.rows_of(&codes, count.max(DENSE + 1)));
            }
        }
        Some(rows)
    }

    fn has(&self, row: u16, codes: &[Vec<u16>; FACETS]) -> bool {
        let column_has = |(column, codes): (&Column, &Vec<u16>)| {
            !codes.is_empty() && codes.binary_search(&column.codes[usize::from(row)]).is_ok()
        };
        self.columns.iter().zip(codes).any(column_has)
    }

    fn rows_of(&self, codes: &[Vec<u16>; FACETS], count: usize) -> Rows {
        let each = || {
            self.columns
                .iter()
                .zip(codes)
                .flat_map(|(column, codes)| codes.iter().map(move |code| (column, *code)))
        };
        if count > DENSE {
            let mut rows = Rows::no_bits();
            for (column, code) in each() {
                match column.index().dense.get(&code) {
                    Some(dense) => rows.or(dense),
                    None => rows.set(column.rows_with(code)),
                }
            }
            return rows;
        }
        let mut few: Vec<u16> = each().flat_map(|(column, code)| column.rows_with(code)).copied().collect();
        few.sort_unstable();
        few.dedup();
        Rows::Few(few)
    }
}

impl PartialEq for Column {
    /// The index follows from the rest.
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && self.codes == other.codes
    }
}

impl Index {
    /// A counting sort of the rows by their codes, of which there are so many.
    fn of(codes: &[u16], count: usize) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for code in codes {
            starts[usize::from(*code) + 1] += 1;
        }
        for code in 0..count {
            starts[code + 1] += starts[code];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0_u16; codes.len()]);
        for (row, code) in (0..).zip(codes) {
            let place = &mut next[usize::from(*code)];
            rows[usize::try_from(*place).unwrap_or(usize::MAX)] = row;
            *place += 1;
        }
        let mut index = Self { starts, rows, dense: BTreeMap::new() };
        for code in (0..).take(count) {
            let rows = index.rows_with(code);
            if rows.len() > DENSE {
                let mut bits = Rows::no_bits();
                bits.set(rows);
                index.dense.insert(code, bits);
            }
        }
        index
    }

    fn rows_with(&self, code: u16) -> &[u16] {
        let bound = |code: usize| usize::try_from(self.starts[code]).unwrap_or(usize::MAX);
        &self.rows[bound(usize::from(code))..bound(usize::from(code) + 1)]
    }
}

impl Column {
    fn new(values: Vec<u32>, codes: Vec<u16>) -> Self {
        Self { values, codes, index: OnceLock::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.codes, self.values.len()))
    }

    fn rows_with(&self, code: u16) -> &[u16] {
        self.index().rows_with(code)
    }

    fn count(&self, codes: &[u16]) -> usize {
        codes.iter().map(|code| self.rows_with(*code).len()).sum()
    }

    /// The codes of those of these values that occur, both in order.
    fn codes_of(&self, numbers: &[u32]) -> Vec<u16> {
        let code = |place: usize| u16::try_from(place).ok();
        if numbers.len() < self.values.len() {
            let found = numbers.iter().filter_map(|number| self.values.binary_search(number).ok());
            return found.filter_map(code).collect();
        }
        let found = self.values.iter().enumerate().filter(|(_, value)| numbers.binary_search(value).is_ok());
        found.filter_map(|(place, _)| code(place)).collect()
    }
}

impl From<Block> for Stored {
    fn from(block: Block) -> Self {
        let columns = block.columns.map(|column| StoredColumn { values: column.values, codes: column.codes });
        Self { at: block.at, columns }
    }
}

impl TryFrom<Stored> for Block {
    type Error = Misfit;

    fn try_from(stored: Stored) -> Result<Self, Misfit> {
        let fits = |column: &StoredColumn| {
            column.codes.len() == BLOCK
                && column.values.is_sorted_by(|one, next| one < next)
                && column.codes.iter().all(|code| usize::from(*code) < column.values.len())
        };
        if stored.at.len() != BLOCK || !stored.columns.iter().all(fits) {
            return Err(Misfit);
        }
        let columns = stored.columns.map(|column| Column::new(column.values, column.codes));
        Ok(Self::new(stored.at, columns))
    }
}
