//! A tree that only grows at its right edge, kept as the roots of its complete subtrees: memory grows
//! with the logarithm of the leaves.

use super::hash::{Hash, node_hash};

/// A complete subtree: `2^level` leaves, the `index`-th of its level from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Its height over the leaves.
    pub level: u8,
    /// How many of its level are left of it.
    pub index: u64,
}

impl Node {
    /// The index of its first leaf.
    pub fn first(self) -> u64 {
        self.index << self.level
    }
}

/// The leaves from `start` to `end`, as complete subtrees from left to right. A whole tree is the
/// range from 0; a part of one is what an export proves itself with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    start: u64,
    end: u64,
    roots: Vec<(Node, Hash)>,
}

impl Default for Frontier {
    fn default() -> Self {
        Self::from(0)
    }
}

impl Frontier {
    /// No leaves yet, the first to come being `start` (counted from 0).
    pub fn from(start: u64) -> Self {
        Self { start, end: start, roots: Vec::new() }
    }

    /// The leaves left of `size` by the roots of their subtrees (see [`left_of`]); `None` when the
    /// number of roots is not the one that this size has.
    pub fn from_roots(size: u64, roots: &[Hash]) -> Option<Self> {
        let nodes = left_of(size);
        let roots = (nodes.len() == roots.len()).then(|| nodes.into_iter().zip(roots.iter().copied()))?;
        Some(Self { start: 0, end: size, roots: roots.collect() })
    }

    /// The index of the leaf that comes next; for a whole tree, its size.
    pub fn size(&self) -> u64 {
        self.end
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_, _| {});
    }

    /// Adds a leaf, and tells of every subtree that this completes, itself included, from the leaf up.
    pub fn push_with(&mut self, leaf: Hash, mut complete: impl FnMut(Node, Hash)) {
        let node = Node { level: 0, index: self.end };
        self.end += 1;
        self.add(node, leaf, &mut complete);
    }

    /// Adds a complete subtree; `false` when it is not the one that is due at the right edge.
    pub fn push_node(&mut self, node: Node, hash: Hash) -> bool {
        let due = node.first() == self.end && node.level < 64;
        if due && let Some(end) = self.end.checked_add(1 << node.level) {
            self.end = end;
            self.add(node, hash, &mut |_, _| {});
            return true;
        }
        false
    }

    fn add(&mut self, mut node: Node, mut hash: Hash, complete: &mut impl FnMut(Node, Hash)) {
        complete(node, hash);
        while node.index % 2 == 1
            && let Some((left, left_hash)) = self.roots.last()
            && *left == (Node { level: node.level, index: node.index - 1 })
        {
            hash = node_hash(left_hash, &hash);
            node = Node { level: node.level + 1, index: node.index / 2 };
            self.roots.pop();
            complete(node, hash);
        }
        self.roots.push((node, hash));
    }

    /// The complete subtrees, from left to right.
    pub fn roots(&self) -> &[(Node, Hash)] {
        &self.roots
    }

    /// The hash over all of it; `None` for a part that does not begin at the first leaf.
    pub fn root(&self) -> Option<Hash> {
        if self.start != 0 {
            return None;
        }
        let from_the_right = self.roots.iter().rev().map(|(_, hash)| *hash);
        Some(
            from_the_right.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(Hash::of_empty_tree),
        )
    }
}

/// The complete subtrees that the first `size` leaves are made of, from left to right.
pub fn left_of(size: u64) -> Vec<Node> {
    let levels = (0..64).rev().filter(|level| size >> level & 1 == 1);
    levels.map(|level| Node { level, index: (size >> level) - 1 }).collect()
}

/// The complete subtrees that the leaves from `begin` up to `end` are made of, from left to right:
/// the largest that fit, as a tree of `end` leaves has them.
pub fn between(begin: u64, end: u64) -> Vec<Node> {
    let (mut at, mut nodes) = (begin, Vec::new());
    while at < end {
        let fits = |level: u32| {
            at.trailing_zeros() >= level && at.checked_add(1 << level).is_some_and(|to| to <= end)
        };
        let level = (0..64).rev().find(|level| fits(*level)).unwrap_or(0);
        nodes.push(Node { level: u8::try_from(level).unwrap_or(0), index: at >> level });
        at += 1 << level;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::hash::leaf_hash;

    /// The definition of RFC 6962, word for word.
    fn by_the_book(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => Hash::of_empty_tree(),
            1 => leaves[0],
            n => {
                let split = n.next_power_of_two() / 2;
                node_hash(&by_the_book(&leaves[..split]), &by_the_book(&leaves[split..]))
            }
        }
    }

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    #[test]
    fn roots_are_those_of_the_definition() {
        let leaves = leaves(300);
        let mut tree = Frontier::default();
        assert_eq!(tree.root(), Some(Hash::of_empty_tree()));
        for (count, leaf) in leaves.iter().enumerate() {
            tree.push(*leaf);
            assert_eq!(tree.root(), Some(by_the_book(&leaves[..=count])), "{} leaves", count + 1);
            let nodes: Vec<_> = tree.roots().iter().map(|(node, _)| *node).collect();
            assert_eq!(nodes, left_of(tree.size()));
        }
    }

    #[test]
    fn a_part_between_what_lies_left_and_right_of_it_gives_the_root() {
        let leaves = leaves(77);
        let hash_of = |node: Node| {
            let first = usize::try_from(node.first()).unwrap();
            by_the_book(&leaves[first..first + (1 << node.level)])
        };
        for begin in 0..=77 {
            for end in begin..=77 {
                let left: Vec<_> = left_of(begin).into_iter().map(hash_of).collect();
                let mut tree = Frontier::from_roots(begin, &left).unwrap();
                leaves[usize::try_from(begin).unwrap()..usize::try_from(end).unwrap()]
                    .iter()
                    .for_each(|leaf| tree.push(*leaf));
                for node in between(end, 77) {
                    assert!(tree.push_node(node, hash_of(node)));
                }
                assert_eq!(tree.root(), Some(by_the_book(&leaves)), "{begin} to {end}");
            }
        }
    }

    #[test]
    fn a_subtree_that_is_not_due_is_refused() {
        let mut tree = Frontier::default();
        tree.push(leaf_hash(b"a"));
        let hash = leaf_hash(b"b");
        assert!(!tree.push_node(Node { level: 0, index: 2 }, hash));
        assert!(!tree.push_node(Node { level: 1, index: 0 }, hash));
        assert!(tree.push_node(Node { level: 0, index: 1 }, hash));
        assert_eq!(Frontier::from_roots(3, &[hash]), None);
        assert_eq!(Frontier::from(1).root(), None);
    }
}
