//! Records as they lie on disk, and the checksums over them. **Frozen**: format version 1.
//!
//! ```text
//! frame   length u32 | crc32c u32 | position u64 | batch u64 | body         (big-endian)
//! body    length of the stream's name u8 | name | record
//! value   crc32c u32 | body                       (in sled, as `pieces` tells)
//! ```
//! `length` counts what follows the checksum. `batch` is the position of the first record of the
//! batch this frame was written with: a frame proves that all earlier batches were durable. Every
//! checksum starts from the ledger's id, so that a frame of another ledger, or one that somebody
//! smuggled into a record, does not pass.

use bytes::Bytes;

use crate::{Entry, MAX_RECORD, MAX_STREAM, Position, Stream};

/// Bytes of the length that a frame begins with.
pub(super) const LENGTH: usize = 4;
/// Bytes of a frame before those that its length counts.
pub const PREFIX: usize = LENGTH + 4;
const PLACES: usize = 16;
/// The least that a length counts.
pub(super) const SHORTEST: usize = PLACES + 1;
/// The most that a length counts.
pub(super) const LONGEST: usize = PLACES + 1 + MAX_STREAM + MAX_RECORD;

/// The largest frame in bytes.
pub const MAX_FRAME: usize = PREFIX + LONGEST;

/// Makes and checks the checksums of one ledger.
#[derive(Clone, Copy, Debug)]
pub struct Seal(u32);

/// A frame that passed its checksum.
#[derive(Debug)]
pub struct Frame<'a> {
    /// Where it stands.
    pub position: Position,
    /// The first record of the batch that it was written with.
    pub batch: Position,
    /// The stream it was appended to.
    pub stream: &'a str,
    /// Name and record as they are stored.
    pub body: &'a [u8],
    /// Bytes the frame takes in the journal.
    pub size: usize,
    /// Where it begins in its file; 0 where it was not read as a part of one.
    pub offset: usize,
}

impl Frame<'_> {
    /// The bytes that were appended.
    pub fn record(&self) -> &[u8] {
        &self.body[1 + self.stream.len()..]
    }

    /// The entry it stands for.
    pub fn entry(&self) -> Entry {
        let (position, stream) = (self.position, Stream::new(self.stream));
        Entry { position, stream, record: Bytes::copy_from_slice(self.record()) }
    }

    /// The same without a copy, when this is a frame of `bytes`.
    pub(super) fn entry_of(&self, bytes: &Bytes) -> Entry {
        let (position, stream) = (self.position, Stream::new(self.stream));
        Entry { position, stream, record: bytes.slice_ref(self.record()) }
    }
}

impl Seal {
    /// That of the ledger with this id.
    pub fn new(ledger: [u8; 16]) -> Self {
        Self(crc32c::crc32c(&ledger))
    }

    /// Appends one frame to `out`.
    pub fn write(
        self,
        out: &mut Vec<u8>,
        position: Position,
        batch: Position,
        stream: &Stream,
        record: &[u8],
    ) {
        let start = out.len();
        out.extend_from_slice(&[0; PREFIX]);
        out.extend_from_slice(&position.0.to_be_bytes());
        out.extend_from_slice(&batch.0.to_be_bytes());
        write_body(out, stream, record);
        let length = u32::try_from(out.len() - start - PREFIX).expect("records are limited");
        out[start..start + LENGTH].copy_from_slice(&length.to_be_bytes());
        let crc = self.frame_crc(&out[start..start + LENGTH], &out[start + PREFIX..]);
        out[start + LENGTH..start + PREFIX].copy_from_slice(&crc.to_be_bytes());
    }

    /// The frame that `bytes` begin with.
    pub fn parse(self, bytes: &[u8]) -> Result<Frame<'_>, &'static str> {
        let (length, rest) = bytes.split_first_chunk().ok_or("the frame is cut short")?;
        let (crc, rest) = rest.split_first_chunk().ok_or("the frame is cut short")?;
        let size = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if !(SHORTEST..=LONGEST).contains(&size) {
            return Err("the length of the frame is impossible");
        }
        let payload = rest.get(..size).ok_or("the frame is cut short")?;
        if u32::from_be_bytes(*crc) != self.frame_crc(length, payload) {
            return Err("the checksum of the frame does not fit");
        }
        let (position, rest) = payload.split_first_chunk().ok_or("the frame is cut short")?;
        let (batch, body) = rest.split_first_chunk().ok_or("the frame is cut short")?;
        let (stream, _) = split_body(body).ok_or("the name of the stream is not one")?;
        Ok(Frame {
            position: Position(u64::from_be_bytes(*position)),
            batch: Position(u64::from_be_bytes(*batch)),
            stream,
            body,
            size: PREFIX + size,
            offset: 0,
        })
    }

