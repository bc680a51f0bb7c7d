//! A vault looked at without opening it: nothing is made, finished, cut or synced.

use std::path::Path;

use zeroize::Zeroizing;

use super::MasterKey;
use super::header::{self, SLOTS_HEADER_BYTES};
use super::seal::{EntryId, Sealer};
use super::slots::SLOT_BYTES;
use super::store::{OpenError, SLOTS, Vault, io_in, refused};

impl Vault {
    /// The ids of the entries that the key slots in `dir` name, in no order. While a server holds the
    /// vault they may be half of one batch; that the key is the right one holds all the same.
    ///
    /// # Errors
    /// As [`Vault::open`] has them, as far as the key slots go.
    pub fn look(dir: &Path, master: &MasterKey) -> Result<Vec<EntryId>, OpenError> {
        let path = dir.join(SLOTS);
        let bytes = Zeroizing::new(std::fs::read(&path).map_err(io_in(dir))?);
        let (head, slots) = bytes.split_at(bytes.len().min(SLOTS_HEADER_BYTES));
        let _id = header::read_slots(head, &Sealer::new(master)).map_err(|why| refused(&why, &path))?;
        let taken =
            slots.as_chunks::<SLOT_BYTES>().0.iter().filter(|slot| slot.iter().any(|byte| *byte != 0));
        Ok(taken.map(|slot| *slot.first_chunk().expect("a slot begins with an id")).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chance::Chance;
    use crate::disk::Disk;
    use crate::vault::Purpose;

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
        let other = MasterKey::from_bytes([2; 32]);
        assert!(matches!(Vault::look(&dir, &other), Err(OpenError::WrongKey)));
        drop(vault);
        std::fs::write(dir.join(SLOTS), b"mlslots\n").unwrap();
        assert!(matches!(Vault::look(&dir, &key), Err(OpenError::Damaged { .. })));
    }
}
