//! The sealed bytes: an append-only file of frames.
//!
//! A frame is the length of its body (u32), the CRC-32C of length and body (u32), and the body: entry
//! id (16 bytes), nonce (24 bytes), ciphertext. Integers are little-endian. Neither the owner nor the
//! purpose of an entry is written: whoever reads it has to know them.

use std::io;

use mfa_ledger_base::disk::DiskFile;

use super::header::SEALED_HEADER_BYTES;
use super::seal::{EntryId, NONCE_BYTES, Sealed};
use super::store::MAX_SECRET_BYTES;

const HEAD_BYTES: u32 = 8;
const FIXED_BYTES: usize = 16 + NONCE_BYTES;
const MAX_BODY_BYTES: usize = FIXED_BYTES + MAX_SECRET_BYTES + 16;
const MAX_FRAME_BYTES: usize = HEAD_BYTES as usize + MAX_BODY_BYTES;

/// Bytes read at once by a scan; more than the longest frame has.
const WINDOW_BYTES: usize = 1 << 20;
const _: () = assert!(WINDOW_BYTES > MAX_FRAME_BYTES);

/// Where a frame lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes from the start of the file.
    pub offset: u64,
    /// Bytes of the whole frame.
    pub len: u32,
}

impl Place {
    /// Where the next frame begins.
    pub fn end(self) -> u64 {
        self.offset + u64::from(self.len)
    }
}

/// A frame that is whole.
pub(super) struct Frame<'b> {
    pub id: EntryId,
    pub nonce: [u8; NONCE_BYTES],
    pub ciphertext: &'b [u8],
    pub len: u32,
}

/// Writes a frame to the end of `out`; tells its length.
pub(super) fn push_frame(out: &mut Vec<u8>, id: EntryId, sealed: &Sealed) -> u32 {
    let body = u32::try_from(FIXED_BYTES + sealed.ciphertext.len()).expect("secrets have a limit");
    let length = body.to_le_bytes();
    let mut sum = crc32c::crc32c(&length);
    for part in [id.as_slice(), &sealed.nonce, &sealed.ciphertext] {
        sum = crc32c::crc32c_append(sum, part);
    }
    for part in [length.as_slice(), &sum.to_le_bytes(), &id, &sealed.nonce, &sealed.ciphertext] {
        out.extend_from_slice(part);
    }
    body + HEAD_BYTES
}

/// The frame at the start of `bytes`, if there is a whole and undamaged one.
pub(super) fn parse_frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let body_len = u32::from_le_bytes(*length);
    let body = rest.get(..usize::try_from(body_len).ok()?)?;
    let right = body.len() <= MAX_BODY_BYTES
        && crc32c::crc32c_append(crc32c::crc32c(length), body) == u32::from_le_bytes(*sum);
    if !right {
        return None;
    }
    let (id, rest) = body.split_first_chunk()?;
    let (nonce, ciphertext) = rest.split_first_chunk()?;
    Some(Frame { id: *id, nonce: *nonce, ciphertext, len: body_len + HEAD_BYTES })
}

