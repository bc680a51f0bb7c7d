//! Stored bytes: one format byte, then postcard of [`Stored`], whose two halves are kept as they are.
//!
//! `record` is postcard of the metadata, then `kind: u16, version: u16` and the body's own struct;
//! `leaf` is the JSON that the world reads, rendered once and never serialised again.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::limits::STORED_BYTES;
use crate::record::{Actor, Idempotency, Origin, Read, Target};
use crate::{Event, EventId, Instant, LedgerId, Record, StreamName, leaf};

/// The first stored byte.
pub const FORMAT: u8 = 1;

/// What lies in the log under one position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// What the folds read.
    pub record: Vec<u8>,
    /// What the world reads: the exact UTF-8 JSON of a CloudEvent.
    pub leaf: String,
}

/// The same, borrowed from the stored bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Halves<'b> {
    /// What the folds read.
    pub record: &'b [u8],
    /// What the world reads.
    pub leaf: &'b str,
}

/// Bytes that are not what they should be, or a record too large to store.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Postcard would not write it.
    #[error("cannot be encoded")]
    Encode(#[source] postcard::Error),
    /// Postcard cannot read it.
    #[error("cannot be decoded")]
    Decode(#[source] postcard::Error),
    /// Bytes are left over.
    #[error("{0} bytes too many")]
    TrailingBytes(usize),
    /// A number is spelt longer than it need be: not what this program writes, though it means the same.
    #[error("spelt {0} bytes longer than it need be")]
    Overlong(usize),
    /// The format byte is not ours.
    #[error("stored format {0} is not known to this version")]
    UnknownFormat(u8),
    /// The event is not ours: a projection stops here, it never skips.
    #[error("event kind {kind} version {version} is not known to this version")]
    UnknownEvent {
        /// Its kind.
        kind: u16,
        /// Its version.
        version: u16,
    },
    /// More than [`STORED_BYTES`].
    #[error("a record of {0} bytes is above the limit of {STORED_BYTES}")]
    TooLarge(usize),
    /// The leaf would not render.
    #[error("the leaf cannot be rendered")]
    Leaf(#[source] serde_json::Error),
}

impl CodecError {
    pub(crate) fn encode(source: postcard::Error) -> Self {
        Self::Encode(source)
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    id: EventId,
    stream: StreamName,
    reads: Vec<Read>,
    at: Instant,
    actor: Actor,
    target: Option<Target>,
    origin: Origin,
    request: String,
    idempotency: Option<Idempotency>,
    kind: u16,
    version: u16,
}

/// Stored bytes of a record: encoded, its leaf rendered, its size checked.
pub fn encode(ledger: LedgerId, record: &Record) -> Result<Vec<u8>, CodecError> {
    let private = encode_record(record)?;
    let leaf = leaf::render(ledger, record, &sha256(&private)).map_err(CodecError::Leaf)?;
    let mut bytes = vec![FORMAT];
    bytes.extend(postcard::to_stdvec(&Stored { record: private, leaf }).map_err(CodecError::Encode)?);
    if bytes.len() > STORED_BYTES {
        return Err(CodecError::TooLarge(bytes.len()));
    }
    debug_assert_eq!(decode(&bytes).as_ref().ok(), Some(record), "what is written reads back");
    Ok(bytes)
}

/// The record in stored bytes.
pub fn decode(bytes: &[u8]) -> Result<Record, CodecError> {
    decode_record(halves(bytes)?.record)
}

/// The two halves of stored bytes, as they were written.
pub fn split(bytes: &[u8]) -> Result<Stored, CodecError> {
    let Halves { record, leaf } = halves(bytes)?;
    Ok(Stored { record: record.to_vec(), leaf: leaf.to_owned() })
}

/// The two halves of stored bytes, without copying them.
pub fn halves(bytes: &[u8]) -> Result<Halves<'_>, CodecError> {
    match bytes.split_first() {
        Some((&FORMAT, rest)) => {
            let halves: Halves<'_> = read_all(rest)?;
            let least = [halves.record.len(), halves.leaf.len()].map(|half| size_of_length(half) + half);
            no_longer(rest.len(), least.iter().sum())?;
            Ok(halves)
        }
        Some((&format, _)) => Err(CodecError::UnknownFormat(format)),
        None => Err(CodecError::Decode(postcard::Error::DeserializeUnexpectedEnd)),
    }
}

/// SHA-256 of the private half, which the leaf carries and so binds.
pub fn sha256(record: &[u8]) -> [u8; 32] {
    Sha256::digest(record).into()
}

fn encode_record(record: &Record) -> Result<Vec<u8>, CodecError> {
    let header = Header {
        id: record.id,
        stream: record.stream.clone(),
        reads: record.reads.clone(),
        at: record.at,
        actor: record.actor.clone(),
        target: record.target.clone(),
        origin: record.origin.clone(),
        request: record.request.clone(),
        idempotency: record.idempotency.clone(),
        kind: record.event.kind(),
        version: record.event.version(),
    };
    let mut bytes = postcard::to_stdvec(&header).map_err(CodecError::Encode)?;
    bytes.extend(record.event.encode_body()?);
    Ok(bytes)
}

/// The record in the half that the folds read.
pub fn decode_record(bytes: &[u8]) -> Result<Record, CodecError> {
    let (header, body) = postcard::take_from_bytes::<Header>(bytes).map_err(CodecError::Decode)?;
    no_longer(bytes.len() - body.len(), size(&header)?)?;
    let Header { id, stream, reads, at, actor, target, origin, request, idempotency, kind, version } = header;
    let event = Event::decode_body(kind, version, body)?;
    Ok(Record { id, stream, reads, at, actor, target, origin, request, idempotency, event })
}

/// Reads a value that must use up all bytes, in the one spelling that writing it gives.
pub(crate) fn decode_all<'b, T: Deserialize<'b> + Serialize>(bytes: &'b [u8]) -> Result<T, CodecError> {
    let value = read_all(bytes)?;
    no_longer(bytes.len(), size(&value)?)?;
    Ok(value)
}

/// Reads a value that must use up all bytes (`from_bytes` would ignore what is left over).
fn read_all<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, CodecError> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(CodecError::Decode)?;
    if rest.is_empty() { Ok(value) } else { Err(CodecError::TrailingBytes(rest.len())) }
}

/// Postcard reads numbers with needless zeros at their end, and nothing else that it would not write: what
/// has the least length has its one spelling.
fn no_longer(length: usize, least: usize) -> Result<(), CodecError> {
    if length == least { Ok(()) } else { Err(CodecError::Overlong(length.saturating_sub(least))) }
}

fn size<T: Serialize>(value: &T) -> Result<usize, CodecError> {
    postcard::experimental::serialized_size(value).map_err(CodecError::Encode)
}

/// Bytes that postcard takes to say how long something is: seven bits each.
fn size_of_length(length: usize) -> usize {
    let bits = usize::BITS - length.leading_zeros();
    bits.div_ceil(7).max(1) as usize
}
