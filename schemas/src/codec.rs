//! Stored bytes: one format byte, then postcard of [`Stored`], whose two halves are kept as they are.
//!
//! `record` is postcard of the metadata, then `kind: u16, version: u16` and the body's own struct;
//! `leaf` is the JSON that the world reads, rendered once and never serialised again. Format 2 has a [`Context`] and room
//! for more behind the metadata; format 1 had neither.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::limits::STORED_BYTES;
use crate::record::{Actor, Context, Idempotency, Origin, Read, Target};
use crate::{Event, EventId, Instant, LedgerId, Record, StreamName, leaf};

/// The first stored byte of what is written now.
pub const FORMAT: u8 = 2;

/// The first stored byte of records without a context.
const FORMAT_1: u8 = 1;

/// What lies in the log under one position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// What the folds read.
    pub record: Vec<u8>,
    /// What the world reads: the exact UTF-8 JSON of a CloudEvent.
    pub leaf: String,
}

/// The same, borrowed: from the stored bytes, or from what becomes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halves<'b> {
    /// What the folds read.
    #[serde(serialize_with = "at_once")]
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
    /// Something stands behind the context that is not ours: what it means is not known, so nothing is done.
    #[error("extension {0} of a record is not known to this version")]
    UnknownExtension(u16),
    /// More than [`STORED_BYTES`].
    #[error("a record of {0} bytes is above the limit of {STORED_BYTES}")]
    TooLarge(usize),
    /// The leaf would not render.
    #[error("the leaf cannot be rendered")]
    Leaf(#[source] serde_json::Error),
}

/// Bytes as one piece: the same as a sequence of them, which would be written byte by byte.
fn at_once<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Borrowed from a record that is written, owned by one that is read.
#[derive(Serialize, Deserialize)]
struct Header<'r> {
    id: EventId,
    stream: Cow<'r, StreamName>,
    reads: Cow<'r, [Read]>,
    at: Instant,
    actor: Cow<'r, Actor>,
    target: Cow<'r, Option<Target>>,
    origin: Cow<'r, Origin>,
    request: Cow<'r, str>,
    idempotency: Cow<'r, Option<Idempotency>>,
}

/// What format 2 has between the header and the body's number: the context, and what later versions need to say, each
/// under a number of its own. This version says nothing there.
#[derive(Serialize, Deserialize)]
struct Room<'r> {
    context: Cow<'r, Context>,
    extensions: Vec<(u16, Vec<u8>)>,
}

/// Which body follows.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Number {
    kind: u16,
    version: u16,
}

/// A private half, taken apart.
struct Parts<'r> {
    header: Header<'r>,
    context: Context,
    number: Number,
    body: &'r [u8],
}

struct Body<'r>(&'r Event);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_body(serializer)
    }
}

/// Room for most records, so that few grow while they are written.
const USUAL_BYTES: usize = 1_024;

/// Stored bytes of a record: encoded, its leaf rendered, its size checked.
pub fn encode(ledger: LedgerId, record: &Record) -> Result<Vec<u8>, CodecError> {
    let private = encode_record(record)?;
    let leaf = leaf::render(ledger, record, &sha256(&private)).map_err(CodecError::Leaf)?;
    let mut bytes = Vec::with_capacity(private.len() + leaf.len() + 16);
    bytes.push(FORMAT);
    let bytes = write(&Halves { record: &private, leaf: &leaf }, bytes)?;
    if bytes.len() > STORED_BYTES {
        return Err(CodecError::TooLarge(bytes.len()));
    }
    debug_assert_eq!(decode(&bytes).as_ref().ok(), Some(record), "what is written reads back");
    Ok(bytes)
}

/// The record in stored bytes.
pub fn decode(bytes: &[u8]) -> Result<Record, CodecError> {
    decode_record(halves(bytes)?.record, bytes[0])
}

