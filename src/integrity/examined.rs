//! One record by itself: whether it decodes, and whether its public half is that of its private half.

use mfa_ledger_schemas::codec::{self, Stored};
use mfa_ledger_schemas::{LedgerId, leaf};

use super::Kind;
use crate::tlog::{Hash, leaf_hash};

/// What a record comes to in the tree, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The hash of its leaf; that of no bytes where there is no leaf to be found.
    pub hash: Hash,
    /// Why it is not a sound record.
    pub fault: Option<(Kind, String)>,
}

impl Examined {
    /// Looks at the stored bytes of a record. With a `ledger` its leaf must be the very bytes that this
    /// version renders for it, else only the leaf's word for its private half is held against that.
    pub fn of(stored: &[u8], ledger: Option<LedgerId>) -> Self {
        match codec::split(stored) {
            Ok(halves) => {
                let hash = leaf_hash(halves.leaf.as_bytes());
                Self { hash, fault: fault(stored, &halves, ledger).err() }
            }
            Err(error) => Self { hash: leaf_hash(&[]), fault: Some((Kind::Undecodable, error.to_string())) },
        }
    }

    /// Only its place in the tree is asked for; what has no leaf is a fault all the same.
    pub fn hashed(stored: &[u8]) -> Self {
        match codec::split(stored) {
            Ok(halves) => Self { hash: leaf_hash(halves.leaf.as_bytes()), fault: None },
            Err(error) => Self { hash: leaf_hash(&[]), fault: Some((Kind::Undecodable, error.to_string())) },
        }
    }
}

fn fault(stored: &[u8], halves: &Stored, ledger: Option<LedgerId>) -> Result<(), (Kind, String)> {
    let record = codec::decode(stored).map_err(|error| (Kind::Undecodable, error.to_string()))?;
    let digest = codec::sha256(&halves.record);
    // The last member of the leaf: to look for it there is a hundred times cheaper than to parse all of it.
    let binding = format!("\"record_sha256\":\"{}\"}}}}", data_encoding::HEXLOWER.encode(&digest));
    if !halves.leaf.ends_with(&binding) {
        return Err((Kind::LeafMismatch, "its public half names another private half".into()));
    }
    let Some(ledger) = ledger else { return Ok(()) };
    match leaf::render(ledger, &record, &digest) {
        Ok(rendered) if rendered == halves.leaf => Ok(()),
        Ok(_) => {
            Err((Kind::LeafMismatch, "its public half says something else than its private half".into()))
        }
        Err(error) => Err((Kind::Undecodable, error.to_string())),
    }
}
