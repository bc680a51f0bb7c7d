//! A copy of entries, taken beside a server that goes on writing, and written as a vault of its own.
//!
//! Slots are overwritten in place, so one may be read half old and half new. They are therefore read twice,
//! with the sealed bytes in between: only a slot that is the same both times counts, everything else is as if
//! it were not there, and whoever misses it reads again. The sealed bytes of a slot are durable before it is
//! written, so a slot that counts and has none is damage: the copy is without that entry, and names it.
//!
//! What is written holds the entries that are kept and nothing else: no bytes of what was destroyed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::{self, Disk};
use mfa_ledger_base::wiped::{Buffer, boxed};
use mfa_ledger_schemas::Secret;
use zeroize::Zeroizing;

use super::damage::{Damaged, Flaw};
use super::header::{self, CLAIM_AT, SEALED_HEADER_BYTES, SLOTS_HEADER_BYTES, VaultId};
use super::seal::{EntryId, Purpose, Sealer};
use super::sealed;
use super::slots::{SLOT_BYTES, Slot, WRAPPED_BYTES};
use super::store::{OpenError, SEALED, SLOTS, absent_in, damaged, refused};
use super::{ANOTHER, MasterKey, NONE_NAMED, Remembered};

type Frames = BTreeMap<EntryId, Vec<u8>>;
type Taken = BTreeMap<EntryId, Vec<Slot>>;

/// Entries with all that is needed to open them, but for the master key.
pub struct Copy {
    id: VaultId,
    slots_path: PathBuf,
    slots_header: Vec<u8>,
    sealed_header: Vec<u8>,
    entries: BTreeMap<EntryId, Kept>,
    /// Slots in use without sealed bytes.
    bare: BTreeSet<EntryId>,
}

struct Kept {
    /// One, unless another slot has this id by damage.
    slots: Vec<Slot>,
    frame: Vec<u8>,
}

impl Kept {
    /// Its frame, and the keys in its slots.
    fn parts(&self) -> Option<(sealed::Frame<'_>, impl Iterator<Item = &[u8; WRAPPED_BYTES]>)> {
        let frame = sealed::parse_frame(&self.frame)?;
        Some((frame, self.slots.iter().map(|slot| slot.last_chunk().expect("a slot ends with a key"))))
    }
}

impl Copy {
    /// The entries of the vault in `dir`, whether or not somebody writes to it.
    ///
    /// # Errors
    /// When its files cannot be read, or a header is missing or damaged; the key is not asked for.
    pub fn read(dir: &Path) -> Result<Self, OpenError> {
        let (slots_path, sealed_path) = (dir.join(SLOTS), dir.join(SEALED));
        let (slots_header, before) = read_slots(dir, &slots_path)?;
        let (sealed_header, mut frames) =
            read_frames(&sealed_path, &before).map_err(absent_in(dir, &sealed_path))?;
        let (_, after) = read_slots(dir, &slots_path)?;
        let (id, _) = header::read_slots_keyless(&slots_header).map_err(|why| refused(&why, &slots_path))?;
        if header::read_sealed(&sealed_header).map_err(|why| refused(&why, &sealed_path))? != id {
            return Err(damaged(&sealed_path, 0, "it belongs to another vault than the key slots"));
        }
        let (mut entries, mut bare) = (BTreeMap::new(), BTreeSet::new());
        for (id, slots) in before {
            if after.get(&id) != Some(&slots) {
                continue;
            }
            match frames.remove(&id) {
                Some(frame) => drop(entries.insert(id, Kept { slots, frame })),
                None => drop(bare.insert(id)),
            }
        }
        Ok(Self { id, slots_path, slots_header, sealed_header, entries, bare })
    }

    /// The id of the vault.
    pub fn id(&self) -> VaultId {
        self.id
    }

    /// The ids of the entries, in order.
    pub fn ids(&self) -> impl Iterator<Item = EntryId> {
        self.entries.keys().copied()
    }

    /// The ids of key slots in use without sealed bytes, in order.
    pub fn bare(&self) -> impl Iterator<Item = &EntryId> {
        self.bare.iter()
    }

