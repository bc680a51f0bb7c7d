//! What follows the last whole frame of the journal after a crash: a batch that was torn, or one that was damaged.
//!
//! A batch is written once, over zeros or past the end of the file, and synced before a caller is answered. A disk
//! writes an aligned sector of 512 bytes completely or not at all. Therefore:
//!
//! - A broken frame is *torn* when a part of it was never written: the file ends inside it, or its part of a sector
//!   holds only zeros. Its batch was not synced, no caller was answered for it, and it is cut.
//! - A broken frame that lacks no part was written in full, and *damaged* later. Callers may have been answered for it:
//!   that is an integrity error, never a cut.
//!
//! Only the first broken frame is judged, by its own extent. What follows it proves nothing for it: a later batch may be
//! torn behind a damaged frame.
//!
//! | the broken frame | it is |
//! |---|---|
//! | a whole frame of a later batch follows | damaged: that batch was written after this one was answered for |
//! | with another length its checksum fits | damaged: only the length was changed |
//! | with one other bit its checksum fits | damaged |
//! | its length is possible | torn or damaged, by the sectors up to its end |
//! | its length is impossible | the same, up to the next whole frame or the last byte in use |
//! | fewer bytes are in use than the shortest frame has | torn |
//! | a single bit is set in the room behind the last frame | no frame: a bit of the room was changed, and is cut |
//!
//! Two things cannot be told apart. A changed bit that leaves nothing but zeros in a frame's part of a sector looks like
//! a tear; with records that end in text this can only be a bit in the length of a frame that begins 3 or 4 bytes before
//! the end of a sector. And so does damage to several bits of a frame that has a sector of zeros within it.

use super::MAX_BATCH;
use super::frame::{LENGTH, LONGEST, MAX_FRAME, PREFIX, SHORTEST, Seal};
use crate::Position;

/// Bytes that a disk writes together or not at all.
const SECTOR: usize = 512;

/// Bytes that every frame begins with and that are always zeros: those of its length above 64 KiB.
const ALWAYS_ZERO: usize = 2;
const _: () = assert!(LONGEST < 1 << 16, "the first two bytes of every frame are zeros");

/// The polynomial of CRC-32C, its bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// What follows the last whole frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Zeros written ahead, or nothing.
    Room,
    /// Zeros, but for one bit; so many bytes up to it.
    Stray(u64),
    /// A batch that was never written in full; so many of its bytes are in use.
    Torn(u64),
    /// A batch that was written in full.
    Damaged,
}

/// Judges what follows the last whole frame of a file: `rest`, which begins at `offset` in the file, and in which the
/// frame for the position `due` is broken.
pub(super) fn judge(rest: &[u8], offset: usize, seal: Seal, due: Position) -> Tail {
    let Some(last) = last_in_use(rest) else { return Tail::Room };
    let used = last + 1;
    // However far behind the last frame it is.
    if rest[..used].iter().map(|byte| byte.count_ones()).sum::<u32>() == 1 {
        return Tail::Stray(used as u64);
    }
    let later = |at| seal.parse(&rest[at..]).is_ok_and(|frame| frame.batch > due);
    if last >= MAX_BATCH + MAX_FRAME || (1..=last).any(later) {
        return Tail::Damaged;
    }
    let broken = Broken { rest, offset, seal };
    if !broken.is_whole_but_for_a_change() && broken.lacks_a_part(used) {
        Tail::Torn(used as u64)
    } else {
        Tail::Damaged
    }
}

/// A frame that does not pass its checksum.
struct Broken<'a> {
    rest: &'a [u8],
    offset: usize,
    seal: Seal,
}

impl Broken<'_> {
    /// Whether its checksum fits once its length is replaced, or one other bit. Nothing is replaced in a part of a sector
    /// that holds only zeros: that may never have been written.
    fn is_whole_but_for_a_change(&self) -> bool {
        let first = self.part(0, self.rest.len());
        let kept = if is_zero(first) { first.len().min(LENGTH) } else { 0 };
        let most = LONGEST.min(self.rest.len().saturating_sub(PREFIX));
        let length_changed =
            (SHORTEST..=most).filter_map(|length| u32::try_from(length).ok()).any(|length| {
                is_zero(&length.to_be_bytes()[..kept]) && self.seal.differs(self.rest, length) == Some(0)
            });
        length_changed || self.one_bit_changed()
    }

    fn one_bit_changed(&self) -> bool {
        let Some((length, extent)) = self.length().zip(self.extent()) else { return false };
        let Some(differs) = self.seal.differs(self.rest, length) else { return false };
        // A bit of the checksum itself shows as that bit; one of the payload as what it does to the checksum.
        let changed = if differs.is_power_of_two() {
            Some(LENGTH)
        } else {
            changed_bit(differs, (extent - PREFIX) * 8).map(|bit| PREFIX + bit / 8)
        };
        changed.is_some_and(|byte| !is_zero(self.part(byte, extent)))
    }

    /// Whether a part of it was never written; so many bytes of the file behind it are in use.
    fn lacks_a_part(&self, used: usize) -> bool {
        let end = match self.extent() {
            Some(end) => end,
            None if used < PREFIX + SHORTEST => return true,
            None => (1..used).find(|at| self.seal.parse(&self.rest[*at..]).is_ok()).unwrap_or(used),
        };
        if end > self.rest.len() {
            return true;
        }
        let mut at = 0;
        while at < end {
            let part = self.part(at, end);
            if is_zero(part) && (at > 0 || part.len() > ALWAYS_ZERO) {
                return true;
            }
            at += part.len();
        }
        false
    }

    /// The part up to `end` that the sector with the byte `at` has.
    fn part(&self, at: usize, end: usize) -> &[u8] {
        let sector = (self.offset + at) / SECTOR * SECTOR;
        let begin = sector.saturating_sub(self.offset);
        &self.rest[begin..(sector + SECTOR - self.offset).min(end)]
    }

    /// Its length field, if a frame can have this length.
    fn length(&self) -> Option<u32> {
        let length = u32::from_be_bytes(*self.rest.first_chunk()?);
        (SHORTEST..=LONGEST).contains(&usize::try_from(length).ok()?).then_some(length)
    }

    /// Its size by its own length.
    fn extent(&self) -> Option<usize> {
        self.length().and_then(|length| usize::try_from(length).ok()).map(|length| PREFIX + length)
    }
}

/// Which of the last `bits` bits makes this difference in the checksum when it alone is changed; counted from the first
/// of them.
fn changed_bit(differs: u32, bits: usize) -> Option<usize> {
    // The checksum takes the bits of a byte from the lowest up. A change of the very last bit shows as the polynomial,
    // one of the bit before it as that pushed on by a bit, and so on.
    let mut shown = POLYNOMIAL;
    (0..bits).rev().find(|_| {
        let found = shown == differs;
        shown = if shown & 1 == 1 { shown >> 1 ^ POLYNOMIAL } else { shown >> 1 };
        found
    })
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// The last byte that is not zero; blocks of zeros are compared as a whole, since there are many.
fn last_in_use(bytes: &[u8]) -> Option<usize> {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut rest = bytes;
    loop {
        let (before, block) = rest.split_at(rest.len().saturating_sub(ZEROS.len()));
        if *block != ZEROS[..block.len()] {
            return block.iter().rposition(|byte| *byte != 0).map(|at| before.len() + at);
        }
        if before.is_empty() {
            return None;
        }
        rest = before;
    }
}

#[cfg(test)]
mod tests;