    /// How the checksum that `bytes` hold differs from that of a frame of this length; `None` where there are fewer bytes.
    pub(super) fn differs(self, bytes: &[u8], length: u32) -> Option<u32> {
        let (crc, rest) = bytes.get(LENGTH..)?.split_first_chunk()?;
        let payload = rest.get(..usize::try_from(length).ok()?)?;
        Some(u32::from_be_bytes(*crc) ^ self.frame_crc(&length.to_be_bytes(), payload))
    }

    /// What sled holds for an entry.
    pub fn value(self, entry: &Entry) -> Vec<u8> {
        let mut value = Vec::with_capacity(LENGTH + 1 + entry.stream.as_str().len() + entry.record.len());
        value.extend_from_slice(&[0; LENGTH]);
        write_body(&mut value, &entry.stream, &entry.record);
        self.finish(entry.position, value)
    }

    /// What sled holds for a frame of the journal.
    pub fn value_of(self, frame: &Frame<'_>) -> Vec<u8> {
        let mut value = Vec::with_capacity(LENGTH + frame.body.len());
        value.extend_from_slice(&[0; LENGTH]);
        value.extend_from_slice(frame.body);
        self.finish(frame.position, value)
    }

    /// The entry a value of sled stands for.
    pub fn entry(self, position: Position, value: &[u8]) -> Result<Entry, &'static str> {
        let (crc, body) = value.split_first_chunk().ok_or("it is cut short")?;
        if u32::from_be_bytes(*crc) != self.value_crc(position, body) {
            return Err("its checksum does not fit");
        }
        let (name, record) = split_body(body).ok_or("the name of its stream is not one")?;
        let stream = Stream::checked(name).ok_or("the name of its stream is not one")?;
        Ok(Entry { position, stream, record: Bytes::copy_from_slice(record) })
    }

    fn finish(self, position: Position, mut value: Vec<u8>) -> Vec<u8> {
        let crc = self.value_crc(position, &value[LENGTH..]);
        value[..LENGTH].copy_from_slice(&crc.to_be_bytes());
        value
    }

    fn frame_crc(self, length: &[u8], payload: &[u8]) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c_append(self.0, length), payload)
    }

    fn value_crc(self, position: Position, body: &[u8]) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c_append(self.0, &position.0.to_be_bytes()), body)
    }
}

fn write_body(out: &mut Vec<u8>, stream: &Stream, record: &[u8]) {
    out.push(u8::try_from(stream.as_str().len()).expect("names of streams are limited"));
    out.extend_from_slice(stream.as_str().as_bytes());
    out.extend_from_slice(record);
}

/// The name of the stream and the record in the body of a frame.
pub fn split_body(body: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = body.split_first()?;
    let (name, record) = rest.split_at_checked(usize::from(*length))?;
    let name = str::from_utf8(name).ok()?;
    (1..=MAX_STREAM).contains(&name.len()).then_some((name, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_frozen() {
        let mut bytes = Vec::new();
        Seal::new([7; 16]).write(&mut bytes, Position(2), Position(1), &Stream::new("s/1"), b"record");
        let hex = data_encoding::HEXLOWER.encode(&bytes);
        assert_eq!(hex, "0000001a16167a360000000000000002000000000000000103732f317265636f7264");
    }

    #[test]
    fn a_frame_of_another_ledger_does_not_pass() {
        let mut bytes = Vec::new();
        Seal::new([7; 16]).write(&mut bytes, Position(1), Position(1), &Stream::new("s"), b"record");
        assert_eq!(Seal::new([7; 16]).parse(&bytes).unwrap().size, bytes.len());
        assert!(Seal::new([8; 16]).parse(&bytes).is_err());
    }

    #[test]
    fn no_flipped_bit_passes() {
        let seal = Seal::new([7; 16]);
        let mut bytes = Vec::new();
        seal.write(&mut bytes, Position(1), Position(1), &Stream::new("s"), b"record");
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(seal.parse(&bytes).is_err(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
