//! Every step of I/O, failing in both ways: after reopening, what was acknowledged holds.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::{Disk, Fate};
use mfa_ledger::vault::{OpenError, Vault, VaultError};

use super::{id, key, open, open_with, put, read, secret};
use crate::faults::table::crash_table;
use crate::support::ram;

/// What is known of an entry after a run in which the disk may have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    There,
    Gone,
    Unknown,
}

/// A little life of a vault. Tells what was acknowledged; after the first failure everything must fail.
async fn live(vault: &Vault) -> BTreeMap<u8, Known> {
    let mut known = BTreeMap::new();
    let mut failed = false;
    for (puts, destroys) in [(vec![1, 2, 3], vec![2]), (vec![4, 5], vec![1, 5]), (vec![6, 2], vec![6])] {
        let results = futures_util::future::join_all(puts.iter().map(|n| put(vault, *n))).await;
        for (n, result) in puts.iter().zip(results) {
            let result = judged(result, &mut failed);
            known.insert(*n, if result { Known::There } else { Known::Unknown });
        }
        let ids: Vec<_> = destroys.iter().map(|n| id(*n)).collect();
        let destroyed = judged(vault.destroy(&ids).await.map(|_| ()), &mut failed);
        for n in destroys {
            known.insert(n, if destroyed { Known::Gone } else { Known::Unknown });
        }
    }
    known
}

fn judged(result: Result<(), VaultError>, failed: &mut bool) -> bool {
    match result {
        Ok(()) => {
            assert!(!*failed, "a vault that has failed acknowledges nothing more");
            true
        }
        Err(VaultError::Unavailable(_)) => {
            *failed = true;
            false
        }
        Err(other) => panic!("{other}"),
    }
}

/// The same on a disk that fails from some step on: a vault that does not open acknowledges nothing.
async fn try_to_live(dir: &Path, disk: Disk) -> BTreeMap<u8, Known> {
    let vault = match open_with(&dir.join("vault"), disk) {
        Ok(vault) => vault,
        Err(OpenError::Io { .. }) => return BTreeMap::new(),
        Err(other) => panic!("a disk that fails is no damage: {other}"),
    };
    let known = live(&vault).await;
    if known.values().any(|known| *known == Known::Unknown) {
        assert!(matches!(put(&vault, 7).await, Err(VaultError::Unavailable(_))), "no cure but reopening");
    }
    known
}

async fn judge(dir: &Path, known: BTreeMap<u8, Known>) {
    let dir = &dir.join("vault");
    let vault = open(dir);
    for (n, known) in known {
        match (known, read(&vault, n)) {
            (Known::There | Known::Unknown, Some(found)) => assert_eq!(found, secret(n)),
            (Known::Gone | Known::Unknown, None) => {}
            (known, found) => panic!("entry {n} is {known:?}, but found: {}", found.is_some()),
        }
    }
    // And it goes on as if nothing had been.
    put(&vault, 100).await.unwrap();
    vault.destroy(&vault.ids()).await.unwrap();
    put(&vault, 101).await.unwrap();
    drop(vault);
    let vault = open(dir);
    assert_eq!(vault.ids(), [id(101)]);
    assert_eq!(read(&vault, 101), Some(secret(101)));
}

#[tokio::test]
async fn whatever_step_fails_what_was_acknowledged_holds() {
    let table = crash_table(async |_| {}, try_to_live, judge).await;
    assert!(table.steps.len() > 30 && table.rows > 100, "{} rows", table.rows);
}

#[tokio::test]
async fn whatever_step_fails_after_a_start_that_was_interrupted_what_was_acknowledged_holds() {
    // A vault of which only the sealed file was made, and half of the slots.
    let interrupted = async |dir: &Path| {
        drop(open(&dir.join("vault")));
        std::fs::remove_file(dir.join("vault/slots")).unwrap();
        std::fs::write(dir.join("vault/slots.new"), b"half a header").unwrap();
    };
    assert!(crash_table(interrupted, try_to_live, judge).await.rows > 100);
}

