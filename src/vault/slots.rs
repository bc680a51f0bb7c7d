//! The key slots: a file of fixed places of 64 bytes, each free (all zero) or an entry's id and its
//! wrapped data key. A slot is overwritten in place, so the old key is nowhere afterwards.
//!
//! The file grows by whole chunks of written zeros: an overwritten slot changes no metadata, and its
//! fdatasync costs one write. A slot lies within one sector, so it is written whole or not at all. How
//! many slots there are is written into the header page before any of the new ones is used, so that a
//! file that was cut is not taken for a smaller one.

use std::collections::BTreeMap;
use std::io;

use mfa_ledger_base::disk::DiskFile;
use mfa_ledger_base::wiped::{Boxed, Buffer, boxed};
use zeroize::Zeroizing;

use super::doubt;
use super::header::{self, CLAIM_AT, SLOTS_HEADER_BYTES};
use super::seal::EntryId;

/// Bytes in a slot.
pub(super) const SLOT_BYTES: usize = 64;

/// Bytes of a wrapped data key: 32 and the 16 of its seal.
pub(super) const WRAPPED_BYTES: usize = SLOT_BYTES - 16;

/// Slots by which the file grows (256 KiB).
const CHUNK_SLOTS: u32 = 4096;

const FREE: [u8; SLOT_BYTES] = [0; SLOT_BYTES];

/// The content of a slot: an entry's id and its wrapped key. It must be gone from memory once it is destroyed.
pub(super) type Slot = Boxed<SLOT_BYTES>;

/// A wrapped key alone.
pub(super) type Wrapped = Boxed<WRAPPED_BYTES>;

/// The wrapped key in a slot.
pub(super) fn wrapped(slot: &[u8; SLOT_BYTES]) -> Wrapped {
    boxed(slot.last_chunk().expect("a slot ends with the wrapped key"))
}

/// The open slots file, owned by the writer.
pub(super) struct Slots {
    file: DiskFile,
    capacity: u32,
    /// The capacity that the header page tells of.
    claimed: u32,
    missing: u32,
    /// Free slots, the lowest last.
    free: Vec<u32>,
}

/// A slot in use.
pub(super) struct Taken {
    pub slot: u32,
    pub id: EntryId,
    pub wrapped: Wrapped,
}

impl Slots {
    /// Reads all slots of a file whose header has been checked and claims so many. A last slot that was cut counts as one:
    /// what is left of it stays where it is.
    pub fn load(file: DiskFile, claimed: u32) -> io::Result<(Self, Vec<Taken>)> {
        let there = file.len()?.saturating_sub(SLOTS_HEADER_BYTES as u64);
        let capacity = u32::try_from(there.div_ceil(SLOT_BYTES as u64)).map_err(io::Error::other)?;
        let mut bytes = Zeroizing::new(vec![0; capacity as usize * SLOT_BYTES]);
        let there = usize::try_from(there).map_err(io::Error::other)?;
        file.read_exact_at(&mut bytes[..there], offset_of(0))?;
        let (mut taken, mut free) = (Vec::new(), Vec::new());
        for (slot, content) in (0..).zip(bytes.as_chunks::<SLOT_BYTES>().0) {
            if *content == FREE {
                free.push(slot);
                continue;
            }
            let id = *content.first_chunk().expect("a slot begins with an id");
            taken.push(Taken { slot, id, wrapped: wrapped(content) });
        }
        free.reverse();
        let whole = u32::try_from(there / SLOT_BYTES).map_err(io::Error::other)?;
        let missing = claimed.saturating_sub(whole);
        Ok((Self { file, capacity, claimed, missing, free }, taken))
    }

    /// Slots that the header page claims and the file did not have, or not to their end, when it was read.
    pub fn missing(&self) -> u32 {
        self.missing
    }

    /// Writes everything back as it is read, since it may not be on the medium.
    pub fn settle(&self) -> io::Result<()> {
        doubt::settle_slots(&self.file)
    }

    /// Makes sure that `count` slots are free, so that [`Slots::take`] finds them.
    pub fn reserve(&mut self, count: usize) -> io::Result<()> {
        while self.free.len() < count {
            let chunk = vec![0; CHUNK_SLOTS as usize * SLOT_BYTES];
            self.file.write_all_at(&chunk, offset_of(self.capacity))?;
            self.file.sync_data()?;
            let grown =
                self.capacity.checked_add(CHUNK_SLOTS).ok_or_else(|| io::Error::other("too many slots"))?;
            let old = std::mem::take(&mut self.free);
            self.free = (self.capacity..grown).rev().chain(old).collect();
            self.capacity = grown;
        }
        if count > 0 && self.claimed < self.capacity {
            self.file.write_all_at(&header::claim(self.capacity), CLAIM_AT)?;
            self.file.sync_data()?;
            self.claimed = self.capacity;
        }
        Ok(())
    }

    /// The lowest free slot.
    pub fn take(&mut self) -> u32 {
        self.free.pop().expect("slots are reserved before they are taken")
    }

    /// Gives back a slot whose emptiness is durable.
    pub fn give_back(&mut self, slot: u32) {
        let place = self.free.partition_point(|&other| other > slot);
        self.free.insert(place, slot);
    }

    /// Overwrites slots (`None` empties one) and waits until that is durable.
    pub fn overwrite(&self, changes: &BTreeMap<u32, Option<Slot>>) -> io::Result<()> {
        let mut changes = changes.iter().peekable();
        while let Some((&first, content)) = changes.next() {
            let mut run = Buffer::with_capacity(SLOT_BYTES);
            run.push(content_of(content.as_ref()));
            let mut next = first + 1;
            while let Some((_, content)) = changes.next_if(|(slot, _)| **slot == next) {
                run.push(content_of(content.as_ref()));
                next += 1;
            }
            self.file.write_all_at(&run, offset_of(first))?;
        }
        self.file.sync_data()
    }
}

/// What is written into a slot.
fn content_of(slot: Option<&Slot>) -> &[u8] {
    slot.map_or(&FREE, |slot| slot.as_slice())
}

fn offset_of(slot: u32) -> u64 {
    SLOTS_HEADER_BYTES as u64 + u64::from(slot) * SLOT_BYTES as u64
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::disk::Disk;

    use super::*;

    #[test]
    fn slots_are_taken_from_below_overwritten_in_place_and_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("slots");
        let file = Disk::real().create_new(&path).unwrap();
        file.write_all_at(&[1; SLOTS_HEADER_BYTES], 0).unwrap();
        let (mut slots, taken) = Slots::load(file, 0).unwrap();
        assert!(taken.is_empty());

        slots.reserve(3).unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        assert_eq!((slots.take(), slots.take(), slots.take()), (0, 1, 2));
        let content = |i: u8| Some(boxed(&[i; SLOT_BYTES]));
        slots.overwrite(&BTreeMap::from([(0, content(10)), (1, content(11)), (2, content(12))])).unwrap();
        slots.overwrite(&BTreeMap::from([(1, None)])).unwrap();
        slots.give_back(1);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), size, "overwriting does not grow the file");

        let (mut slots, taken) = Slots::load(Disk::real().open(&path).unwrap(), 0).unwrap();
        assert_eq!(taken.iter().map(|t| (t.slot, t.id)).collect::<Vec<_>>(), [(0, [10; 16]), (2, [12; 16])]);
        assert_eq!((slots.take(), slots.take()), (1, 3));
    }
}
