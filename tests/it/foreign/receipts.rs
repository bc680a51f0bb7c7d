//! Receipts that prove nothing. Where the tree is to be judged and not the signature, the liar has signed.

use mfa_ledger::tlog::receipt::Receipt;
use mfa_ledger::tlog::{Checkpoint, Hash};

use super::case::Case;
use super::changes::{Changed, bit_of_text, flip, flipped, other_number, sign, truncated};
use super::material::Material;
use crate::support::draws::Draws;

/// The same, true in all it says, but signed by the liar: what the judges refuse later is not the signature.
pub fn signed_by_liar(material: &Material, keys: &[String], receipt: &[u8], leaf: &[u8]) -> Case {
    let Receipt { index, path, checkpoint } = Receipt::parse(receipt).expect("a receipt");
    let receipt = text(index, &path, sign(&checkpoint.checkpoint, &material.liar));
    Case::Inclusion { keys: keys.to_vec(), receipt, leaf: leaf.to_vec() }
}

fn text(index: u64, path: &[Hash], checkpoint: Vec<u8>) -> Vec<u8> {
    let path: String = path.iter().flat_map(|hash| [hash.to_string(), "\n".to_owned()]).collect();
    let head = format!("c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n");
    [head.into_bytes(), checkpoint].concat()
}

pub fn change(
    draws: &Draws,
    material: &Material,
    keys: &[String],
    receipt: &[u8],
    leaf: &[u8],
) -> Option<Changed> {
    let Receipt { mut index, mut path, checkpoint } = Receipt::parse(receipt).expect("a receipt");
    let Checkpoint { mut origin, mut size, mut root } = checkpoint.checkpoint;
    let mut leaf = leaf.to_vec();
    let mut key = &material.liar;
    let mut whole = None;
    let what = match draws.below(11) {
        0 => {
            origin.push('x');
            "signed by another log"
        }
        1 => {
            let (before, other) = (shape(index, size), other_number(draws, index));
            index = other;
            // Of two trees of one shape a proof cannot tell which it is of.
            (other >= size || shape(other, size) != before).then_some("another index")?
        }
        2 => {
            let (before, other) = (shape(index, size), other_number(draws, size));
            size = other;
            (index >= size || shape(index, size) != before).then_some("another size")?
        }
        3 => {
            root = flipped(draws, root);
            "another root"
        }
        4 => {
            flip(draws, &mut leaf);
            "another leaf"
        }
        5 => {
            key = &material.stranger;
            "signed by a stranger"
        }
        6 => {
            whole = Some(truncated(draws, receipt, keys));
            "truncated"
        }
        7 | 8 => {
            whole = Some(bit_of_text(draws, receipt, keys)?);
            "a bit flipped"
        }
        _ => changed_path(draws, &mut path)?,
    };
    let signed = || text(index, &path, sign(&Checkpoint { origin, size, root }, key));
    let receipt = whole.unwrap_or_else(signed);
    Some((what, Case::Inclusion { keys: keys.to_vec(), receipt, leaf }))
}

/// A list of hashes, one of them changed, gone, there twice, or in another place.
pub fn changed_path(draws: &Draws, path: &mut Vec<Hash>) -> Option<&'static str> {
    if path.is_empty() {
        return None;
    }
    let at = draws.index(path.len());
    Some(match draws.below(4) {
        0 => {
            path[at] = flipped(draws, path[at]);
            "a hash with a bit flipped"
        }
        1 => {
            let other = draws.index(path.len());
            path.swap(at, other);
            (path[at] != path[other]).then_some("two hashes exchanged")?
        }
        2 => {
            path.remove(at);
            "a hash left out"
        }
        _ => {
            path.insert(at, path[at]);
            "a hash twice"
        }
    })
}

/// On which side the sibling stands, from the root down. All that a proof knows of index and size.
fn shape(index: u64, size: u64) -> Vec<bool> {
    let (mut begin, mut end, mut sides) = (0, size, Vec::new());
    while end - begin > 1 {
        let middle = begin + (1 << (end - begin - 1).ilog2());
        sides.push(index < middle);
        if index < middle { end = middle } else { begin = middle }
    }
    sides
}
