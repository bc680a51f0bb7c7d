//! Damage inside a vault, and how it is confined: one damaged entry costs one value, and the rest works.
//!
//! A key slot and a frame belong together when the slot's key unwraps under the frame's id and nonce. A slot without such
//! a frame is a *stray*: it opens nothing, and it is kept as it is, because the damage may be in its id, and then the
//! entry that it belongs to has another name.

use std::collections::HashMap;

use super::Vault;
use super::seal::{EntryId, NONCE_BYTES, Sealer};
use super::sealed::Place;
use super::slots::Taken;
use super::store::{Catalog, Entry};

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flaw {
    /// Neither a key slot nor sealed bytes have its id.
    Missing,
    /// A key slot names it, and its sealed bytes are missing or changed.
    SealedBytes,
    /// The wrapped key in its slot does not open.
    Key,
    /// A second key slot holds a key of the same entry.
    SecondSlot,
    /// The key opens, and what is sealed is not what the log names.
    Content,
    /// The disk does not return its bytes.
    Disk,
}

impl Flaw {
    /// What is wrong, in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::SealedBytes => "its sealed bytes are missing or changed",
            Self::Key => "the key in its slot is damaged",
            Self::SecondSlot => "a second key slot holds the same key",
            Self::Content => "its content is not what the log names",
            Self::Disk => "the disk cannot read it",
        }
    }
}

/// A damaged entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Damaged {
    /// Its id, as the key slot has it.
    pub id: EntryId,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// A slot in use that opens no frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stray {
    pub slot: u32,
    pub id: EntryId,
    pub flaw: Flaw,
}

impl Stray {
    /// Whether its id is known to be the right one: a frame has it too.
    pub fn is_confirmed(&self) -> bool {
        match self.flaw {
            Flaw::Key | Flaw::SecondSlot => true,
            Flaw::Missing | Flaw::SealedBytes | Flaw::Content | Flaw::Disk => false,
        }
    }

    pub fn damaged(&self) -> Damaged {
        Damaged { id: self.id, flaw: self.flaw }
    }
}

/// The newest whole frame of an entry.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub place: Place,
    pub nonce: [u8; NONCE_BYTES],
}

/// Brings slots and frames together.
pub(super) fn pair(
    taken: Vec<Taken>,
    frames: &HashMap<EntryId, Found>,
    sealer: &Sealer,
) -> (HashMap<EntryId, Entry>, Vec<Stray>) {
    let (mut entries, mut strays) = (HashMap::with_capacity(taken.len()), Vec::new());
    for Taken { slot, id, wrapped } in taken {
        let flaw = match frames.get(&id) {
            None => Flaw::SealedBytes,
            Some(found) if !sealer.unwraps(id, &wrapped, found.nonce) => Flaw::Key,
            Some(_) if entries.contains_key(&id) => Flaw::SecondSlot,
            Some(found) => {
                entries.insert(id, Entry { slot, wrapped, place: found.place, flaw: None });
                continue;
            }
        };
        strays.push(Stray { slot, id, flaw });
    }
    (entries, strays)
}

impl Vault {
    /// The ids of key slots without sealed bytes: the id itself may be the damage.
    pub fn doubtful(&self) -> Vec<EntryId> {
        let catalog = self.catalog();
        catalog.strays.iter().filter(|stray| !stray.is_confirmed()).map(|stray| stray.id).collect()
    }

    /// The damaged entries that are known, in order: found when the vault was opened, or read since.
    pub fn damaged(&self) -> Vec<Damaged> {
        let catalog = self.catalog();
        let read = catalog.entries.iter();
        let read = read.filter_map(|(id, entry)| Some(Damaged { id: *id, flaw: entry.flaw? }));
        let mut damaged: Vec<_> = read.chain(catalog.strays.iter().map(Stray::damaged)).collect();
        damaged.sort_unstable();
        damaged
    }

    /// What is known to be wrong with an entry; `None` where nothing is.
    pub fn flaw(&self, id: EntryId) -> Option<Flaw> {
        self.catalog().flaw(id)
    }

    /// With which of some entries something is known to be wrong.
    pub fn flawed<const N: usize>(&self, ids: [Option<EntryId>; N]) -> [bool; N] {
        let catalog = self.catalog();
        ids.map(|id| id.is_some_and(|id| catalog.flaw(id).is_some()))
    }
}

impl Catalog {
    fn flaw(&self, id: EntryId) -> Option<Flaw> {
        match self.entries.get(&id) {
            Some(entry) => entry.flaw,
            None => Some(self.strays.iter().find(|it| it.id == id).map_or(Flaw::Missing, |it| it.flaw)),
        }
    }

    /// Whether there is an entry, damaged or not.
    pub fn holds(&self, id: EntryId) -> bool {
        self.entries.contains_key(&id) || self.has_stray(id)
    }

    pub fn has_stray(&self, id: EntryId) -> bool {
        self.strays.iter().any(|stray| stray.id == id)
    }

    /// The slots without a use of their own that hold a key of this entry. A slot whose key does not open is not among
    /// them beside a sound entry of the same id: then the damage is in its id, and it belongs to another entry.
    pub fn stray_slots(&self, id: EntryId) -> impl Iterator<Item = u32> {
        let sound = self.entries.contains_key(&id);
        let strays = self.strays.iter();
        strays.filter(move |it| it.id == id && !(sound && it.flaw == Flaw::Key)).map(|it| it.slot)
    }
}
