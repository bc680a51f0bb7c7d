//! Proofs from the tiles; each is checked before it is given out.

use std::time::Duration;

use mfa_ledger_base::tiles::TileError;
use mfa_ledger_base::tlog::proof::{self, NotProven};
use mfa_ledger_base::tlog::receipt::Receipt;
use mfa_ledger_base::tlog::tile::Tile;
use mfa_ledger_base::tlog::{Hash, leaf_hash};

use super::{Sealed, Sealer};

/// How long a proof waits for the checkpoint that covers its record.
const WAIT: Duration = Duration::from_secs(4);

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// No checkpoint covers it: it is not there, or checkpoints cannot be made at the moment.
    #[error("no checkpoint covers {0}")]
    NotSealed(u64),
    /// The sizes are not those of two trees of which one begins the other.
    #[error("a tree of {from} cannot be the beginning of one of {to}")]
    NoSuchTrees {
        /// The size of the older tree.
        from: u64,
        /// The size of the newer one.
        to: u64,
    },
    /// A tile that is needed cannot be had.
    #[error("the tiles do not give the proof")]
    Tile(#[from] TileError),
    /// The tiles are not those of the log; the next start makes them anew.
    #[error("the tiles are not those of the log")]
    Wrong(#[from] NotProven),
}

/// That a tree is the beginning of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    /// The hashes of the proof, as RFC 6962 orders them.
    pub path: Vec<Hash>,
    /// The root of the older tree.
    pub from_root: Hash,
    /// The root of the newer tree.
    pub to_root: Hash,
}

impl Sealer {
    /// That a leaf stands at a position (counted from 1), under the newest checkpoint; waits for one that
    /// covers it.
    pub async fn receipt(&self, position: u64, leaf: &[u8]) -> Result<Receipt, ProofError> {
        let sealed = self.covering(position).await?;
        let (index, size) = (position.saturating_sub(1), sealed.signed.checkpoint.size);
        let path = proof::inclusion(&self.tiles.nodes(size), index, size)?;
        proof::verify_inclusion(&path, index, size, &leaf_hash(leaf), &sealed.signed.checkpoint.root)?;
        Ok(Receipt { index, path, checkpoint: sealed.signed.clone() })
    }

    /// That the tree of the first `from` leaves is the beginning of the tree of the first `to`.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<Consistency, ProofError> {
        if from > to {
            return Err(ProofError::NoSuchTrees { from, to });
        }
        let sealed = self.covering(to).await?;
        let nodes = self.tiles.nodes(sealed.signed.checkpoint.size);
        let (from_root, to_root) = (proof::root(&nodes, from)?, proof::root(&nodes, to)?);
        let path = proof::consistency(&nodes, from, to)?;
        proof::verify_consistency(&path, from, to, &from_root, &to_root)?;
        Ok(Consistency { path, from_root, to_root })
    }

    /// The hashes of a tile; `None` where the sealed tree has none of that width.
    pub fn tile(&self, tile: Tile) -> Result<Option<Vec<Hash>>, TileError> {
        let size = self.newest().signed.checkpoint.size;
        match Tile::in_tree(tile.kind, tile.index, size) {
            Some(there) if there.width >= tile.width => {
                self.tiles.read(tile).map_err(|error| TileError::Io(tile, error))
            }
            _ => Ok(None),
        }
    }

    async fn covering(&self, size: u64) -> Result<std::sync::Arc<Sealed>, ProofError> {
        let mut sealed = self.sealed.subscribe();
        let covers = sealed.wait_for(|sealed| sealed.signed.checkpoint.size >= size);
        match tokio::time::timeout(WAIT, covers).await {
            Ok(Ok(sealed)) => Ok(std::sync::Arc::clone(&sealed)),
            _ => Err(ProofError::NotSealed(size)),
        }
    }
}
