//! Inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2): made from the hashes of
//! complete subtrees, checked without any tree.

use super::hash::{Hash, node_hash};
use super::tree::{Node, between};

/// Where the hashes of complete subtrees come from.
pub trait Nodes {
    /// Why a hash cannot be had.
    type Error;

    /// The hash of a complete subtree.
    fn node(&self, node: Node) -> Result<Hash, Self::Error>;
}

/// A proof that does not prove what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not hold")]
pub struct NotProven;

/// The root of the first `size` leaves.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(Hash::of_empty_tree()) } else { subtree(nodes, 0, size) }
}

/// That the leaf at `index` is in the tree of the first `size` leaves: from its sibling up.
///
/// # Panics
/// When the leaf is not in that tree.
pub fn inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    assert!(index < size, "leaf {index} is not in a tree of {size}");
    let (mut begin, mut end, mut path) = (0, size, Vec::new());
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            path.push(subtree(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(nodes, begin, middle)?);
            begin = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// That the tree of the first `old` leaves is the beginning of the tree of the first `new`.
///
/// # Panics
/// When `old` is larger than `new`.
pub fn consistency<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    assert!(old <= new, "a tree of {old} cannot be the beginning of one of {new}");
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut begin, mut end, mut path) = (0, new, Vec::new());
    // Down to the subtree of the new tree that ends where the old tree ends.
    while end != old {
        let middle = begin + split(end - begin);
        if old <= middle {
            path.push(subtree(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(nodes, begin, middle)?);
            begin = middle;
        }
    }
    if begin != 0 {
        path.push(subtree(nodes, begin, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks that `leaf` (its hash) stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    proof: &[Hash],
    index: u64,
    size: u64,
    leaf: &Hash,
    root: &Hash,
) -> Result<(), NotProven> {
    if index >= size {
        return Err(NotProven);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(NotProven);
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A node at the right edge without a sibling on its own level goes up as it is.
            while node % 2 == 0 && node != 0 {
                (node, last) = (node / 2, last / 2);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node / 2, last / 2);
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(NotProven) }
}

/// Checks that the tree of `old` leaves is the beginning of the tree of `new` leaves.
pub fn verify_consistency(
    proof: &[Hash],
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), NotProven> {
    let holds = |held: bool| if held { Ok(()) } else { Err(NotProven) };
    if old > new {
        return Err(NotProven);
    }
    if old == new {
        return holds(proof.is_empty() && old_root == new_root);
    }
    if old == 0 {
        return holds(proof.is_empty() && *old_root == Hash::of_empty_tree());
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node % 2 == 1 {
        (node, last) = (node / 2, last / 2);
    }
    let mut path = proof.iter();
    // An old tree that is a complete subtree of the new one is itself where the proof begins.
    let first = if old.is_power_of_two() { *old_root } else { *path.next().ok_or(NotProven)? };
    let (mut of_old, mut of_new) = (first, first);
    for sibling in path {
        if last == 0 {
            return Err(NotProven);
        }
        if node % 2 == 1 || node == last {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            while node % 2 == 0 && node != 0 {
                (node, last) = (node / 2, last / 2);
            }
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        (node, last) = (node / 2, last / 2);
    }
    holds(last == 0 && of_old == *old_root && of_new == *new_root)
}

/// The largest power of two below `count`, which is 2 or more.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The root over the leaves from `begin` up to `end`, which the RFC's splitting arrives at.
fn subtree<N: Nodes>(nodes: &N, begin: u64, end: u64) -> Result<Hash, N::Error> {
    let parts = between(begin, end);
    let mut hashes = Vec::with_capacity(parts.len());
    for part in parts {
        hashes.push(nodes.node(part)?);
    }
    let root = hashes.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
    Ok(root.expect("a subtree has leaves"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;

    use super::*;
    use crate::tlog::{Frontier, leaf_hash};

    struct Stored(HashMap<Node, Hash>);

    impl Nodes for Stored {
        type Error = Infallible;
        fn node(&self, node: Node) -> Result<Hash, Infallible> {
            Ok(self.0[&node])
        }
    }

    fn trees(count: u64) -> (Stored, Vec<Hash>) {
        let (mut stored, mut tree) = (HashMap::new(), Frontier::default());
        let mut roots = vec![Hash::of_empty_tree()];
        for number in 0..count {
            tree.push_with(leaf_hash(&number.to_be_bytes()), |node, hash| {
                stored.insert(node, hash);
            });
            roots.push(tree.root().unwrap());
        }
        (Stored(stored), roots)
    }

    #[test]
    fn every_leaf_of_every_tree_is_proven_and_no_other() {
        let (nodes, roots) = trees(40);
        let other = leaf_hash(b"other");
        for size in 1..=40 {
            let at = usize::try_from(size).unwrap();
            assert_eq!(root(&nodes, size), Ok(roots[at]));
            for index in 0..size {
                let Ok(proof) = inclusion(&nodes, index, size);
                let leaf = leaf_hash(&index.to_be_bytes());
                let verify = |proof: &[Hash], index, size, leaf| {
                    verify_inclusion(proof, index, size, leaf, &roots[at])
                };
                assert_eq!(verify(&proof, index, size, &leaf), Ok(()), "{index} of {size}");
                assert_eq!(verify(&proof, index + 1, size, &leaf), Err(NotProven));
                assert_eq!(verify(&proof, index, size, &other), Err(NotProven));
                let longer: Vec<_> = proof.iter().copied().chain([leaf]).collect();
                assert_eq!(verify(&longer, index, size, &leaf), Err(NotProven));
                if let Some((_, shorter)) = proof.split_last() {
                    assert_eq!(verify(shorter, index, size, &leaf), Err(NotProven));
                }
            }
        }
    }

    #[test]
    fn every_beginning_of_every_tree_is_proven_and_no_other() {
        let (nodes, roots) = trees(40);
        for new in 0..=40_u64 {
            for old in 0..=new {
                let Ok(proof) = consistency(&nodes, old, new);
                let (of_old, of_new) =
                    (roots[usize::try_from(old).unwrap()], roots[usize::try_from(new).unwrap()]);
                assert_eq!(verify_consistency(&proof, old, new, &of_old, &of_new), Ok(()), "{old} in {new}");
                let other = leaf_hash(b"other");
                assert_eq!(verify_consistency(&proof, old, new, &other, &of_new), Err(NotProven));
                assert_eq!(
                    verify_consistency(&proof, old, new, &of_old, &other).is_ok(),
                    old == 0 && new > 0,
                    "{old} in {new}"
                );
                assert_eq!(verify_consistency(&proof, new + 1, new, &of_new, &of_new), Err(NotProven));
                let longer: Vec<_> = proof.iter().copied().chain([other]).collect();
                assert_eq!(verify_consistency(&longer, old, new, &of_old, &of_new), Err(NotProven));
            }
        }
    }
}
