//! The work of a seal: tiles first, then the checkpoint that vouches for them.

use std::path::PathBuf;
use std::sync::Arc;

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::keyring::Keyring;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::{Checkpoint, Note, SignedCheckpoint, TileBuilder, leaf_hash};
use mfa_ledger_log::Entry;
use mfa_ledger_schemas::codec;

use super::{SealError, Unwritten};

/// The tree, and the tiles of it that are not written yet.
pub(super) struct Work {
    tree: TileBuilder,
    full: Unwritten,
    /// Whether the tiles at the edge are those of this very tree, as far as is known.
    edge_written: bool,
    keyring: Arc<Keyring>,
    tiles: TileStore,
    checkpoint: PathBuf,
    disk: Disk,
}

impl Work {
    pub fn new(
        tree: TileBuilder,
        full: Unwritten,
        keyring: Arc<Keyring>,
        tiles: TileStore,
        checkpoint: PathBuf,
        disk: Disk,
    ) -> Self {
        Self { tree, full, edge_written: false, keyring, tiles, checkpoint, disk }
    }

    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Whether there is something to write after this checkpoint, which is of this log.
    pub fn is_due(&self, newest: &Checkpoint) -> bool {
        !self.edge_written || !self.is_of(newest)
    }

    /// Whether a checkpoint of this log is of the whole tree, and of the origin that is signed for now.
    fn is_of(&self, checkpoint: &Checkpoint) -> bool {
        (checkpoint.size, checkpoint.origin.as_str()) == (self.tree.size(), self.keyring.origin())
    }

    /// The next record.
    pub fn take(&mut self, entry: &Entry) -> Result<(), SealError> {
        debug_assert_eq!(entry.position.0, self.tree.size() + 1, "records come in order");
        let halves = codec::halves(&entry.record).map_err(|_| SealError::NoLeaf(entry.position.0))?;
        self.edge_written = false;
        let full = &mut self.full;
        self.tree.push(leaf_hash(halves.leaf.as_bytes()), |tile, hashes| full.push((tile, hashes.to_vec())));
        Ok(())
    }

    /// Writes the tiles, then signs and stores the checkpoint, if `newest` is not of this tree and signed with
    /// the key that signs now. After an error all of it is to be done again.
    pub fn seal(&mut self, newest: &SignedCheckpoint) -> Result<SignedCheckpoint, SealError> {
        let write = || {
            self.full.iter().try_for_each(|(tile, hashes)| self.tiles.write(*tile, hashes))?;
            self.tiles.write_edge(&self.tree)
        };
        write().map_err(SealError::Write)?;
        self.full.clear();
        self.edge_written = true;
        let (key, checkpoint) = (self.keyring.signing(), self.body());
        let mut note = if newest.checkpoint == checkpoint {
            // Signed by another key after a rotation that was interrupted: the old key vouches for the new one.
            newest.note.clone()
        } else {
            Note::unsigned(checkpoint.text()).expect("the text of a checkpoint is one of a note")
        };
        let ours = (key.verifier().name(), key.verifier().id());
        if note.signatures().iter().any(|it| (it.name.as_str(), it.id) == ours) {
            return Ok(newest.clone());
        }
        note.sign(key);
        self.disk.replace(&self.checkpoint, note.to_string().as_bytes()).map_err(SealError::Write)?;
        Ok(SignedCheckpoint { checkpoint, note })
    }

    fn body(&self) -> Checkpoint {
        let (size, root) = (self.tree.size(), self.tree.root());
        Checkpoint { origin: self.keyring.origin().to_owned(), size, root }
    }
}