    /// Whether there is such an entry.
    pub fn has(&self, id: &EntryId) -> bool {
        self.entries.contains_key(id)
    }

    /// Whether a key slot has this id, with sealed bytes or without.
    pub fn names(&self, id: &EntryId) -> bool {
        self.has(id) || self.bare.contains(id)
    }

    /// Why this is the vault of another log, if that shows without its key: its id is not the one that is remembered, or the
    /// log names entries and none of them is here. `has_begun`: the log says that it began after an accepted loss, so that it
    /// may have none of what was named before.
    pub fn foreign(
        &self,
        known: Option<&Remembered>,
        has_begun: bool,
        named: impl IntoIterator<Item = EntryId>,
    ) -> Option<&'static str> {
        if known.is_some_and(|known| !known.is(self.id)) {
            return Some(ANOTHER);
        }
        // While a loss is being accepted, the new vault has nothing yet.
        if has_begun || known.is_some_and(|known| known.loss.is_some()) {
            return None;
        }
        let mut named = named.into_iter().peekable();
        (named.peek().is_some() && !named.any(|id| self.names(&id))).then_some(NONE_NAMED)
    }

    /// Forgets what `wanted` does not want.
    pub fn keep(&mut self, wanted: impl Fn(&EntryId) -> bool) {
        self.entries.retain(|id, _| wanted(id));
    }

    /// Takes the entries of a later reading that are not there yet.
    pub fn add(&mut self, later: Self) {
        self.bare.retain(|id| !later.has(id));
        for (id, kept) in later.entries {
            self.entries.entry(id).or_insert(kept);
        }
    }

    /// Checks that this is the master key of the vault.
    ///
    /// # Errors
    /// When it is another one, or the rest of the header is damaged.
    pub fn require_key(&self, master: &MasterKey) -> Result<(), OpenError> {
        let read = header::read_slots(&self.slots_header, &Sealer::new(master));
        read.map(drop).map_err(|why| refused(&why, &self.slots_path))
    }

    /// Whether an entry opens under the master key, as the secret that it should hold.
    pub fn opens(&self, master: &MasterKey, id: EntryId, secret: Secret) -> bool {
        self.flaw(master, id, secret).is_none()
    }

    /// What is wrong with an entry that should hold this secret; `None` where it opens.
    pub fn flaw(&self, master: &MasterKey, id: EntryId, secret: Secret) -> Option<Flaw> {
        let (purpose, owner) = Purpose::of(secret);
        let Some(kept) = self.entries.get(&id) else {
            return Some(if self.bare.contains(&id) { Flaw::SealedBytes } else { Flaw::Missing });
        };
        let Some((frame, mut keys)) = kept.parts() else { return Some(Flaw::SealedBytes) };
        let sealer = Sealer::new(master);
        let Some(key) = keys.find(|key| sealer.unwraps(id, key, frame.nonce)) else { return Some(Flaw::Key) };
        let opened = sealer.open((id, purpose, owner), key, frame.nonce, frame.ciphertext);
        opened.is_err().then_some(Flaw::Content)
    }

    /// The damaged entries that can be found without the log, in order.
    pub fn damaged(&self, master: &MasterKey) -> Vec<Damaged> {
        let sealer = Sealer::new(master);
        let bare = self.bare.iter().map(|id| Damaged { id: *id, flaw: Flaw::SealedBytes });
        let shut = self.entries.iter().filter(|(id, kept)| {
            let opens = |(frame, mut keys): (sealed::Frame<'_>, _)| {
                Iterator::any(&mut keys, |key: &[u8; WRAPPED_BYTES]| sealer.unwraps(**id, key, frame.nonce))
            };
            !kept.parts().is_some_and(opens)
        });
        let mut damaged: Vec<_> =
            bare.chain(shut.map(|(id, _)| Damaged { id: *id, flaw: Flaw::Key })).collect();
        damaged.sort_unstable();
        damaged
    }

    /// Writes them as a vault in a directory that is not there yet; durable when this returns.
    pub fn write(&self, dir: &Path, disk: &Disk) -> io::Result<()> {
        disk.create_dir_all(dir)?;
        let (mut head, mut sealed) = (self.slots_header.clone(), self.sealed_header.clone());
        let count = self.entries.values().map(|kept| kept.slots.len()).sum::<usize>();
        let count = u32::try_from(count).map_err(io::Error::other)?;
        let claim = usize::try_from(CLAIM_AT).map_err(io::Error::other)?;
        head[claim..claim + 8].copy_from_slice(&header::claim(count));
        let mut slots = Buffer::with_capacity(head.len() + self.entries.len() * SLOT_BYTES);
        slots.push(&head);
        for kept in self.entries.values() {
            for slot in &kept.slots {
                slots.push(slot.as_slice());
            }
            sealed.extend_from_slice(&kept.frame);
        }
        for (name, bytes) in [(SEALED, sealed.as_slice()), (SLOTS, &*slots)] {
            let file = disk.create_new(&dir.join(name))?;
            file.write_all_at(bytes, 0)?;
            file.sync_data()?;
        }
        disk.sync_dir(dir)?;
        disk.sync_dir(disk::parent(dir))
    }
}