/// Entries put, and all but each fourth destroyed one by one, so that the sealed file is rewritten
/// underway. Tells how many puts were acknowledged, and which entries are destroyed for certain.
async fn live_compacting(dir: &Path, disk: Disk) -> (u8, Vec<u8>) {
    let (mut puts, mut gone) = (0, Vec::new());
    let Ok(vault) = open_compacting(dir, disk) else { return (puts, gone) };
    for n in 0..ENTRIES {
        match put(&vault, n).await {
            Ok(()) => puts += 1,
            Err(VaultError::Unavailable(_)) => return (puts, gone),
            Err(other) => panic!("{other}"),
        }
    }
    for n in (0..ENTRIES).filter(|n| n % 4 != 0) {
        match vault.destroy(&[id(n)]).await {
            Ok(_) => gone.push(n),
            Err(VaultError::Unavailable(_)) => break,
            Err(other) => panic!("{other}"),
        }
    }
    // Readers are served on, whatever became of the writer.
    assert!((0..ENTRIES).step_by(4).all(|n| read(&vault, n) == Some(secret(n))));
    (puts, gone)
}

const ENTRIES: u8 = 24;

fn open_compacting(dir: &Path, disk: Disk) -> Result<Vault, OpenError> {
    Vault::open_compacting(dir, &key(), disk, Arc::new(Chance::System), 500)
}

#[tokio::test]
async fn whatever_step_of_a_compaction_fails_no_entry_is_lost_and_none_returns() {
    let judge = async |dir: &Path, (puts, gone): (u8, Vec<u8>)| {
        let vault = open_compacting(dir, Disk::real()).unwrap();
        assert!(!dir.join("sealed.new").exists());
        for n in 0..puts {
            match read(&vault, n) {
                Some(found) => assert!(found == secret(n) && !gone.contains(&n), "{n} has returned"),
                None => assert!(n % 4 != 0, "{n} is lost"),
            }
        }
    };
    let table = crash_table(async |_| {}, live_compacting, judge).await;
    let renames = table.steps.iter().filter(|step| step.act.to_string().contains("sealed.new"));
    assert!(renames.count() > 3, "the sealed file was rewritten: {:?}", table.steps.last());
}

#[tokio::test]
async fn what_failed_is_not_shown_and_readers_are_served_on() {
    for fate in [Fate::Lost, Fate::Kept] {
        let dir = ram::dir();
        let (disk, faults) = Disk::faulty(u64::MAX, fate);
        let vault = open_with(dir.path(), disk).unwrap();
        put(&vault, 1).await.unwrap();
        faults.fail_now();
        assert!(matches!(put(&vault, 2).await, Err(VaultError::Unavailable(_))));
        assert!(matches!(vault.destroy(&[id(1)]).await, Err(VaultError::Unavailable(_))));
        assert_eq!(vault.ids(), [id(1)]);
        assert_eq!((read(&vault, 1), read(&vault, 2)), (Some(secret(1)), None));
    }
}

/// The crash table cannot see a sync that is never asked for (the bytes are in the page cache, and the
/// judge reads them there), so the steps themselves are counted.
#[tokio::test]
async fn a_put_syncs_both_files_and_a_destruction_the_slots() {
    let dir = ram::dir();
    let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
    let vault = open_with(dir.path(), disk).unwrap();
    put(&vault, 1).await.unwrap();
    let mut before = faults.taken();
    let mut steps = || std::mem::replace(&mut before, faults.taken()).abs_diff(faults.taken());

    put(&vault, 2).await.unwrap();
    assert_eq!(steps(), 4, "write, sync, write, sync");
    vault.destroy(&[id(1), id(2)]).await.unwrap();
    assert_eq!(steps(), 2, "two slots side by side: write, sync");
    vault.destroy(&[id(1)]).await.unwrap();
    assert_eq!(steps(), 0, "nothing to do");
}
