//! Whether our log goes on from what somebody remembers of it.

use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::Checkpoint;
use mfa_ledger_base::tlog::proof::{self, verify_consistency};

use super::AnchorError;

/// What a remembered checkpoint is to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kin {
    /// The same tree.
    Same,
    /// Its beginning.
    Older,
}

/// Holds `theirs` against `ours`. Anything but the same tree or a beginning of it is a conflict.
pub fn compare(theirs: &Checkpoint, ours: &Checkpoint, tiles: &TileStore) -> Result<Kin, AnchorError> {
    if theirs.origin != ours.origin {
        return Err(AnchorError::Conflict(format!("it remembers another log, {}", theirs.origin)));
    }
    if theirs.size > ours.size {
        let (theirs, ours) = (theirs.size, ours.size);
        let why = format!("it remembers {theirs} records, and there are {ours}: the log was rolled back");
        return Err(AnchorError::Conflict(why));
    }
    let rewritten = || {
        AnchorError::Conflict(format!("the first {} records are not those that it remembers", theirs.size))
    };
    if theirs.size == ours.size {
        return if theirs.root == ours.root { Ok(Kin::Same) } else { Err(rewritten()) };
    }
    let path = consistency(theirs.size, ours, tiles)?;
    match verify_consistency(&path, theirs.size, ours.size, &theirs.root, &ours.root) {
        Ok(()) => Ok(Kin::Older),
        Err(_) => Err(rewritten()),
    }
}

/// The proof that a tree of `old` leaves is the beginning of ours, checked against our own tiles: when
/// somebody else finds that it does not hold, their tree is another.
pub(super) fn consistency(
    old: u64,
    ours: &Checkpoint,
    tiles: &TileStore,
) -> Result<Vec<mfa_ledger_base::tlog::Hash>, AnchorError> {
    let nodes = tiles.nodes(ours.size);
    let made = || {
        let root = proof::root(&nodes, old)?;
        Ok((root, proof::consistency(&nodes, old, ours.size)?))
    };
    let (root, path) = made()
        .map_err(|error: mfa_ledger_base::tiles::TileError| AnchorError::Failed(error_chain(&error)))?;
    match verify_consistency(&path, old, ours.size, &root, &ours.root) {
        Ok(()) => Ok(path),
        Err(_) => Err(AnchorError::Failed("the tiles do not fit the checkpoint".to_owned())),
    }
}
