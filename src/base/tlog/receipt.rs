//! Receipts: that a leaf is in a log, checked without asking anyone (`c2sp.org/tlog-proof`).

use std::fmt;

use super::checkpoint::{SignedCheckpoint, decimal};
use super::hash::{Hash, leaf_hash};
use super::key::VerifierKey;
use super::note::NoteError;
use super::proof::{NotProven, verify_inclusion};

/// The first line.
const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// Most hashes on the way from a leaf to a root.
const MAX_HASHES: usize = 63;

/// Longest receipt that is read, in bytes.
pub const MAX_RECEIPT: usize = 128 * 1024;

/// A proof of inclusion with the checkpoint that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Where the leaf stands, counted from 0.
    pub index: u64,
    /// The hashes from its sibling up.
    pub path: Vec<Hash>,
    /// The checkpoint, as the log signed it.
    pub checkpoint: SignedCheckpoint,
}

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is not of the form.
    #[error("this is not a proof of inclusion: {0}")]
    Malformed(&'static str),
    /// Its checkpoint is not one, or nobody known has signed it.
    #[error("its checkpoint is of no use")]
    Checkpoint(#[from] NoteError),
    /// The leaf is not where it says.
    #[error("the leaf is not in the log of its checkpoint")]
    NotProven(#[from] NotProven),
}

impl Receipt {
    /// Reads a receipt. Nothing of it is checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT {
            return Err(ReceiptError::Malformed("it is larger than any that is read"));
        }
        let text = str::from_utf8(bytes).map_err(|_| ReceiptError::Malformed("it is not UTF-8"))?;
        let (proof, checkpoint) =
            text.split_once("\n\n").ok_or(ReceiptError::Malformed("no empty line ends the proof"))?;
        let mut lines = proof.split('\n').peekable();
        if lines.next() != Some(HEAD) {
            return Err(ReceiptError::Malformed("its first line is another"));
        }
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal);
        let index = index.ok_or(ReceiptError::Malformed("it does not say which leaf"))?;
        let path: Option<Vec<_>> = lines.map(Hash::from_base64).collect();
        let path = path.ok_or(ReceiptError::Malformed("a line of the proof is not a hash"))?;
        if path.len() > MAX_HASHES {
            return Err(ReceiptError::Malformed("no proof has so many hashes"));
        }
        Ok(Self { index, path, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// Checks that `leaf` is where the receipt says, in a log that one of `known` signed for.
    pub fn verify(&self, leaf: &[u8], known: &[VerifierKey]) -> Result<(), ReceiptError> {
        let signed = SignedCheckpoint::open(self.checkpoint.note.to_string().as_bytes(), known)?;
        let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
        Ok(verify_inclusion(&self.path, self.index, size, &leaf_hash(leaf), &root)?)
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}\nindex {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::key::KeyType;
    use crate::tlog::{Checkpoint, Note, SigningKey, node_hash};

    fn receipt() -> (Receipt, SigningKey) {
        let key = SigningKey::from_seed("log", KeyType::Ed25519, &[5; 32]).unwrap();
        let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let checkpoint = Checkpoint { origin: "log".into(), size: 2, root: node_hash(&left, &right) };
        let mut note = Note::unsigned(checkpoint.text()).unwrap();
        note.sign(&key);
        (Receipt { index: 1, path: vec![left], checkpoint: SignedCheckpoint { checkpoint, note } }, key)
    }

    #[test]
    fn a_receipt_is_read_back_and_proves_its_leaf() {
        let (receipt, key) = receipt();
        let text = receipt.to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 1\n"), "{text}");
        assert_eq!(Receipt::parse(text.as_bytes()), Ok(receipt.clone()));
        let extra = text.replacen('\n', "\nextra AAAA\n", 1);
        assert_eq!(Receipt::parse(extra.as_bytes()), Ok(receipt.clone()));
        let known = [key.verifier().clone()];
        assert_eq!(receipt.verify(b"b", &known), Ok(()));
        assert_eq!(receipt.verify(b"a", &known), Err(ReceiptError::NotProven(NotProven)));
        assert_eq!(receipt.verify(b"b", &[]), Err(ReceiptError::Checkpoint(NoteError::Unsigned)));
    }

    #[test]
    fn no_changed_byte_passes() {
        let (receipt, key) = receipt();
        let text = receipt.to_string();
        let known = [key.verifier().clone()];
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let verified = Receipt::parse(&bytes).and_then(|receipt| receipt.verify(b"b", &known));
            assert!(verified.is_err(), "byte {at}");
        }
    }
}
