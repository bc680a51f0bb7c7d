//! Inputs: a seed with a few bytes changed, moved, cut and added, and anything at all behind it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Most changes of one input.
const CHANGES: usize = 4;
/// Most bytes behind the seed.
const TAIL: usize = 200;

#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, Index, usize),
    Cut(Index),
    /// A number of postcard's, spelt longer than it need be.
    Stretch(Index),
}

/// Inputs made from one seed.
pub fn from(seed: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let tail = prop_oneof![Just(Vec::new()), vec(any::<u8>(), 0..TAIL)];
    (vec(change(), 0..=CHANGES), tail).prop_map(move |(changes, tail)| {
        let mut input = changes.iter().fold(seed.clone(), apply);
        input.extend(tail);
        input
    })
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        4 => (at(), prop_oneof![any::<u8>(), Just(0), Just(0x7f), Just(0x80), Just(0xff)])
            .prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (at(), vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (at(), 1..40_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (at(), at(), 1..200_usize).prop_map(|(from, to, count)| Change::Repeat(from, to, count)),
        1 => at().prop_map(Change::Cut),
        2 => at().prop_map(Change::Stretch),
    ]
}

fn apply(mut input: Vec<u8>, change: &Change) -> Vec<u8> {
    if input.is_empty() {
        return input;
    }
    let (at, end) = (|index: &Index| index.index(input.len()), input.len());
    match change {
        Change::Flip(index, bit) => {
            let at = at(index);
            input[at] ^= 1 << bit;
        }
        Change::Set(index, byte) => {
            let at = at(index);
            input[at] = *byte;
        }
        Change::Insert(index, bytes) => {
            let at = at(index);
            input.splice(at..at, bytes.iter().copied());
        }
        Change::Remove(index, count) => {
            let at = at(index);
            input.drain(at..(at + count).min(end));
        }
        Change::Repeat(from, to, count) => {
            let (from, to) = (at(from), at(to));
            let piece = input[from..(from + count).min(end)].to_vec();
            input.splice(to..to, piece);
        }
        Change::Cut(index) => {
            let at = at(index);
            input.truncate(at);
        }
        Change::Stretch(index) => {
            let at = at(index);
            input[at] |= 0x80;
            input.insert(at + 1, 0);
        }
    }
    input
}