/// Overwrites the key slots of a vault that is no longer in use, as far as their ids are wanted; durable when this returns.
pub fn erase_slots(dir: &Path, wanted: impl Fn(&EntryId) -> bool, disk: &Disk) -> io::Result<()> {
    let path = dir.join(SLOTS);
    if !path.exists() {
        return Ok(());
    }
    let file = disk.open(&path)?;
    let len = usize::try_from(file.len()?).map_err(io::Error::other)?;
    let mut slots = Zeroizing::new(vec![0; len.saturating_sub(SLOTS_HEADER_BYTES)]);
    file.read_exact_at(&mut slots, SLOTS_HEADER_BYTES as u64)?;
    for slot in slots.as_chunks_mut::<SLOT_BYTES>().0 {
        if wanted(slot.first_chunk().expect("a slot begins with an id")) {
            *slot = [0; SLOT_BYTES];
        }
    }
    file.write_all_at(&slots, SLOTS_HEADER_BYTES as u64)?;
    file.sync_data()
}

impl std::fmt::Debug for Copy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Copy(***)")
    }
}

/// The header page, and the slots in use by the entry they are of.
fn read_slots(dir: &Path, path: &Path) -> Result<(Vec<u8>, Taken), OpenError> {
    let bytes = Zeroizing::new(std::fs::read(path).map_err(absent_in(dir, path))?);
    let (head, slots) = bytes.split_at(bytes.len().min(SLOTS_HEADER_BYTES));
    let mut taken = Taken::new();
    for slot in slots.as_chunks::<SLOT_BYTES>().0.iter().filter(|slot| slot.iter().any(|byte| *byte != 0)) {
        taken.entry(*slot.first_chunk().expect("a slot begins with an id")).or_default().push(boxed(slot));
    }
    Ok((head.to_vec(), taken))
}

