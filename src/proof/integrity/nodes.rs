//! The hashes of chosen subtrees, computed from the journal itself: for proofs and exports that do not rest
//! on the tiles.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger_base::tlog::proof::Nodes;
use mfa_ledger_base::tlog::tree::Node;
use mfa_ledger_base::tlog::{Frontier, Hash};
use mfa_ledger_log::embedded::raw;

use super::{Examined, JournalError};

/// Hashes that were computed.
#[derive(Debug)]
pub struct Computed {
    /// The root over the records that were read.
    pub root: Hash,
    hashes: HashMap<Node, Hash>,
}

/// A subtree that was not asked for, or is not in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log has no such subtree")]
pub struct NoSuchNode;

impl Nodes for Computed {
    type Error = NoSuchNode;

    fn node(&self, node: Node) -> Result<Hash, NoSuchNode> {
        self.hashes.get(&node).copied().ok_or(NoSuchNode)
    }
}

/// Takes down which subtrees a proof asks for.
#[derive(Debug, Default)]
pub struct Wanted(RefCell<BTreeSet<Node>>);

impl Nodes for Wanted {
    type Error = Infallible;

    fn node(&self, node: Node) -> Result<Hash, Infallible> {
        self.0.borrow_mut().insert(node);
        Ok(Hash::of_empty_tree())
    }
}

impl Wanted {
    /// What was asked for.
    pub fn nodes(self) -> BTreeSet<Node> {
        self.0.into_inner()
    }
}

/// Reads the first `size` records of a journal for these subtrees. Records are not looked at any closer than
/// for their leaves; the root tells whether they are what was signed for.
pub fn compute(
    data_dir: &Path,
    ledger: [u8; 16],
    size: u64,
    wanted: &BTreeSet<Node>,
) -> Result<Computed, JournalError> {
    let (mut tree, mut hashes) = (Frontier::default(), HashMap::new());
    if size > 0 {
        raw::scan(data_dir, Some(ledger), |frame| {
            tree.push_with(Examined::hashed(frame.record()).hash, |node, hash| {
                if wanted.contains(&node) {
                    hashes.insert(node, hash);
                }
            });
            if tree.size() == size { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .map_err(|error| JournalError::of(error, 0))?;
    }
    Ok(Computed { root: tree.root().unwrap_or_else(Hash::of_empty_tree), hashes })
}
