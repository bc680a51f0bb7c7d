//! The law of the vault, clause by clause, and what becomes of it when the disk fails.

#![expect(clippy::unwrap_used, reason = "in a test an unwrap is a verdict")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::vault::totp::Seed;
use mfa_ledger::vault::{EntryId, MAX_SECRET_BYTES, MasterKey, OpenError, Purpose, Vault, VaultError};
use zeroize::Zeroizing;

use crate::support::{grep, ram};

mod bounds;
mod crash;
mod damage;
mod header;
mod lost;
mod served;
mod swapped;

const OWNER: [u8; 16] = [0xaa; 16];

pub fn key() -> MasterKey {
    MasterKey::from_bytes([0x11; 32])
}

pub fn open_with(dir: &Path, disk: Disk) -> Result<Vault, OpenError> {
    Vault::open(dir, &key(), disk, Arc::new(Chance::System))
}

pub fn open(dir: &Path) -> Vault {
    open_with(dir, Disk::real()).unwrap()
}

pub fn id(n: u8) -> EntryId {
    [n; 16]
}

pub fn secret(n: u8) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(format!("the secret of entry number {n}").into_bytes())
}

pub async fn put(vault: &Vault, n: u8) -> Result<(), VaultError> {
    vault.put(id(n), Purpose::TotpSeed, OWNER, secret(n)).await
}

pub fn read(vault: &Vault, n: u8) -> Option<Zeroizing<Vec<u8>>> {
    vault.read(id(n), Purpose::TotpSeed, OWNER).unwrap()
}

#[tokio::test]
async fn an_entry_is_put_once_read_and_destroyed() {
    let dir = ram::dir();
    let vault = open(dir.path());
    put(&vault, 1).await.unwrap();
    assert!(matches!(put(&vault, 1).await, Err(VaultError::Exists)));
    assert_eq!(read(&vault, 1), Some(secret(1)));
    assert_eq!(read(&vault, 2), None);
    put(&vault, 2).await.unwrap();
    assert_eq!(vault.ids(), [id(1), id(2)]);

    assert_eq!(vault.destroy(&[id(1), id(1), id(9)]).await.unwrap(), 1);
    assert_eq!(vault.destroy(&[id(1)]).await.unwrap(), 0);
    assert_eq!(vault.destroy(&[]).await.unwrap(), 0);
    assert_eq!(read(&vault, 1), None);
    assert_eq!(vault.ids(), [id(2)]);
}

#[tokio::test]
async fn an_entry_opens_only_for_its_purpose_and_owner() {
    let dir = ram::dir();
    let vault = open(dir.path());
    put(&vault, 1).await.unwrap();
    let other = vault.read(id(1), Purpose::Annex, OWNER);
    assert!(matches!(other, Err(VaultError::Mismatch)));
    let other = vault.read(id(1), Purpose::TotpSeed, [0; 16]);
    assert!(matches!(other, Err(VaultError::Mismatch)));
}

#[tokio::test]
async fn a_secret_has_at_most_64_kib() {
    let dir = ram::dir();
    let vault = open(dir.path());
    let of = |len| Zeroizing::new(vec![7; len]);
    vault.put(id(1), Purpose::Annex, OWNER, of(MAX_SECRET_BYTES)).await.unwrap();
    vault.put(id(2), Purpose::Annex, OWNER, of(0)).await.unwrap();
    let longer = vault.put(id(3), Purpose::Annex, OWNER, of(MAX_SECRET_BYTES + 1)).await;
    assert!(matches!(longer, Err(VaultError::TooLarge)));
    drop(vault);
    let vault = open(dir.path());
    let lengths = [1, 2].map(|n| vault.read(id(n), Purpose::Annex, OWNER).unwrap().unwrap().len());
    assert_eq!(lengths, [MAX_SECRET_BYTES, 0]);
}

