//! The formats of transparency logs, without I/O: RFC 6962 trees and proofs, and what C2SP makes of
//! them on the wire: signed notes, checkpoints, tiles, cosignatures, receipts.
//!
//! | what | source |
//! |---|---|
//! | leaf and node hashes, inclusion and consistency proofs | RFC 6962, section 2.1 |
//! | [`note`], keys and their ids | `c2sp.org/signed-note` |
//! | [`checkpoint`] | `c2sp.org/tlog-checkpoint` |
//! | [`tile`] | `c2sp.org/tlog-tiles` |
//! | [`cosignature`] | `c2sp.org/tlog-cosignature`, the Ed25519 kind |
//! | [`receipt`] | `c2sp.org/tlog-proof` |
//!
//! Positions count from 1, indices of leaves from 0: `index = position - 1`.

mod base64;
mod builder;
pub mod checkpoint;
pub mod cosignature;
pub mod hash;
pub mod key;
pub mod note;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tree;

pub use builder::TileBuilder;
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use hash::{Hash, leaf_hash, node_hash};
pub use key::{SigningKey, VerifierKey};
pub use note::Note;
pub use tree::Frontier;
