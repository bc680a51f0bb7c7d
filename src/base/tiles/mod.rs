//! The hashes of the log's tree as files, in the paths of `c2sp.org/tlog-tiles`: `tile/<level>/<number>`
//! under the data directory. They follow from the log, so they are not synced: a start holds them against
//! it and makes them anew where they do not fit.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::disk::Disk;
use crate::tlog::hash::HASH_BYTES;
use crate::tlog::proof::Nodes;
use crate::tlog::tile::{self, Kind, Tile};
use crate::tlog::tree::Node;
use crate::tlog::{Hash, TileBuilder};

/// The file beside them, in a data directory and wherever else a log is kept, with the signed checkpoint that
/// vouches for them.
pub const CHECKPOINT: &str = "checkpoint";

/// Tiles that are kept in memory while proofs are made.
const CACHED: usize = 256;

/// Attempts at a tile at the edge, which may be replaced by a wider one just now.
const READ_TRIES: usize = 4;

/// The tiles of a data directory.
#[derive(Clone, Debug)]
pub struct TileStore {
    /// What contains `tile/`.
    dir: PathBuf,
    disk: Disk,
}

/// A hash that a proof needs cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// The file is not there, or is shorter than the tree is wide there.
    #[error("{0} is not there")]
    Missing(Tile),
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    Io(Tile, #[source] io::Error),
}

impl TileStore {
    /// Those of a data directory.
    pub fn new(data_dir: &Path, disk: Disk) -> Self {
        Self { dir: data_dir.into(), disk }
    }

    /// The hashes of a tile, from the file of it or of a wider one; `None` when there is none.
    pub fn read(&self, wanted: Tile) -> io::Result<Option<Vec<Hash>>> {
        for _ in 1..READ_TRIES {
            if let Some(hashes) = self.read_once(wanted)? {
                return Ok(Some(hashes));
            }
        }
        self.read_once(wanted)
    }

    fn read_once(&self, wanted: Tile) -> io::Result<Option<Vec<Hash>>> {
        let full = Tile { width: 256, ..wanted };
        let mut found = self.read_file(full)?;
        if found.is_none() {
            found = match self.widths(full)?.into_iter().filter(|width| *width >= wanted.width).min() {
                Some(width) => self.read_file(Tile { width, ..wanted })?,
                None => None,
            };
        }
        let width = usize::from(wanted.width);
        Ok(found.filter(|hashes| hashes.len() >= width).map(|mut hashes| {
            hashes.truncate(width);
            hashes
        }))
    }

    fn read_file(&self, tile: Tile) -> io::Result<Option<Vec<Hash>>> {
        match std::fs::read(self.path(tile)) {
            Ok(bytes) => Ok(tile::hashes(&bytes).filter(|hashes| hashes.len() == usize::from(tile.width))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a tile, in the place of narrower ones. Readers see it whole or not at all.
    pub fn write(&self, tile: Tile, hashes: &[Hash]) -> io::Result<()> {
        debug_assert_eq!(hashes.len(), usize::from(tile.width), "a tile is as wide as it says");
        let path = self.path(tile);
        let dir = path.parent().unwrap_or(&self.dir);
        self.disk.create_dir_all(dir)?;
        let narrower = self.widths(tile)?;
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
        debug_assert_eq!(bytes.len(), hashes.len() * HASH_BYTES);
        let mut temporary = path.clone().into_os_string();
        temporary.push(".new");
        let temporary = Path::new(&temporary);
        if temporary.exists() {
            self.disk.remove(temporary)?;
        }
        self.disk.create_new(temporary)?.write_all_at(&bytes, 0)?;
        self.disk.rename(temporary, &path)?;
        for width in narrower.into_iter().filter(|width| *width != tile.width) {
            self.disk.remove(&self.path(Tile { width, ..tile }))?;
        }
        if tile.is_full() { self.remove_dir(&self.partial_dir(tile)) } else { Ok(()) }
    }

    /// Removes all of them.
    pub fn clear(&self) -> io::Result<()> {
        self.remove_dir(&self.dir.join("tile"))
    }

    /// Writes the tiles at the right edge of a tree.
    pub fn write_edge(&self, builder: &TileBuilder) -> io::Result<()> {
        builder.partial().try_for_each(|(tile, hashes)| self.write(tile, hashes))
    }

    /// The tree of the first `size` leaves, to go on with; `None` when one of the tiles at its edge is not there.
    pub fn tree(&self, size: u64) -> io::Result<Option<TileBuilder>> {
        TileBuilder::from_edge(size, |tile| self.read(tile))
    }

    /// The hashes of the tree of `size` leaves, for making proofs.
    pub fn nodes(&self, size: u64) -> StoredNodes<'_> {
        StoredNodes { store: self, size, cache: Mutex::default() }
    }

    /// The widths that a tile has files of, but for the full one.
    fn widths(&self, tile: Tile) -> io::Result<Vec<u16>> {
        let files = match std::fs::read_dir(self.partial_dir(tile)) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = files.map(|file| Ok(file?.file_name())).collect::<io::Result<Vec<_>>>()?;
        Ok(names.iter().filter_map(|name| name.to_str()?.parse().ok()).collect())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        if dir.exists() { self.disk.remove_dir_all(dir) } else { Ok(()) }
    }

    fn partial_dir(&self, tile: Tile) -> PathBuf {
        let mut path = self.path(Tile { width: 256, ..tile }).into_os_string();
        path.push(".p");
        path.into()
    }

    fn path(&self, tile: Tile) -> PathBuf {
        self.dir.join(tile.to_string())
    }
}

/// The hashes of a tree of one size.
pub struct StoredNodes<'s> {
    store: &'s TileStore,
    size: u64,
    cache: Mutex<HashMap<(u8, u64), Vec<Hash>>>,
}

impl Nodes for StoredNodes<'_> {
    type Error = TileError;

