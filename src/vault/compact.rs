//! Compaction: the sealed file is written anew with the frames of live entries alone, and put in the
//! place of the old one whole or not at all. Destroying does not need it; it only gives room back.
//!
//! A damaged vault is not compacted: what is left of an entry may be all that can be repaired. The room is given back once
//! the damaged entries are destroyed.

use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::damage::Flaw;
use super::header::SEALED_HEADER_BYTES;
use super::seal::EntryId;
use super::sealed::{self, Place};
use super::store::{SEALED, SEALED_NEW};
use super::writer::{COMPACTION, Writer};

/// Bytes gathered before they are written.
const WRITE_BYTES: usize = 1 << 20;

/// Bytes written before they are synced, so that no single sync takes as long as one that hangs.
const SYNC_BYTES: u64 = 64 << 20;

impl Writer {
    pub(super) fn compact(&mut self) -> io::Result<()> {
        let (old, mut live) = {
            let catalog = self.catalog.read().unwrap_or_else(PoisonError::into_inner);
            let is_damaged = catalog.entries.values().any(|entry| entry.flaw.is_some());
            if is_damaged || !catalog.strays.is_empty() {
                return Ok(());
            }
            let live: Vec<_> = catalog.entries.iter().map(|(id, entry)| (*id, entry.place)).collect();
            (Arc::clone(&catalog.sealed), live)
        };
        live.sort_unstable_by_key(|(_, place)| place.offset);

        let temporary = self.dir.join(SEALED_NEW);
        let new = self.disk.create_new(&temporary)?;
        let mut pending = vec![0; SEALED_HEADER_BYTES];
        old.read_exact_at(&mut pending, 0)?;
        let (mut written, mut synced) = (0, 0);
        let vitals = Arc::clone(&self.vitals);
        for (id, place) in &mut live {
            let Ok(frame) = sealed::read(&old, *place) else {
                return self.put_off(*id, Flaw::Disk, &temporary);
            };
            if sealed::parse_frame(&frame).is_none_or(|frame| frame.id != *id) {
                return self.put_off(*id, Flaw::SealedBytes, &temporary);
            }
            *place = Place { offset: written + pending.len() as u64, len: place.len };
            pending.extend_from_slice(&frame);
            if pending.len() >= WRITE_BYTES {
                vitals.track(COMPACTION, || new.write_all_at(&pending, written))?;
                written += pending.len() as u64;
                pending.clear();
                if written - synced >= SYNC_BYTES {
                    vitals.track(COMPACTION, || new.sync_data())?;
                    synced = written;
                }
            }
        }
        new.write_all_at(&pending, written)?;
        written += pending.len() as u64;
        vitals.track(COMPACTION, || {
            new.sync_data()?;
            self.disk.rename(&temporary, &self.dir.join(SEALED))?;
            self.disk.sync_dir(&self.dir)
        })?;

        let mut catalog = self.catalog.write().unwrap_or_else(PoisonError::into_inner);
        for (id, place) in live {
            if let Some(entry) = catalog.entries.get_mut(&id) {
                entry.place = place;
            }
        }
        catalog.sealed = Arc::new(new);
        self.sealed_end = written;
        Ok(())
    }

