//! A tree that grows leaf by leaf and gives its tiles as they become full.

use super::hash::Hash;
use super::tile::{Kind, TILE_HEIGHT, TILE_WIDTH as WIDTH, Tile, root_of};
use super::tree::{Frontier, Node};

/// The right edge of a tree: what its next tiles are made of. Memory grows with the logarithm of the
/// leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileBuilder {
    tree: Frontier,
    /// Of each level: how many tiles are full, and the hashes of the one that is not.
    edge: Vec<(u64, Vec<Hash>)>,
}

impl TileBuilder {
    /// A tree of `size` leaves from the tiles at its right edge; `None` when `tile` gives none for one of them.
    pub fn from_edge<E>(
        size: u64,
        mut tile: impl FnMut(Tile) -> Result<Option<Vec<Hash>>, E>,
    ) -> Result<Option<Self>, E> {
        let (mut edge, mut tree) = (Vec::new(), Frontier::default());
        for level in 0.. {
            let hashes = size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(0);
            if hashes == 0 {
                break;
            }
            let (index, width) = (hashes / u64::from(WIDTH), u16::try_from(hashes % u64::from(WIDTH)));
            let wanted = Tile { kind: Kind::Hashes(level), index, width: width.unwrap_or(0) };
            let found = if wanted.width == 0 { Some(Vec::new()) } else { tile(wanted)? };
            let Some(found) = found.filter(|it| it.len() == usize::from(wanted.width)) else {
                return Ok(None);
            };
            edge.push((index, found));
        }
        let mut level = u8::try_from(edge.len()).unwrap_or(u8::MAX);
        for (index, hashes) in edge.iter().rev() {
            level -= 1;
            for (hash, at) in hashes.iter().zip(index * u64::from(WIDTH)..) {
                tree.push_node(Node { level: level * TILE_HEIGHT, index: at }, *hash);
            }
        }
        Ok((tree.size() == size).then_some(Self { tree, edge }))
    }

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
    fn a_tree_goes_on_from_the_tiles_at_its_edge() {
        let mut tiles = HashMap::new();
        let (mut builder, mut sizes) =
            (TileBuilder::default(), vec![0, 1, 255, 256, 257, 65_535, 65_536, 66_000]);
        for number in 0..=66_000_u64 {
            let size = builder.size();
            if sizes.first() == Some(&size) {
                sizes.remove(0);
                let mut edge = tiles.clone();
                edge.extend(
                    builder.partial().map(|(tile, hashes)| ((tile.kind, tile.index), hashes.to_vec())),
                );
                let read = |tile: Tile| Ok::<_, ()>(edge.get(&(tile.kind, tile.index)).cloned());
                let again = TileBuilder::from_edge(size, read).unwrap().unwrap();
                assert_eq!(again.tree, builder.tree, "{size}");
                assert!(again.partial().eq(builder.partial()), "{size}");
                let lacking = TileBuilder::from_edge(size, |_| Ok::<_, ()>(None)).unwrap();
                assert_eq!(lacking.is_none(), builder.partial().next().is_some(), "{size}");
            }
            builder.push(leaf_hash(&number.to_be_bytes()), |tile, hashes| {
                tiles.insert((tile.kind, tile.index), hashes.to_vec());
            });
        }
        assert!(sizes.is_empty());
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