/// The header, and the last frame of each wanted entry: an id is put anew only once its slot is free.
fn read_frames(path: &Path, wanted: &Taken) -> io::Result<(Vec<u8>, Frames)> {
    let file = File::open(path)?;
    let end = file.metadata()?.len();
    let mut head = vec![0; usize::try_from(end).unwrap_or(usize::MAX).min(SEALED_HEADER_BYTES)];
    file.read_exact_at(&mut head, 0)?;
    let mut places = BTreeMap::new();
    sealed::walk(
        end,
        |bytes, offset| file.read_exact_at(bytes, offset),
        |offset, frame| {
            if wanted.contains_key(&frame.id) {
                places.insert(frame.id, (offset, frame.len));
            }
        },
    )?;
    let mut frames = BTreeMap::new();
    for (id, (offset, len)) in places {
        let mut frame = vec![0; len as usize];
        file.read_exact_at(&mut frame, offset)?;
        frames.insert(id, frame);
    }
    Ok((head, frames))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mfa_ledger_base::chance::Chance;
    use mfa_ledger_schemas::AdministratorId;

    use super::*;
    use crate::{MAX_SECRET_BYTES, Vault};

    fn key() -> MasterKey {
        MasterKey::from_bytes([1; 32])
    }

    fn open(dir: &Path) -> Vault {
        Vault::open(dir, &key(), Disk::real(), Arc::new(Chance::System)).unwrap()
    }

    async fn put(vault: &Vault, id: u8, bytes: usize) {
        vault.put([id; 16], Purpose::Annex, [0; 16], vec![id; bytes].into()).await.unwrap();
    }

    #[tokio::test]
    async fn a_copy_is_a_vault_with_what_was_kept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("vault"), dir.path().join("copy"));
        let vault = open(&from);
        for id in 1..=40 {
            put(&vault, id, MAX_SECRET_BYTES / usize::from(id)).await;
        }
        vault.destroy(&[[2; 16]]).await.unwrap();
        let mut copy = Copy::read(&from).unwrap();
        assert_eq!(copy.ids().count(), 39);
        copy.keep(|id| id[0] != 3);
        put(&vault, 41, 10).await;
        vault.destroy(&[[1; 16]]).await.unwrap();
        copy.add(Copy::read(&from).unwrap());
        copy.keep(|id| id[0] != 3);
        copy.write(&to, &Disk::real()).unwrap();

        let restored = open(&to);
        let expected: Vec<_> = (1..=41).filter(|id| ![2, 3].contains(id)).collect();
        assert_eq!(restored.ids(), expected.iter().map(|id| [*id; 16]).collect::<Vec<_>>());
        for id in expected {
            let read = restored.read([id; 16], Purpose::Annex, [0; 16]).unwrap().unwrap();
            assert!(read.iter().all(|byte| *byte == id));
            assert!(copy.opens(&key(), [id; 16], Secret::Annex));
            assert!(!copy.opens(&key(), [id; 16], Secret::Password(AdministratorId::from_bytes([0; 16]))));
        }
        put(&restored, 3, 5).await;
        copy.require_key(&key()).unwrap();
        let other = copy.require_key(&MasterKey::from_bytes([2; 32]));
        assert!(matches!(other, Err(OpenError::WrongKey)));
    }

    #[tokio::test]
    async fn a_slot_that_changes_while_it_is_read_does_not_count() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Arc::new(open(dir.path()));
        put(&vault, 1, 10).await;
        let churning = tokio::spawn({
            let vault = Arc::clone(&vault);
            async move {
                for _ in 0..300 {
                    put(&vault, 2, 40).await;
                    vault.destroy(&[[2; 16]]).await.unwrap();
                }
            }
        });
        let mut seen = 0;
        while !churning.is_finished() {
            let from = dir.path().to_owned();
            let copy = tokio::task::spawn_blocking(move || Copy::read(&from)).await.unwrap().unwrap();
            assert!(copy.has(&[1; 16]));
            for id in copy.ids() {
                assert!(copy.opens(&key(), id, Secret::Annex), "what counts opens");
            }
            seen += usize::from(copy.has(&[2; 16]));
        }
        churning.await.unwrap();
        println!("seen alive {seen} times");
    }

    #[tokio::test]
    async fn what_is_no_vault_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Copy::read(&dir.path().join("none")), Err(OpenError::Io { .. })));
        let vault = open(dir.path());
        put(&vault, 1, 10).await;
        drop(vault);
        let sealed = std::fs::read(dir.path().join(SEALED)).unwrap();
        std::fs::write(dir.path().join(SEALED), &sealed[..sealed.len() - 1]).unwrap();
        let copy = Copy::read(dir.path()).unwrap();
        assert!(!copy.has(&[1; 16]));
        assert_eq!(copy.damaged(&key()), [Damaged { id: [1; 16], flaw: Flaw::SealedBytes }]);
        std::fs::write(dir.path().join(SEALED), b"x").unwrap();
        assert!(matches!(Copy::read(dir.path()), Err(OpenError::Damaged { .. })));
        std::fs::write(dir.path().join(SEALED), &sealed).unwrap();
        std::fs::write(dir.path().join(SLOTS), b"").unwrap();
        assert!(matches!(Copy::read(dir.path()), Err(OpenError::Damaged { .. })));
    }
}
