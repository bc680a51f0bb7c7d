//! A tree that grows leaf by leaf and gives its tiles as they become full.

use super::hash::Hash;
use super::tile::{Kind, TILE_WIDTH as WIDTH, Tile, root_of};
use super::tree::Frontier;

/// The right edge of a tree: what its next tiles are made of. Memory grows with the logarithm of the
/// leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileBuilder {
    tree: Frontier,
    /// Of each level: how many tiles are full, and the hashes of the one that is not.
    edge: Vec<(u64, Vec<Hash>)>,
}

impl TileBuilder {
    /// Adds a leaf. Every tile that this makes full is shown, the lowest first.
    pub fn push(&mut self, leaf: Hash, mut full: impl FnMut(Tile, &[Hash])) {
        self.tree.push(leaf);
        let mut hash = leaf;
        for level in 0.. {
            if self.edge.len() == usize::from(level) {
                self.edge.push((0, Vec::with_capacity(usize::from(WIDTH))));
            }
            let (index, hashes) = &mut self.edge[usize::from(level)];
            hashes.push(hash);
            if hashes.len() < usize::from(WIDTH) {
                return;
            }
            full(Tile { kind: Kind::Hashes(level), index: *index, width: WIDTH }, hashes);
            hash = root_of(hashes);
            hashes.clear();
            *index += 1;
        }
    }

    /// The tiles at the right edge that have some hashes, but not all.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        self.edge.iter().zip(0..).filter_map(|((index, hashes), level)| {
            let width = u16::try_from(hashes.len()).unwrap_or(0);
            let tile = Tile { kind: Kind::Hashes(level), index: *index, width };
            (width > 0).then_some((tile, hashes.as_slice()))
        })
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root over all of them.
    pub fn root(&self) -> Hash {
        self.tree.root().expect("a tree that begins at its first leaf has a root")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::tlog::leaf_hash;
    use crate::tlog::proof::{self, Nodes};
    use crate::tlog::tree::Node;

    struct Tiles(HashMap<(u8, u64), Vec<Hash>>);

    impl Nodes for Tiles {
        type Error = ();
        fn node(&self, node: Node) -> Result<Hash, ()> {
            let (level, index, range) = Tile::holding(node);
            let hashes = self.0.get(&(level, index)).and_then(|tile| tile.get(range)).ok_or(())?;
            Ok(root_of(hashes))
        }
    }

    #[test]
    fn the_tiles_of_a_tree_hold_all_that_its_proofs_need() {
        let (mut builder, mut tiles) = (TileBuilder::default(), Tiles(HashMap::new()));
        let keep = |tiles: &mut Tiles, tile: Tile, hashes: &[Hash]| {
            let Kind::Hashes(level) = tile.kind else { panic!("no entries here") };
            tiles.0.insert((level, tile.index), hashes.to_vec());
        };
        let size = 70_000_u64;
        for number in 0..size {
            builder.push(leaf_hash(&number.to_be_bytes()), |tile, hashes| keep(&mut tiles, tile, hashes));
        }
        for (tile, hashes) in builder.partial() {
            assert_eq!(Tile::in_tree(tile.kind, tile.index, size), Some(tile));
            keep(&mut tiles, tile, hashes);
        }
        assert_eq!(tiles.0.len(), 273 + 1 + 1 + 1 + 1);
        assert_eq!(proof::root(&tiles, size), Ok(builder.root()));
        for index in [0, 1, 255, 256, 65_535, 65_536, size - 1] {
            let path = proof::inclusion(&tiles, index, size).unwrap();
            let leaf = leaf_hash(&index.to_be_bytes());
            assert_eq!(proof::verify_inclusion(&path, index, size, &leaf, &builder.root()), Ok(()));
        }
        for old in [1, 255, 256, 257, 65_536, size] {
            let path = proof::consistency(&tiles, old, size).unwrap();
            let root = proof::root(&tiles, old).unwrap();
            assert_eq!(proof::verify_consistency(&path, old, size, &root, &builder.root()), Ok(()));
        }
    }
}
