//! One record by itself: whether it decodes, and whether its public half is that of its private half.

use mfa_ledger_base::tlog::{Hash, leaf_hash};
use mfa_ledger_log::embedded::raw;
use mfa_ledger_schemas::LedgerId;
use mfa_ledger_schemas::codec::{self, CodecError, Halves};

use super::Kind;

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
        Self::with(stored, |halves| fault(stored, halves, None, ledger))
    }

    /// The same for the body of a frame: the stream that it was appended to must be the record's own.
    pub fn of_body(body: &[u8], ledger: LedgerId) -> Self {
        match raw::split_body(body) {
            Some((stream, stored)) => {
                Self::with(stored, |halves| fault(stored, halves, Some(stream), Some(ledger)))
            }
            None => Self::no_body(),
        }
    }

    /// Only its place in the tree is asked for; what has no leaf is a fault all the same.
    pub fn hashed(stored: &[u8]) -> Self {
        Self::with(stored, |_| Ok(()))
    }

    /// The same for the body of a frame.
    pub fn of_body_hashed(body: &[u8]) -> Self {
        raw::split_body(body).map_or_else(Self::no_body, |(_, stored)| Self::hashed(stored))
    }

    fn with(stored: &[u8], fault: impl FnOnce(&Halves<'_>) -> Result<(), (Kind, String)>) -> Self {
        match codec::halves(stored) {
            Ok(halves) => Self { hash: leaf_hash(halves.leaf.as_bytes()), fault: fault(&halves).err() },
            Err(error) => Self { hash: leaf_hash(&[]), fault: Some((Kind::Undecodable, error.to_string())) },
        }
    }

    fn no_body() -> Self {
        let why = "the name of its stream is not one".to_owned();
        Self { hash: leaf_hash(&[]), fault: Some((Kind::Undecodable, why)) }
    }
}

fn fault(
    stored: &[u8],
    halves: &Halves<'_>,
    stream: Option<&str>,
    ledger: Option<LedgerId>,
) -> Result<(), (Kind, String)> {
    let undecodable = |error: CodecError| (Kind::Undecodable, error.to_string());
    // Who made the log is not known where its name is not: the leaf is not rendered then.
    let (record, rendered) = match ledger {
        Some(ledger) => codec::decode_with_leaf(ledger, stored).map(|(record, leaf)| (record, Some(leaf))),
        None => codec::decode(stored).map(|record| (record, None)),
    }
    .map_err(undecodable)?;
    let digest = codec::sha256(halves.record);
    // The last member of the leaf: to look for it there is a hundred times cheaper than to parse all of it.
    let binding = format!("\"record_sha256\":\"{}\"}}}}", data_encoding::HEXLOWER.encode(&digest));
    if !halves.leaf.ends_with(&binding) {
        return Err((Kind::LeafMismatch, "its public half names another private half".into()));
    }
    if let Some(stream) = stream.filter(|stream| *stream != record.stream.to_string()) {
        let why = format!("it was appended to {stream} and says {}", record.stream);
        return Err((Kind::LeafMismatch, why));
    }
    match rendered {
        Some(rendered) if rendered != halves.leaf => {
            Err((Kind::LeafMismatch, "its public half says something else than its private half".into()))
        }
        Some(_) | None => Ok(()),
    }
}