/// Visits all whole frames and returns where the last of them ends. Bytes that are not a whole frame are passed over: the
/// checksum of the next frame shows where it begins.
pub(super) fn scan(file: &DiskFile, visit: impl FnMut(u64, &Frame<'_>)) -> io::Result<u64> {
    walk(file.len()?, |bytes, offset| file.read_exact_at(bytes, offset), visit)
}

/// The same for a file of `end` bytes that `read` reads.
pub(super) fn walk(
    end: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<()>,
    mut visit: impl FnMut(u64, &Frame<'_>),
) -> io::Result<u64> {
    let mut offset = SEALED_HEADER_BYTES as u64;
    let mut last = offset;
    let mut window = Vec::new();
    while offset < end {
        window.resize(usize::try_from(end - offset).unwrap_or(usize::MAX).min(WINDOW_BYTES), 0);
        read(&mut window, offset)?;
        let is_rest = offset + window.len() as u64 == end;
        let mut used = 0;
        while is_rest && used < window.len() || window.len() - used >= MAX_FRAME_BYTES {
            if let Some(frame) = parse_frame(&window[used..]) {
                visit(offset + used as u64, &frame);
                used += frame.len as usize;
                last = offset + used as u64;
            } else {
                used += 1;
            }
        }
        offset += used as u64;
    }
    Ok(last)
}

/// Reads the bytes of one frame.
pub(super) fn read(file: &DiskFile, place: Place) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; place.len as usize];
    file.read_exact_at(&mut bytes, place.offset)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::disk::Disk;
    use mfa_ledger_base::wiped::boxed;

    use super::*;

    fn frame(id: u8, len: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let slot = boxed(&[0; 64]);
        let sealed = Sealed { nonce: [id; 24], ciphertext: vec![id; len], slot };
        let told = push_frame(&mut out, [id; 16], &sealed);
        assert_eq!(told as usize, out.len());
        out
    }

    #[test]
    fn any_changed_or_missing_byte_makes_a_frame_none() {
        let whole = frame(3, 40);
        assert_eq!(parse_frame(&whole).unwrap().id, [3; 16]);
        for i in 0..whole.len() {
            let mut changed = whole.clone();
            changed[i] ^= 1;
            assert!(parse_frame(&changed).is_none(), "byte {i}");
            assert!(parse_frame(&whole[..i]).is_none(), "cut at {i}");
        }
        assert!(parse_frame(&[0; 100]).is_none(), "zeros are no frame");
    }

    fn scanned(bytes: &[u8]) -> (u64, Vec<u8>) {
        let mut seen = Vec::new();
        let read = |out: &mut [u8], at| {
            let at = usize::try_from(at).unwrap();
            out.copy_from_slice(&bytes[at..at + out.len()]);
            Ok(())
        };
        let end = walk(bytes.len() as u64, read, |_, frame| seen.push(frame.id[0])).unwrap();
        (end, seen)
    }

    #[test]
    fn one_changed_byte_costs_one_frame() {
        let frames: Vec<_> = (1..=4).map(|id| frame(id, 10 * usize::from(id))).collect();
        let whole = [&[0; SEALED_HEADER_BYTES], frames.concat().as_slice()].concat();
        let mut at = SEALED_HEADER_BYTES;
        for (hit, frame) in (1..).zip(&frames) {
            let last = if hit == 4 { at } else { whole.len() };
            let rest: Vec<u8> = (1..=4).filter(|id| *id != hit).collect();
            for _ in 0..frame.len() {
                for bit in [1, 0x80] {
                    let mut changed = whole.clone();
                    changed[at] ^= bit;
                    let (end, seen) = scanned(&changed);
                    assert_eq!(seen, rest, "byte {at}");
                    assert!(hit == 4 || end == last as u64);
                }
                at += 1;
            }
        }
    }

    #[test]
    fn a_frame_behind_damage_longer_than_a_window_is_found() {
        let mut bytes = vec![0; SEALED_HEADER_BYTES];
        bytes.extend(frame(1, 100));
        bytes.resize(bytes.len() + WINDOW_BYTES + 12_345, 0xaa);
        bytes.extend(frame(2, MAX_SECRET_BYTES + 16));
        bytes.extend([7; 9]);
        assert_eq!(scanned(&bytes), ((bytes.len() - 9) as u64, vec![1, 2]));
    }

    #[test]
    fn a_scan_crosses_windows_and_stops_at_what_is_torn() {
        let dir = tempfile::tempdir().unwrap();
        let file = Disk::real().create_new(&dir.path().join("sealed")).unwrap();
        let mut bytes = vec![0; SEALED_HEADER_BYTES];
        for id in 0..50 {
            bytes.extend(frame(id, MAX_SECRET_BYTES + 16));
        }
        let whole = bytes.len();
        bytes.extend(&frame(99, 100)[..50]);
        file.write_all_at(&bytes, 0).unwrap();

        let mut seen = Vec::new();
        let place = |offset, frame: &Frame<'_>| Place { offset, len: frame.len };
        let end = scan(&file, |at, frame| seen.push((frame.id[0], place(at, frame)))).unwrap();
        assert_eq!(end, whole as u64);
        assert_eq!(seen.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
        let (id, place) = seen[49];
        assert_eq!(parse_frame(&read(&file, place).unwrap()).unwrap().id, [id; 16]);
    }
}
