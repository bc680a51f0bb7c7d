//! A copy of entries, taken beside a server that goes on writing, and written as a vault of its own.
//!
//! Slots are overwritten in place, so one may be read half old and half new. They are therefore read twice,
//! with the sealed bytes in between: only a slot that is the same both times counts, everything else is as if
//! it were not there, and whoever misses it reads again. The sealed bytes of a slot are durable before it is
//! written, so a slot that counts and has none is damage.
//!
//! What is written holds the entries that are kept and nothing else: no bytes of what was destroyed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use mfa_ledger_schemas::Secret;
use zeroize::Zeroizing;

use super::header::{self, CLAIM_AT, SEALED_HEADER_BYTES, SLOTS_HEADER_BYTES};
use super::seal::{EntryId, Purpose, Sealer};
use super::sealed;
use super::slots::{SLOT_BYTES, Slot};
use super::store::{OpenError, SEALED, SLOTS, damaged, io_in, refused};
use super::{MAX_SECRET_BYTES, MasterKey};
use crate::disk::{self, Disk};
use crate::wiped::{Buffer, boxed};

/// More than the longest frame has.
const WINDOW_BYTES: usize = MAX_SECRET_BYTES * 2;

type Frames = BTreeMap<EntryId, Vec<u8>>;

/// Entries with all that is needed to open them, but for the master key.
pub struct Copy {
    slots_header: Vec<u8>,
    sealed_header: Vec<u8>,
    entries: BTreeMap<EntryId, Kept>,
}

struct Kept {
    slot: Slot,
    frame: Vec<u8>,
}

impl Copy {
    /// The entries of the vault in `dir`, whether or not somebody writes to it.
    ///
    /// # Errors
    /// When its files cannot be read or are damaged; the key is not asked for.
    pub fn read(dir: &Path) -> Result<Self, OpenError> {
        let (slots_path, sealed_path) = (dir.join(SLOTS), dir.join(SEALED));
        let (slots_header, before) = read_slots(dir, &slots_path)?;
        let (sealed_header, mut frames) = read_frames(&sealed_path, &before).map_err(io_in(dir))?;
        let (_, after) = read_slots(dir, &slots_path)?;
        let id = header::read_slots_keyless(&slots_header).map_err(|why| refused(&why, &slots_path))?;
        if header::read_sealed(&sealed_header).map_err(|why| refused(&why, &sealed_path))? != id {
            return Err(damaged(&sealed_path, 0, "it belongs to another vault than the key slots"));
        }
        let mut entries = BTreeMap::new();
        for (id, slot) in before {
            if after.get(&id) != Some(&slot) {
                continue;
            }
            let Some(frame) = frames.remove(&id) else {
                return Err(damaged(&sealed_path, 0, "the sealed bytes of a live entry are not there"));
            };
            entries.insert(id, Kept { slot, frame });
        }
        Ok(Self { slots_header, sealed_header, entries })
    }

    /// The ids of the entries, in order.
    pub fn ids(&self) -> impl Iterator<Item = EntryId> {
        self.entries.keys().copied()
    }

    /// Whether there is such an entry.
    pub fn has(&self, id: &EntryId) -> bool {
        self.entries.contains_key(id)
    }

    /// Forgets what `wanted` does not want.
    pub fn keep(&mut self, wanted: impl Fn(&EntryId) -> bool) {
        self.entries.retain(|id, _| wanted(id));
    }

    /// Takes the entries of a later reading that are not there yet.
    pub fn add(&mut self, later: Self) {
        for (id, kept) in later.entries {
            self.entries.entry(id).or_insert(kept);
        }
    }

    /// Whether this is the master key of the vault.
    pub fn is_of(&self, master: &MasterKey) -> bool {
        header::read_slots(&self.slots_header, &Sealer::new(master)).is_ok()
    }

