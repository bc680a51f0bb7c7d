//! Tiles: the tree cut into pieces of 256 hashes, each under a path of its own (`c2sp.org/tlog-tiles`).

use std::fmt;
use std::str::FromStr;

use super::hash::{HASH_BYTES, Hash, node_hash};
use super::tree::Node;

/// Hashes in a full tile.
pub const TILE_WIDTH: u16 = 256;

const WIDTH: u64 = TILE_WIDTH as u64;

/// Levels of the tree that one tile spans.
pub const TILE_HEIGHT: u8 = 8;

/// Bytes of a full tile.
pub const TILE_BYTES: usize = 256 * HASH_BYTES;

/// The highest level that a tile can have: more would not fit into the number of leaves.
const MAX_LEVEL: u8 = 7;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Hashes of a level, counted in tiles: level 0 is the hashes of the leaves.
    Hashes(u8),
    /// The leaves themselves, each with its length before it: an entry bundle.
    Entries,
}

/// The place of a tile, and how much of it there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// What it holds.
    pub kind: Kind,
    /// How many of its kind are left of it.
    pub index: u64,
    /// What it is wide, 1 to 256; less than 256 only at the right edge of a tree.
    pub width: u16,
}

/// A path that is not one of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the path of a tile")]
pub struct NotATile;

impl Tile {
    /// Whether it has all of its 256 hashes.
    pub fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The place of a tile in a tree of `size` leaves, as wide as it is there; `None` where it is empty.
    pub fn in_tree(kind: Kind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            Kind::Hashes(level) => level,
            Kind::Entries => 0,
        };
        let hashes = size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(0);
        let width = hashes.saturating_sub(index.checked_mul(WIDTH)?).min(WIDTH);
        (width > 0).then(|| Self { kind, index, width: u16::try_from(width).unwrap_or(TILE_WIDTH) })
    }

    /// The tile whose hashes a complete subtree follows from, and the range of its hashes that are the
    /// subtree's.
    pub fn holding(node: Node) -> (u8, u64, std::ops::Range<usize>) {
        let level = node.level / TILE_HEIGHT;
        let above = node.level % TILE_HEIGHT;
        let first = node.index << above;
        let from = usize::try_from(first % WIDTH).unwrap_or(0);
        (level, first / WIDTH, from..from + (1 << above))
    }
}

/// The root over `2^n` hashes of a tile.
pub fn root_of(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two(), "a complete subtree");
    if let [one] = hashes {
        return *one;
    }
    let (left, right) = hashes.split_at(hashes.len() / 2);
    node_hash(&root_of(left), &root_of(right))
}

/// The hashes in the bytes of a tile; `None` when they are not a whole number, or none, or too many.
pub fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    let fits = rest.is_empty() && !bytes.is_empty() && bytes.len() <= TILE_BYTES;
    fits.then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// One entry bundle: every leaf with its length, 16 bits, before it.
pub fn bundle<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for leaf in leaves {
        let length =
            u16::try_from(leaf.len()).expect("a leaf is part of a record, which is far below 64 KiB");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(leaf);
    }
    bytes
}

/// The leaves of an entry bundle; `None` when its lengths do not add up.
pub fn unbundle(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut leaves = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(leaf);
        bytes = rest;
    }
    bytes.is_empty().then_some(leaves)
}

impl fmt::Display for Tile {
    /// The path, from `tile/` on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Hashes(level) => write!(f, "tile/{level}/")?,
            Kind::Entries => write!(f, "tile/entries/")?,
        }
        let mut parts = vec![format!("{:03}", self.index % 1_000)];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            parts.push(format!("x{:03}", rest % 1_000));
            rest /= 1_000;
        }
        parts.reverse();
        write!(f, "{}", parts.join("/"))?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = NotATile;

    /// Reads a path; only the one way in which a tile's path is written is read.
    fn from_str(path: &str) -> Result<Self, NotATile> {
        let rest = path.strip_prefix("tile/").ok_or(NotATile)?;
        let (kind, rest) = rest.split_once('/').ok_or(NotATile)?;
        let kind = match kind {
            "entries" => Kind::Entries,
            level => Kind::Hashes(level.parse().ok().filter(|level| *level <= MAX_LEVEL).ok_or(NotATile)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| NotATile)?),
            None => (rest, 256),
        };
        let index = number.split('/').try_fold(0_u64, |index, part| {
            let digits: u64 = part.strip_prefix('x').unwrap_or(part).parse().ok()?;
            index.checked_mul(1_000)?.checked_add(digits)
        });
        let tile = Self { kind, index: index.ok_or(NotATile)?, width };
        // Written anew it must be the same text: no sign, no superfluous zero, no full tile called partial.
        if (1..=256).contains(&width) && tile.to_string() == path { Ok(tile) } else { Err(NotATile) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let full = |kind, index| Tile { kind, index, width: 256 };
        let cases = [
            (full(Kind::Hashes(0), 1_234_067), "tile/0/x001/x234/067"),
            (full(Kind::Entries, 0), "tile/entries/000"),
            (Tile { width: 112, ..full(Kind::Hashes(0), 273) }, "tile/0/273.p/112"),
            (Tile { width: 1, ..full(Kind::Hashes(2), 0) }, "tile/2/000.p/1"),
            (full(Kind::Hashes(7), 1_000), "tile/7/x001/000"),
        ];
        for (tile, path) in cases {
            assert_eq!(tile.to_string(), path);
            assert_eq!(path.parse(), Ok(tile));
        }
    }

    #[test]
    fn other_paths_are_refused() {
        for path in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/8/000",
            "tile/00/000",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/0/000.p/",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/007",
            "tile/0/000.p/-1",
            "tile/0/+00",
            "tile/data/000",
            "tile/0/../1",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "/tile/0/000",
            "tile/0/000/",
        ] {
            assert_eq!(path.parse::<Tile>(), Err(NotATile), "{path}");
        }
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_that_the_specification_counts() {
        let width = |level, index| Tile::in_tree(Kind::Hashes(level), index, 70_000).map(|tile| tile.width);
        assert_eq!((width(0, 272), width(0, 273), width(0, 274)), (Some(256), Some(112), None));
        assert_eq!((width(1, 0), width(1, 1), width(1, 2)), (Some(256), Some(17), None));
        assert_eq!((width(2, 0), width(3, 0)), (Some(1), None));
        assert_eq!(Tile::in_tree(Kind::Hashes(0), u64::MAX, 5), None);
        assert_eq!(Tile::in_tree(Kind::Hashes(7), 0, 1 << 56).map(|tile| tile.width), Some(1));
    }

    #[test]
    fn a_bundle_is_read_back_and_nothing_else_is() {
        let leaves = [&b"a"[..], b"", b"bc"];
        let bytes = bundle(leaves);
        assert_eq!(unbundle(&bytes).as_deref(), Some(&leaves[..]));
        assert_eq!(unbundle(&[]).as_deref(), Some(&[][..]));
        for cut in [1, 2, 4, bytes.len() - 1] {
            assert_eq!(unbundle(&bytes[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn a_subtree_is_found_in_its_tile() {
        assert_eq!(Tile::holding(Node { level: 0, index: 300 }), (0, 1, 44..45));
        assert_eq!(Tile::holding(Node { level: 3, index: 33 }), (0, 1, 8..16));
        assert_eq!(Tile::holding(Node { level: 8, index: 5 }), (1, 0, 5..6));
        assert_eq!(Tile::holding(Node { level: 15, index: 1 }), (1, 0, 128..256));
    }
}