#[tokio::test]
async fn a_destroyed_seed_is_in_no_file_and_old_sealed_bytes_stay_shut() {
    let dir = ram::dir();
    let (slots, sealed) = (dir.path().join("slots"), dir.path().join("sealed"));
    let vault = open(dir.path());
    let seed = Seed::draw(&Chance::System).to_vault();
    vault.put(id(1), Purpose::TotpSeed, OWNER, seed.clone()).await.unwrap();
    put(&vault, 2).await.unwrap();
    let (old_slots, old_sealed) = (std::fs::read(&slots).unwrap(), std::fs::read(&sealed).unwrap());
    let wrapped = wrapped_key(&old_slots, id(1)).unwrap();
    assert!(!grep::hits(dir.path(), &wrapped).is_empty(), "the search finds a key that is there");
    assert_eq!(grep::hits(dir.path(), &seed), [], "not even a live seed is readable");

    vault.destroy(&[id(1)]).await.unwrap();
    for what in [&seed[..], &wrapped] {
        assert_eq!(grep::hits(dir.path(), what), []);
    }
    drop(vault);
    drop(open(dir.path()));
    for what in [&seed[..], &wrapped] {
        assert_eq!(grep::hits(dir.path(), what), []);
    }

    // The key, the slots as they are now, and the sealed bytes as they once were.
    std::fs::write(&sealed, &old_sealed).unwrap();
    let vault = open(dir.path());
    assert_eq!(vault.read(id(1), Purpose::TotpSeed, OWNER).unwrap(), None);
    assert_eq!(read(&vault, 2), Some(secret(2)));
    drop(vault);

    // What is not promised, so that the test above is known to test something.
    std::fs::write(&slots, &old_slots).unwrap();
    assert_eq!(open(dir.path()).read(id(1), Purpose::TotpSeed, OWNER).unwrap(), Some(seed));
}

/// The wrapped key in an entry's slot.
fn wrapped_key(slots: &[u8], id: EntryId) -> Option<[u8; 48]> {
    let (all, _) = slots[4096..].as_chunks::<64>();
    all.iter().find(|slot| slot[..16] == id).map(|slot| *slot.last_chunk().unwrap())
}

#[tokio::test]
async fn slots_are_used_again_and_another_slots_key_opens_nothing() {
    let dir = ram::dir();
    let vault = open(dir.path());
    for n in 1..=3 {
        put(&vault, n).await.unwrap();
    }
    let slots = dir.path().join("slots");
    let size = std::fs::metadata(&slots).unwrap().len();
    for round in 0..50 {
        vault.destroy(&[id(2)]).await.unwrap();
        put(&vault, 2).await.unwrap();
        assert_eq!(read(&vault, 2), Some(secret(2)), "round {round}");
    }
    assert_eq!(std::fs::metadata(&slots).unwrap().len(), size);
    let in_use =
        std::fs::read(&slots).unwrap()[4096..].as_chunks::<64>().0.iter().filter(|s| **s != [0; 64]).count();
    assert_eq!(in_use, 3);
    drop(vault);

    // Someone puts the key of entry 2 into the slot of entry 1.
    let mut bytes = std::fs::read(&slots).unwrap();
    let (one, two) = (wrapped_key(&bytes, id(1)).unwrap(), wrapped_key(&bytes, id(2)).unwrap());
    let at = bytes.windows(48).position(|window| window == one).unwrap();
    bytes[at..at + 48].copy_from_slice(&two);
    std::fs::write(&slots, bytes).unwrap();
    let read = open(dir.path()).read(id(1), Purpose::TotpSeed, OWNER);
    assert!(matches!(read, Err(VaultError::Damaged)));
}

#[tokio::test]
async fn another_master_key_is_refused_and_changes_nothing() {
    let dir = ram::dir();
    let vault = open(dir.path());
    put(&vault, 1).await.unwrap();
    drop(vault);
    let other = MasterKey::from_bytes([0x12; 32]);
    let refused = Vault::open(dir.path(), &other, Disk::real(), Arc::new(Chance::System));
    assert!(matches!(refused, Err(OpenError::WrongKey)));
    assert_eq!(read(&open(dir.path()), 1), Some(secret(1)));
}

