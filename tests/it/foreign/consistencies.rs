//! Proofs of consistency that do not hold.

use super::case::Case;
use super::changes::{Changed, flipped, other_number};
use super::receipts::changed_path;
use crate::support::draws::Draws;

pub fn change(draws: &Draws, case: &Case) -> Option<Changed> {
    let mut changed = case.clone();
    let Case::Consistency { old, new, old_root, new_root, hashes } = &mut changed else {
        panic!("another kind: {case:?}")
    };
    let before = shape(*old, *new);
    let what = match draws.below(9) {
        0 => {
            *old = other_number(draws, *old);
            "another old size"
        }
        1 => {
            *new = other_number(draws, *new);
            "another new size"
        }
        2 => {
            *old_root = flipped(draws, *old_root);
            "another old root"
        }
        3 => {
            *new_root = flipped(draws, *new_root);
            "another new root"
        }
        4 if old_root != new_root => {
            std::mem::swap(old_root, new_root);
            "the roots exchanged"
        }
        5 if old != new => {
            std::mem::swap(old, new);
            "the sizes exchanged"
        }
        6 if !hashes.is_empty() => {
            hashes.truncate(draws.index(hashes.len()));
            "truncated"
        }
        _ => changed_path(draws, hashes)?,
    };
    if what.contains("size") && *old <= *new && (*old == 0 || shape(*old, *new) == before) {
        // Every tree goes on from the empty one; and of two trees of one shape a proof cannot tell which it is of.
        return None;
    }
    Some((what, changed))
}

/// On which side the sibling stands and whether the old tree has it, from the root down; and whether the
/// first hash is that of the old root. All that a proof knows of the sizes.
fn shape(old: u64, new: u64) -> (Vec<(bool, bool)>, bool) {
    let (mut begin, mut end, mut sides) = (0, new, Vec::new());
    while end > old {
        let middle = begin + (1 << (end - begin - 1).ilog2());
        let left = old <= middle;
        sides.push((left, !left));
        if left { end = middle } else { begin = middle }
    }
    (sides, begin == 0)
}
