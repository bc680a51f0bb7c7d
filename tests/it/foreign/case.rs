//! What a judge is asked, and what our own verifier says of it.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use mfa_ledger::tlog::proof::verify_consistency;
use mfa_ledger::tlog::receipt::Receipt;
use mfa_ledger::tlog::tile::{Kind, Tile};
use mfa_ledger::tlog::{Hash, SignedCheckpoint, TileBuilder, VerifierKey, leaf_hash};
use serde_json::{Value, json};

use super::material::Material;

/// Tiles by their paths; `None` is one that is gone.
pub type Change = BTreeMap<String, Option<Vec<u8>>>;

/// Something that is so, or is not.
#[derive(Clone, Debug)]
pub enum Case {
    /// The log has signed this.
    Checkpoint { keys: Vec<String>, note: Vec<u8> },
    /// The leaf is where the receipt says.
    Inclusion { keys: Vec<String>, receipt: Vec<u8>, leaf: Vec<u8> },
    /// The one tree is the beginning of the other.
    Consistency { old: u64, new: u64, old_root: Hash, new_root: Hash, hashes: Vec<Hash> },
    /// The tiles of a set, with some of them changed, are those of the checkpoint.
    Tile { keys: Vec<String>, note: Vec<u8>, set: usize, change: Change },
}

impl Case {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Checkpoint { .. } => "checkpoint",
            Self::Inclusion { .. } => "inclusion",
            Self::Consistency { .. } => "consistency",
            Self::Tile { .. } => "tile",
        }
    }

    /// The line that a judge reads.
    pub fn to_json(&self) -> Value {
        let base64 = |bytes: &[u8]| BASE64.encode(bytes);
        let mut line = match self {
            Self::Checkpoint { keys, note } => json!({"keys": keys, "note": base64(note)}),
            Self::Inclusion { keys, receipt, leaf } => {
                json!({"keys": keys, "receipt": base64(receipt), "leaf": base64(leaf)})
            }
            Self::Consistency { old, new, old_root, new_root, hashes } => json!({
                "old": old, "new": new, "old_root": old_root.to_string(), "new_root": new_root.to_string(),
                "hashes": hashes.iter().map(Hash::to_string).collect::<Vec<_>>(),
            }),
            Self::Tile { keys, note, set, change } => {
                let change: BTreeMap<_, _> =
                    change.iter().map(|(path, tile)| (path, tile.as_deref().map(base64))).collect();
                json!({"keys": keys, "note": base64(note), "set": set.to_string(), "change": change})
            }
        };
        line["kind"] = self.kind().into();
        line
    }

    /// Whether our own verifier accepts it.
    pub fn holds(&self, material: &Material) -> bool {
        match self {
            Self::Checkpoint { keys, note } => SignedCheckpoint::open(note, &known(keys)).is_ok(),
            Self::Inclusion { keys, receipt, leaf } => {
                Receipt::parse(receipt).is_ok_and(|receipt| receipt.verify(leaf, &known(keys)).is_ok())
            }
            Self::Consistency { old, new, old_root, new_root, hashes } => {
                verify_consistency(hashes, *old, *new, old_root, new_root).is_ok()
            }
            Self::Tile { keys, note, set, change } => {
                let read = |tile: Tile| {
                    let path = tile.to_string();
                    match change.get(&path) {
                        Some(changed) => changed.clone(),
                        None => material.tiles(*set).get(&path).cloned(),
                    }
                };
                SignedCheckpoint::open(note, &known(keys))
                    .is_ok_and(|signed| tiles_hold(&signed, read).is_some())
            }
        }
    }
}

fn known(keys: &[String]) -> Vec<VerifierKey> {
    keys.iter().map(|key| key.parse().expect("the key of a log")).collect()
}

/// Grows the tree from the leaves, and compares every tile and the root.
fn tiles_hold(signed: &SignedCheckpoint, read: impl Fn(Tile) -> Option<Vec<u8>>) -> Option<()> {
    let (mut tree, mut tiles) = (TileBuilder::default(), Vec::new());
    let bytes = |hashes: &[Hash]| hashes.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>();
    for bundle in (0..).map_while(|index| Tile::in_tree(Kind::Entries, index, signed.checkpoint.size)) {
        for leaf in leaves(&read(bundle)?, usize::from(bundle.width))? {
            tree.push(leaf_hash(&leaf), |tile, hashes| tiles.push((tile, bytes(hashes))));
        }
    }
    tiles.extend(tree.partial().map(|(tile, hashes)| (tile, bytes(hashes))));
    let same = tree.root() == signed.checkpoint.root
        && tiles.into_iter().all(|(tile, bytes)| read(tile).is_some_and(|found| found == bytes));
    same.then_some(())
}

/// The leaves of a bundle that has so many.
pub fn leaves(mut bundle: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut leaves = Vec::new();
    for _ in 0..count {
        let (length, rest) = bundle.split_first_chunk()?;
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(leaf.to_vec());
        bundle = rest;
    }
    bundle.is_empty().then_some(leaves)
}