#[tokio::test]
async fn a_newer_format_is_refused_by_name() {
    for name in ["slots", "sealed"] {
        let dir = ram::dir();
        drop(open(dir.path()));
        let path = dir.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[8] = 2;
        std::fs::write(&path, bytes).unwrap();
        match open_with(dir.path(), Disk::real()) {
            Err(OpenError::NewerFormat { file, version: 2 }) => assert_eq!(file, path),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_missing_or_foreign_file_is_damage() {
    let (dir, other) = (ram::dir(), ram::dir());
    for dir in [&dir, &other] {
        put(&open(dir.path()), 1).await.unwrap();
    }
    let is_damaged = || matches!(open_with(dir.path(), Disk::real()), Err(OpenError::Damaged { .. }));
    for name in ["slots", "sealed"] {
        let path = dir.path().join(name);
        let right = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(is_damaged(), "{name} missing");
        std::fs::copy(other.path().join(name), &path).unwrap();
        assert!(is_damaged(), "{name} of another vault");
        std::fs::write(&path, right).unwrap();
    }
    assert_eq!(read(&open(dir.path()), 1), Some(secret(1)));
}

#[tokio::test]
async fn what_a_crash_left_at_the_end_is_cut_off() {
    let dir = ram::dir();
    let vault = open(dir.path());
    put(&vault, 1).await.unwrap();
    drop(vault);
    let sealed = dir.path().join("sealed");
    let whole = std::fs::read(&sealed).unwrap();
    for torn in [&whole[32..60], &[0; 500], b"\xff\xff\xff\xff"] {
        std::fs::write(&sealed, [&whole, torn].concat()).unwrap();
        std::fs::write(dir.path().join("sealed.new"), b"half a compaction").unwrap();
        let vault = open(dir.path());
        assert_eq!(read(&vault, 1), Some(secret(1)));
        assert_eq!(std::fs::read(&sealed).unwrap(), whole);
        assert!(!dir.path().join("sealed.new").exists());
    }
}

#[tokio::test]
async fn only_the_owner_can_touch_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let dir = ram::dir();
    let vault_dir = dir.path().join("data/vault");
    put(&open(&vault_dir), 1).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&vault_dir), 0o700);
    for file in grep::files(&vault_dir) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_random_life_agrees_with_a_map() {
    for seed in 0..20 {
        println!("seed {seed}");
        let chance = Chance::seeded(seed);
        let dir = ram::dir();
        let mut model: BTreeMap<EntryId, u8> = BTreeMap::new();
        let mut vault = open(dir.path());
        for _ in 0..60 {
            let [what, n] = chance.bytes::<2>();
            let n = n % 24;
            match what % 8 {
                0 => {
                    drop(vault);
                    vault = open(dir.path());
                }
                1..=2 => {
                    let ids = [id(n), id(n + 1)];
                    let expected = ids.iter().filter(|id| model.remove(*id).is_some()).count();
                    assert_eq!(vault.destroy(&ids).await.unwrap(), expected);
                }
                _ => match put(&vault, n).await {
                    Ok(()) => assert_eq!(model.insert(id(n), n), None),
                    Err(VaultError::Exists) => assert!(model.contains_key(&id(n))),
                    Err(other) => panic!("{other}"),
                },
            }
            assert_eq!(vault.ids(), model.keys().copied().collect::<Vec<_>>());
            assert!(model.values().all(|n| read(&vault, *n) == Some(secret(*n))));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_put_the_same_id_one_succeeds() {
    let dir = ram::dir();
    let vault = Arc::new(open(dir.path()));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let vault = Arc::clone(&vault);
            tokio::spawn(async move { put(&vault, 1).await.is_ok() })
        })
        .collect();
    let mut successes = 0;
    for task in tasks {
        successes += u32::from(task.await.unwrap());
    }
    assert_eq!(successes, 1);
    assert_eq!(read(&vault, 1), Some(secret(1)));
}
