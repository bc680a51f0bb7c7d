//! Holding the end of a log against what is remembered, without the records before it: the tiles tell the tree up
//! to there, and what was signed for tells whether they are right.

use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::{Checkpoint, Hash, TileBuilder, proof};

use super::holding::{Holding, Remembered};

/// The beginning of a log that was gone on from. It is still to be held against this.
#[derive(Clone, Debug)]
pub struct Rest {
    /// What is remembered of it, and the root that its tiles come to.
    pub remembered: Vec<Remembered>,
    /// The tiles.
    pub tiles: TileStore,
}

/// The tree of the first `size` records by the tiles, and what is remembered of a size below that, if all of it
/// follows from the newest of what is remembered, which is not below `size` itself.
pub(super) fn tree(
    size: u64,
    remembered: &[Remembered],
    tiles: &TileStore,
) -> Option<(TileBuilder, Vec<Remembered>)> {
    let newest = &remembered.iter().max_by_key(|it| it.checkpoint.size)?.checkpoint;
    if newest.size < size {
        return None;
    }
    let (builder, nodes) = (tiles.tree(size).ok()??, tiles.nodes(newest.size));
    let follows = |size, root: &Hash| {
        let proof = proof::consistency(&nodes, size, newest.size).ok()?;
        proof::verify_consistency(&proof, size, newest.size, root, &newest.root).ok()
    };
    follows(size, &builder.root())?;
    let before = remembered.iter().filter(|it| (1..size).contains(&it.checkpoint.size));
    let before: Vec<_> = before.cloned().collect();
    before.iter().try_for_each(|it| follows(it.checkpoint.size, &it.checkpoint.root))?;
    Some((builder, before))
}

impl Rest {
    /// To hold the records from the first on against it.
    pub fn holding(self) -> Holding {
        Holding::new(self.remembered, Some(self.tiles))
    }

    pub(super) fn new(
        before: Vec<Remembered>,
        tiles: TileStore,
        origin: &str,
        size: u64,
        root: Hash,
    ) -> Self {
        let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
        let mut remembered = before;
        remembered.push(Remembered { source: "the tiles".into(), checkpoint });
        Self { remembered, tiles }
    }
}
