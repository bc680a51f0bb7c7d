//! The hashes of the log's records as a server gives them out: they tell which message is another one, once they turn
//! out to be those that were signed for.

use super::ended::Ended;
use crate::cli::log::site::{Leaves, Site};
use crate::cli::{Exit, Failed};
use crate::tlog::tile::{Kind as TileKind, TILE_WIDTH, Tile};
use crate::tlog::{Checkpoint, Frontier, Hash};

/// The tiles of a server up to a checkpoint of its own.
pub(super) struct Tiles {
    site: Site,
    checkpoint: Checkpoint,
    tree: Frontier,
    /// Of the tile that the next message is in.
    leaves: std::vec::IntoIter<Hash>,
    differs: Option<u64>,
}

impl Tiles {
    /// `checkpoint` is the server's, signed by a key that is known.
    pub fn new(site: Site, checkpoint: Checkpoint) -> Self {
        let leaves = Vec::new().into_iter();
        Self { site, checkpoint, tree: Frontier::default(), leaves, differs: None }
    }

    /// Compares the next message, by its hash.
    pub async fn see(&mut self, hash: Hash) -> Result<(), Ended> {
        if let Some(theirs) = self.next().await?
            && theirs != hash
        {
            self.differs.get_or_insert(self.tree.size());
        }
        Ok(())
    }

    /// The hash of the next record; `None` behind the checkpoint.
    async fn next(&mut self) -> Result<Option<Hash>, Ended> {
        let index = self.tree.size();
        if index >= self.checkpoint.size {
            return Ok(None);
        }
        let theirs = match self.leaves.next() {
            Some(theirs) => theirs,
            None => self.fetch(index / u64::from(TILE_WIDTH)).await?,
        };
        self.tree.push(theirs);
        Ok(Some(theirs))
    }

    async fn fetch(&mut self, index: u64) -> Result<Hash, Ended> {
        let wrong =
            |why: &str| Failed::with(Exit::Remote, format!("the tiles of the server cannot be used: {why}"));
        let tile = Tile::in_tree(TileKind::Hashes(0), index, self.checkpoint.size);
        let tile = tile.ok_or_else(|| wrong("there is no such tile"))?;
        let leaves = match self.site.leaves(tile, false).await? {
            Leaves::Examined(leaves) => leaves,
            Leaves::Wrong(tampered) => return Err(wrong(&tampered.to_string()).into()),
        };
        self.leaves = leaves.into_iter().map(|leaf| leaf.hash).collect::<Vec<_>>().into_iter();
        Ok(self.leaves.next().ok_or_else(|| wrong("a tile is empty"))?)
    }

    /// The first message that is another than the record, if the tiles are those that were signed for.
    pub async fn first_difference(mut self) -> Result<Option<u64>, Ended> {
        if self.differs.is_some() {
            while self.next().await?.is_some() {}
        }
        Ok(self.differs.filter(|_| self.tree.root() == Some(self.checkpoint.root)))
    }
}
