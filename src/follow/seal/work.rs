//! The work of a seal: tiles first, then the checkpoint that vouches for them.

use std::path::PathBuf;
use std::sync::Arc;

use mfa_ledger_schemas::codec;

use super::SealError;
use crate::disk::Disk;
use crate::keyring::Keyring;
use crate::log::Entry;
use crate::tiles::TileStore;
use crate::tlog::tile::Tile;
use crate::tlog::{Checkpoint, Hash, Note, SignedCheckpoint, TileBuilder, leaf_hash};

/// The tree, and the tiles of it that are not written yet.
pub(super) struct Work {
    tree: TileBuilder,
    full: Vec<(Tile, Vec<Hash>)>,
    keyring: Arc<Keyring>,
    tiles: TileStore,
    checkpoint: PathBuf,
    disk: Disk,
}

impl Work {
    pub fn new(
        tree: TileBuilder,
        keyring: Arc<Keyring>,
        tiles: TileStore,
        checkpoint: PathBuf,
        disk: Disk,
    ) -> Self {
        Self { tree, full: Vec::new(), keyring, tiles, checkpoint, disk }
    }

    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Whether a checkpoint is of this very tree, and signed for now.
    pub fn is(&self, checkpoint: &Checkpoint) -> bool {
        *checkpoint == self.body()
    }

    pub fn is_ahead_of(&self, checkpoint: &Checkpoint) -> bool {
        self.tree.size() > checkpoint.size
    }

    /// The next record.
    pub fn take(&mut self, entry: &Entry) -> Result<(), SealError> {
        debug_assert_eq!(entry.position.0, self.tree.size() + 1, "records come in order");
        let halves = codec::halves(&entry.record).map_err(|_| SealError::NoLeaf(entry.position.0))?;
        let full = &mut self.full;
        self.tree.push(leaf_hash(halves.leaf.as_bytes()), |tile, hashes| full.push((tile, hashes.to_vec())));
        Ok(())
    }

    /// Writes the tiles, then signs and stores the checkpoint; after an error all of it is to be done again.
    pub fn seal(&mut self) -> Result<SignedCheckpoint, SealError> {
        let write = || {
            self.full.iter().try_for_each(|(tile, hashes)| self.tiles.write(*tile, hashes))?;
            self.tiles.write_edge(&self.tree)
        };
        write().map_err(SealError::Write)?;
        let checkpoint = self.body();
        let mut note = Note::unsigned(checkpoint.text()).expect("the text of a checkpoint is one of a note");
        note.sign(self.keyring.signing());
        self.disk.replace(&self.checkpoint, note.to_string().as_bytes()).map_err(SealError::Write)?;
        self.full.clear();
        Ok(SignedCheckpoint { checkpoint, note })
    }

    fn body(&self) -> Checkpoint {
        let (size, root) = (self.tree.size(), self.tree.root());
        Checkpoint { origin: self.keyring.origin().to_owned(), size, root }
    }
}
