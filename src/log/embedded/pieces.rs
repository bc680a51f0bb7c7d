//! How the reading copy holds records: several to a value. A page of sled has sixteen values at most, and where each page
//! lies is read, and written anew, whenever it is opened: the fewer pages, the shorter a start.
//!
//! ```text
//! key     position of the first record u64
//! value   (length u32 | piece)*            piece: what the seal makes of an entry
//! ```
//! A value takes records until it has [`PIECES`], or [`ENOUGH`] bytes; the last one is written anew with each record that
//! joins it. Copies of earlier versions have one piece to a value, and no length before it: they are gone on with.

use sled::IVec;

use crate::{BoxError, Position};

/// Records in a value, at most. With four an opening takes a third of the time that it takes with one, and one record
/// that lies alone is read as fast; with sixteen that takes more than twice as long.
const PIECES: usize = 4;

/// Bytes after which a value takes no further record. Sixteen such values, each with a record more, are less than a
/// quarter of a segment: sled puts larger pages into files of their own, which it never syncs.
const ENOUGH: usize = 8 * 1024;

const LENGTH: usize = 4;

/// One piece to a value, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Single,
    Packed,
}

impl Layout {
    /// The name of the tree that has this layout.
    pub fn tree(self) -> &'static str {
        match self {
            Self::Single => "log",
            Self::Packed => "packed",
        }
    }

    /// The pieces of a value, in their order.
    pub fn pieces(self, value: &IVec) -> Result<Vec<IVec>, BoxError> {
        if self == Self::Single {
            return Ok(vec![value.clone()]);
        }
        let (mut pieces, mut at) = (Vec::new(), 0);
        while at < value.len() {
            let length = value[at..].first_chunk::<LENGTH>().ok_or("a value is cut short")?;
            let length = usize::try_from(u32::from_be_bytes(*length))?;
            at += LENGTH;
            if length == 0 || value.len() - at < length {
                return Err("the length of a piece is impossible".into());
            }
            pieces.push(value.subslice(at, length));
            at += length;
        }
        if pieces.is_empty() { Err("a value is empty".into()) } else { Ok(pieces) }
    }
}

/// The last value, which may take more records.
#[derive(Clone, Debug, Default)]
pub(super) struct Last {
    first: Position,
    count: usize,
    value: Vec<u8>,
    /// It cannot be read, and nothing joins it.
    unreadable: bool,
}

impl Last {
    /// The last value of a copy, as it was found.
    pub fn found(layout: Layout, first: Position, value: &IVec) -> Self {
        let count = layout.pieces(value).map(|pieces| pieces.len());
        Self {
            first,
            count: count.as_ref().copied().unwrap_or(1),
            value: value.to_vec(),
            unreadable: count.is_err(),
        }
    }

    /// The position of its last record; the beginning where it has none.
    pub fn position(&self) -> Position {
        Position((self.first.0 + self.count as u64).saturating_sub(1))
    }

    /// Puts pieces into a batch, which stand behind one another; joins those to this value that are next and find room.
    pub fn pack(
        &mut self,
        layout: Layout,
        pieces: impl IntoIterator<Item = (Position, Vec<u8>)>,
    ) -> sled::Batch {
        let (mut batch, mut added) = (sled::Batch::default(), false);
        for (position, piece) in pieces {
            let joins = self.count > 0 && position == Position(self.first.0 + self.count as u64);
            let full = self.count >= PIECES || self.value.len() >= ENOUGH || self.unreadable;
            if !joins || full || layout == Layout::Single {
                if added {
                    batch.insert(&self.first.0.to_be_bytes(), std::mem::take(&mut self.value));
                }
                *self = Self { first: position, ..Self::default() };
            }
            if layout == Layout::Packed {
                let length = u32::try_from(piece.len()).expect("records are limited");
                self.value.extend(length.to_be_bytes());
            }
            self.value.extend(piece);
            self.count += 1;
            added = true;
        }
        if added {
            batch.insert(&self.first.0.to_be_bytes(), self.value.as_slice());
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn piece(position: u64) -> Vec<u8> {
        vec![u8::try_from(position % 251).unwrap(); usize::try_from(position * 37 % 7_000).unwrap() + 1]
    }

    /// Applies records in portions of a size, and tells what lies in sled then.
    fn packed(layout: Layout, portion: u64) -> (BTreeMap<u64, IVec>, Last) {
        let db = sled::Config::new().temporary(true).open().unwrap();
        let mut last = Last::default();
        for begin in (1..=200).step_by(usize::try_from(portion).unwrap()) {
            let pieces = (begin..(begin + portion).min(201)).map(|at| (Position(at), piece(at)));
            db.apply_batch(last.pack(layout, pieces)).unwrap();
        }
        let values = db.iter().map(Result::unwrap);
        let key = |key: IVec| u64::from_be_bytes(key.as_ref().try_into().unwrap());
        (values.map(|(at, value)| (key(at), value)).collect(), last)
    }

    #[test]
    fn pieces_come_back_in_their_order_however_they_came() {
        for layout in [Layout::Single, Layout::Packed] {
            for portion in [1, 2, 7, 16, 17, 200] {
                let (values, last) = packed(layout, portion);
                let mut due = 1;
                for (key, value) in &values {
                    assert_eq!(*key, due, "{layout:?} by {portion}");
                    let pieces = layout.pieces(value).unwrap();
                    assert!(pieces.len() <= PIECES && value.len() < ENOUGH + 8_000);
                    for found in pieces {
                        assert_eq!(found, piece(due));
                        due += 1;
                    }
                }
                assert_eq!((due, last.position()), (201, Position(200)));
                let (key, value) = values.last_key_value().unwrap();
                let found = Last::found(layout, Position(*key), value);
                assert_eq!((found.position(), found.value), (Position(200), last.value));
                assert_eq!(values.len() == 200, layout == Layout::Single, "{}", values.len());
            }
        }
    }

    #[test]
    fn what_is_no_whole_value_is_told() {
        let (values, _) = packed(Layout::Packed, 200);
        let value = values.first_key_value().unwrap().1.clone();
        let whole = Layout::Packed.pieces(&value).unwrap().len();
        for length in 0..value.len() {
            let cut = Layout::Packed.pieces(&value.subslice(0, length));
            assert!(cut.is_err() || cut.is_ok_and(|pieces| pieces.len() < whole), "{length}");
        }
        assert!(Layout::Packed.pieces(&IVec::from(&[0, 0, 0, 0, 1])).is_err());
        assert!(Layout::Packed.pieces(&IVec::from(&[0xff; 9])).is_err());
    }
}