/// The record in stored bytes, and the leaf that belongs to it: what was rendered when it was written.
pub fn decode_with_leaf(ledger: LedgerId, bytes: &[u8]) -> Result<(Record, String), CodecError> {
    let (private, format) = (halves(bytes)?.record, bytes[0]);
    let parts = parts(private, format)?;
    let number = parts.number;
    let old = Event::old_details(number.kind, number.version, parts.body)?;
    let record = parts.into_record()?;
    let form =
        leaf::Form { version: number.version, has_schema: format != FORMAT_1, details: old.as_deref() };
    let leaf = leaf::render_as(ledger, &record, &form, &sha256(private)).map_err(CodecError::Leaf)?;
    Ok((record, leaf))
}

/// The version of the body in stored bytes.
pub fn version(bytes: &[u8]) -> Result<u16, CodecError> {
    Ok(parts(halves(bytes)?.record, bytes[0])?.number.version)
}

/// The two halves of stored bytes, as they were written.
pub fn split(bytes: &[u8]) -> Result<Stored, CodecError> {
    let Halves { record, leaf } = halves(bytes)?;
    Ok(Stored { record: record.to_vec(), leaf: leaf.to_owned() })
}

/// The two halves of stored bytes, without copying them.
pub fn halves(bytes: &[u8]) -> Result<Halves<'_>, CodecError> {
    match bytes.split_first() {
        Some((&(FORMAT_1 | FORMAT), rest)) => {
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
        stream: Cow::Borrowed(&record.stream),
        reads: Cow::Borrowed(&record.reads),
        at: record.at,
        actor: Cow::Borrowed(&record.actor),
        target: Cow::Borrowed(&record.target),
        origin: Cow::Borrowed(&record.origin),
        request: Cow::Borrowed(&record.request),
        idempotency: Cow::Borrowed(&record.idempotency),
    };
    let room = Room { context: Cow::Borrowed(&record.context), extensions: Vec::new() };
    let number = Number { kind: record.event.kind(), version: record.event.version() };
    let bytes = write(&(header, room, number), Vec::with_capacity(USUAL_BYTES))?;
    write(&Body(&record.event), bytes)
}

/// Writes a value behind what is there.
fn write<T: Serialize>(value: &T, behind: Vec<u8>) -> Result<Vec<u8>, CodecError> {
    postcard::to_extend(value, behind).map_err(CodecError::Encode)
}

/// The record in the half that the folds read.
fn decode_record(bytes: &[u8], format: u8) -> Result<Record, CodecError> {
    parts(bytes, format)?.into_record()
}

fn parts(bytes: &[u8], format: u8) -> Result<Parts<'_>, CodecError> {
    let (header, rest) = take::<Header<'_>>(bytes)?;
    let (context, rest) = if format == FORMAT_1 { (Context::default(), rest) } else { context(rest)? };
    let (number, body) = take::<Number>(rest)?;
    Ok(Parts { header, context, number, body })
}

fn context(bytes: &[u8]) -> Result<(Context, &[u8]), CodecError> {
    let (room, rest) = take::<Room<'_>>(bytes)?;
    match room.extensions.first() {
        Some((unknown, _)) => Err(CodecError::UnknownExtension(*unknown)),
        None => Ok((room.context.into_owned(), rest)),
    }
}

impl Parts<'_> {
    fn into_record(self) -> Result<Record, CodecError> {
        let Self { header, context, number, body } = self;
        Ok(Record {
            id: header.id,
            stream: header.stream.into_owned(),
            reads: header.reads.into_owned(),
            at: header.at,
            actor: header.actor.into_owned(),
            target: header.target.into_owned(),
            origin: header.origin.into_owned(),
            request: header.request.into_owned(),
            idempotency: header.idempotency.into_owned(),
            context,
            event: Event::decode_body(number.kind, number.version, body)?,
        })
    }
}

/// Reads a value in the one spelling that writing it gives, and what follows.
fn take<'b, T: Deserialize<'b> + Serialize>(bytes: &'b [u8]) -> Result<(T, &'b [u8]), CodecError> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(CodecError::Decode)?;
    no_longer(bytes.len() - rest.len(), size(&value)?)?;
    Ok((value, rest))
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
