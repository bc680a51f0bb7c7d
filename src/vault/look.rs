//! A vault looked at without opening it: nothing is made, finished, cut or synced.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::MasterKey;
use super::header::{self, SLOTS_HEADER_BYTES, VaultId};
use super::seal::{EntryId, Sealer};
use super::slots::SLOT_BYTES;
use super::store::{OpenError, SLOTS, Vault, absent_in, io_in, refused};

impl Vault {
    /// The ids of the entries that the key slots in `dir` name, in no order. While a server holds the
    /// vault they may be half of one batch; that the key is the right one holds all the same.
    ///
    /// # Errors
    /// As [`Vault::open`] has them, as far as the key slots go.
    pub fn look(dir: &Path, master: &MasterKey) -> Result<Vec<EntryId>, OpenError> {
        let path = dir.join(SLOTS);
        let bytes = Zeroizing::new(std::fs::read(&path).map_err(absent_in(dir, &path))?);
        let (head, slots) = bytes.split_at(bytes.len().min(SLOTS_HEADER_BYTES));
        let _id = header::read_slots(head, &Sealer::new(master)).map_err(|why| refused(&why, &path))?;
        Ok(taken(slots).map(|slot| *slot.first_chunk().expect("a slot begins with an id")).collect())
    }

    /// The id of the vault in `dir`, whatever its key.
    ///
    /// # Errors
    /// When its key slots cannot be read, or their header is damaged.
    pub fn id_in(dir: &Path) -> Result<VaultId, OpenError> {
        let path = dir.join(SLOTS);
        let mut head = Vec::new();
        let file = File::open(&path).map_err(io_in(dir))?;
        file.take(SLOTS_HEADER_BYTES as u64).read_to_end(&mut head).map_err(io_in(dir))?;
        let (id, _) = header::read_slots_keyless(&head).map_err(|why| refused(&why, &path))?;
        Ok(id)
    }

    /// How many key slots in `dir` are in use, whether or not anything else of it is sound. None where there are none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn keys_in(dir: &Path) -> io::Result<usize> {
        let bytes = match std::fs::read(dir.join(SLOTS)) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(0);
            }
            bytes => Zeroizing::new(bytes?),
        };
        Ok(taken(bytes.get(SLOTS_HEADER_BYTES..).unwrap_or_default()).count())
    }
}

fn taken(slots: &[u8]) -> impl Iterator<Item = &[u8; SLOT_BYTES]> {
    slots.as_chunks::<SLOT_BYTES>().0.iter().filter(|slot| slot.iter().any(|byte| *byte != 0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mfa_ledger_base::chance::Chance;
    use mfa_ledger_base::disk::Disk;

    use super::*;
    use crate::Purpose;

    #[tokio::test]
    async fn it_sees_the_entries_and_the_key_and_touches_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("vault");
        let key = MasterKey::from_bytes([1; 32]);
        assert!(matches!(Vault::look(&dir, &key), Err(OpenError::Io { .. })));
        assert!(!dir.exists(), "nothing is made");
        let vault = Vault::open(&dir, &key, Disk::real(), Arc::new(Chance::seeded(1))).unwrap();
        for id in 1..=3 {
            vault.put([id; 16], Purpose::Annex, [9; 16], vec![id].into()).await.unwrap();
        }
        vault.destroy(&[[2; 16]]).await.unwrap();
        let mut seen = Vault::look(&dir, &key).unwrap();
        seen.sort_unstable();
        assert_eq!(seen, vault.ids());
        assert_eq!((Vault::id_in(&dir).unwrap(), Vault::keys_in(&dir).unwrap()), (vault.id(), 2));
        assert_eq!(Vault::keys_in(&dir.join("none")).unwrap(), 0);
        let other = MasterKey::from_bytes([2; 32]);
        assert!(matches!(Vault::look(&dir, &other), Err(OpenError::WrongKey)));
        drop(vault);
        std::fs::write(dir.join(SLOTS), b"mlslots\n").unwrap();
        assert!(matches!(Vault::look(&dir, &key), Err(OpenError::Damaged { .. })));
    }
}