    fn node(&self, node: Node) -> Result<Hash, TileError> {
        let (level, index, range) = Tile::holding(node);
        let kind = Kind::Hashes(level);
        let tile = Tile::in_tree(kind, index, self.size);
        let tile = tile.ok_or(TileError::Missing(Tile { kind, index, width: 256 }))?;
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED {
            cache.clear();
        }
        let hashes = match cache.entry((level, index)) {
            std::collections::hash_map::Entry::Occupied(kept) => kept.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let read = self.store.read(tile).map_err(|error| TileError::Io(tile, error))?;
                place.insert(read.ok_or(TileError::Missing(tile))?)
            }
        };
        hashes.get(range).map(tile::root_of).ok_or(TileError::Missing(tile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::{leaf_hash, proof};

    fn files(dir: &Path) -> Vec<String> {
        let mut files = Vec::new();
        let mut dirs = vec![dir.join("tile")];
        while let Some(next) = dirs.pop() {
            for file in std::fs::read_dir(next).unwrap() {
                let path = file.unwrap().path();
                let found = path.strip_prefix(dir).unwrap().display().to_string();
                if path.is_dir() { dirs.push(path) } else { files.push(found) }
            }
        }
        files.sort();
        files
    }

    #[test]
    fn a_growing_tree_leaves_its_full_tiles_and_the_newest_of_its_edge() {
        let dir = tempfile::tempdir().unwrap();
        let store = TileStore::new(dir.path(), Disk::real());
        let mut builder = TileBuilder::default();
        for number in 0..600_u64 {
            builder.push(leaf_hash(&number.to_be_bytes()), |tile, hashes| store.write(tile, hashes).unwrap());
            if number % 7 == 0 {
                store.write_edge(&builder).unwrap();
            }
        }
        store.write_edge(&builder).unwrap();
        assert_eq!(files(dir.path()), ["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"]);
        for size in [1, 256, 300, 512, 600] {
            let nodes = store.nodes(size);
            let (root, path) =
                (proof::root(&nodes, size).unwrap(), proof::inclusion(&nodes, 0, size).unwrap());
            let leaf = leaf_hash(&0_u64.to_be_bytes());
            assert_eq!(proof::verify_inclusion(&path, 0, size, &leaf, &root), Ok(()), "{size}");
        }
        assert_eq!(proof::root(&store.nodes(600), 600).unwrap(), builder.root());
        let missing = proof::root(&store.nodes(601), 601);
        assert!(matches!(missing, Err(TileError::Missing(_))), "{missing:?}");
        store.clear().unwrap();
        assert!(matches!(proof::root(&store.nodes(600), 600), Err(TileError::Missing(_))));
    }
}