    /// Whether an entry opens under the master key, as the secret that it should hold.
    pub fn opens(&self, master: &MasterKey, id: EntryId, secret: Secret) -> bool {
        let (purpose, owner) = Purpose::of(secret);
        let Some(kept) = self.entries.get(&id) else { return false };
        let Some(frame) = sealed::parse_frame(&kept.frame) else { return false };
        let wrapped = kept.slot.last_chunk().expect("a slot ends with the wrapped key");
        Sealer::new(master).open((id, purpose, owner), wrapped, frame.nonce, frame.ciphertext).is_ok()
    }

    /// Writes them as a vault in a directory that is not there yet; durable when this returns.
    pub fn write(&self, dir: &Path, disk: &Disk) -> io::Result<()> {
        disk.create_dir_all(dir)?;
        let (mut head, mut sealed) = (self.slots_header.clone(), self.sealed_header.clone());
        let count = u32::try_from(self.entries.len()).map_err(io::Error::other)?;
        let claim = usize::try_from(CLAIM_AT).map_err(io::Error::other)?;
        head[claim..claim + 8].copy_from_slice(&header::claim(count));
        let mut slots = Buffer::with_capacity(head.len() + self.entries.len() * SLOT_BYTES);
        slots.push(&head);
        for kept in self.entries.values() {
            slots.push(kept.slot.as_slice());
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

impl std::fmt::Debug for Copy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Copy(***)")
    }
}

/// The header page, and the slots in use by the entry they are of.
fn read_slots(dir: &Path, path: &Path) -> Result<(Vec<u8>, BTreeMap<EntryId, Slot>), OpenError> {
    let bytes = Zeroizing::new(std::fs::read(path).map_err(io_in(dir))?);
    let (head, slots) = bytes.split_at(bytes.len().min(SLOTS_HEADER_BYTES));
    let mut taken = BTreeMap::new();
    for slot in slots.as_chunks::<SLOT_BYTES>().0.iter().filter(|slot| slot.iter().any(|byte| *byte != 0)) {
        taken.insert(*slot.first_chunk().expect("a slot begins with an id"), boxed(slot));
    }
    Ok((head.to_vec(), taken))
}

/// The header, and the last frame of each wanted entry: an id is put anew only once its slot is free.
fn read_frames(path: &Path, wanted: &BTreeMap<EntryId, Slot>) -> io::Result<(Vec<u8>, Frames)> {
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(SEALED_HEADER_BYTES);
    file.by_ref().take(SEALED_HEADER_BYTES as u64).read_to_end(&mut head)?;
    let (mut frames, mut window, mut used) = (BTreeMap::new(), Vec::new(), 0);
    loop {
        while let Some(frame) = sealed::parse_frame(&window[used..]) {
            let end = used + frame.len as usize;
            if wanted.contains_key(&frame.id) {
                frames.insert(frame.id, window[used..end].to_vec());
            }
            used = end;
        }
        window.drain(..used);
        used = 0;
        let room = WINDOW_BYTES.saturating_sub(window.len());
        // A window that is full and holds no whole frame begins with none: what follows is torn.
        if file.by_ref().take(room as u64).read_to_end(&mut window)? == 0 {
            return Ok((head, frames));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mfa_ledger_schemas::AdministratorId;

    use super::*;
    use crate::chance::Chance;
    use crate::vault::Vault;

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
        assert!(copy.is_of(&key()) && !copy.is_of(&MasterKey::from_bytes([2; 32])));
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
        assert!(matches!(Copy::read(dir.path()), Err(OpenError::Damaged { .. })));
        std::fs::write(dir.path().join(SEALED), b"x").unwrap();
        assert!(matches!(Copy::read(dir.path()), Err(OpenError::Damaged { .. })));
        std::fs::write(dir.path().join(SEALED), &sealed).unwrap();
        std::fs::write(dir.path().join(SLOTS), b"").unwrap();
        assert!(matches!(Copy::read(dir.path()), Err(OpenError::Damaged { .. })));
    }
}