    /// Notes an entry that was damaged since it was last read, and leaves the old file as it is.
    fn put_off(&self, id: EntryId, flaw: Flaw, temporary: &Path) -> io::Result<()> {
        tracing::warn!("the vault has a damaged entry and is not compacted");
        let mut catalog = self.catalog.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = catalog.entries.get_mut(&id) {
            entry.flaw = Some(flaw);
        }
        drop(catalog);
        self.disk.remove(temporary)
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::chance::Chance;
    use mfa_ledger_base::disk::{Disk, Fate};
    use zeroize::Zeroizing;

    use super::*;
    use crate::{Damaged, MasterKey, OpenError, Purpose, Vault};

    const GARBAGE_BYTES: u64 = 1000;
    const ENTRIES: u8 = 12;

    fn open(dir: &Path, disk: Disk) -> Result<Vault, OpenError> {
        let key = MasterKey::from_bytes([1; 32]);
        Vault::open_compacting(dir, &key, disk, Arc::new(Chance::System), GARBAGE_BYTES)
    }

    fn secret(n: u8) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![n; 200])
    }

    fn read(vault: &Vault, n: u8) -> Option<Zeroizing<Vec<u8>>> {
        vault.read([n; 16], Purpose::Annex, [0; 16]).unwrap()
    }

    fn size(dir: &Path) -> u64 {
        std::fs::metadata(dir.join(SEALED)).unwrap().len()
    }

    /// Puts entries and destroys every one but each fourth, one after the other, so that the file is
    /// rewritten underway. The crash table of this is in `tests/it/vault/crash.rs`.
    async fn live(vault: &Vault) {
        for n in 0..ENTRIES {
            vault.put([n; 16], Purpose::Annex, [0; 16], secret(n)).await.unwrap();
        }
        for n in (0..ENTRIES).filter(|n| n % 4 != 0) {
            vault.destroy(&[[n; 16]]).await.unwrap();
        }
    }

    #[tokio::test]
    async fn garbage_goes_and_entries_stay() {
        let dir = tempfile::tempdir().unwrap();
        let vault = open(dir.path(), Disk::real()).unwrap();
        live(&vault).await;
        // The writer compacts after it has answered; a further answer comes after that.
        vault.destroy(&[]).await.unwrap();
        let frame = 8 + 40 + 200 + 16;
        assert!(size(dir.path()) < u64::from(ENTRIES) * frame, "the file has been rewritten");
        for reopened in [false, true] {
            let vault = if reopened { &open(dir.path(), Disk::real()).unwrap() } else { &vault };
            for n in 0..ENTRIES {
                assert_eq!(read(vault, n), (n % 4 == 0).then(|| secret(n)), "entry {n}");
            }
            vault.put([100 + u8::from(reopened); 16], Purpose::Annex, [0; 16], secret(9)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn nothing_is_compacted_while_an_entry_is_damaged_and_everything_else_goes_on() {
        use std::os::unix::fs::FileExt;
        let dir = tempfile::tempdir().unwrap();
        let vault = open(dir.path(), Disk::real()).unwrap();
        for n in 0..ENTRIES {
            vault.put([n; 16], Purpose::Annex, [0; 16], secret(n)).await.unwrap();
        }
        let file = std::fs::File::options().write(true).open(dir.path().join(SEALED)).unwrap();
        file.write_all_at(&[0xff; 4], SEALED_HEADER_BYTES as u64 + 60).unwrap();
        let before = size(dir.path());
        for n in 1..ENTRIES {
            vault.destroy(&[[n; 16]]).await.unwrap();
        }
        vault.put([50; 16], Purpose::Annex, [0; 16], secret(50)).await.unwrap();
        assert!(size(dir.path()) > before, "nothing was taken away");
        assert_eq!(vault.damaged(), [Damaged { id: [0; 16], flaw: Flaw::SealedBytes }]);
        vault.destroy(&[[0; 16]]).await.unwrap();
        vault.destroy(&[]).await.unwrap();
        assert!(size(dir.path()) < before, "and once the damaged one is destroyed, it is");
        assert_eq!(read(&vault, 50), Some(secret(50)));
    }

    #[tokio::test]
    async fn the_new_file_is_synced_before_it_takes_the_place_and_the_directory_after() {
        let dir = tempfile::tempdir().unwrap();
        let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
        let vault = open(dir.path(), disk).unwrap();
        for n in 0..ENTRIES {
            vault.put([n; 16], Purpose::Annex, [0; 16], secret(n)).await.unwrap();
        }
        let before = faults.taken();
        let ids: Vec<_> = (1..ENTRIES).map(|n| [n; 16]).collect();
        vault.destroy(&ids).await.unwrap();
        drop(vault);
        let (destroying, compacting) = (["write", "sync"], ["create", "write", "sync", "rename", "sync_dir"]);
        assert_eq!(faults.taken() - before, (destroying.len() + compacting.len()) as u64);
    }
}
