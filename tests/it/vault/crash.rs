//! Every step of I/O, failing in both ways: after reopening, what was acknowledged holds.

use std::collections::BTreeMap;
use std::path::Path;

use mfa_ledger::disk::{Disk, Fate};
use mfa_ledger::vault::{OpenError, Vault, VaultError};

use super::{id, open, open_with, put, read, secret};

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

#[tokio::test]
async fn whatever_step_fails_what_was_acknowledged_holds() {
    let dir = tempfile::tempdir().unwrap();
    let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
    let vault = open_with(dir.path(), disk).unwrap();
    assert!(live(&vault).await.values().all(|known| *known != Known::Unknown));
    drop(vault);
    let steps = faults.taken();
    assert!(steps > 30, "{steps} steps are too few to be the whole life");

    for (step, fate) in (1..=steps).flat_map(|step| [(step, Fate::Lost), (step, Fate::Kept)]) {
        let dir = tempfile::tempdir().unwrap();
        let (disk, faults) = Disk::faulty(step, fate);
        let known = match open_with(dir.path(), disk) {
            Ok(vault) => {
                let known = live(&vault).await;
                faults.heal();
                if known.values().any(|known| *known == Known::Unknown) {
                    let late = put(&vault, 7).await;
                    assert!(matches!(late, Err(VaultError::Unavailable(_))), "no cure but reopening");
                }
                known
            }
            Err(OpenError::Io { .. }) => BTreeMap::new(),
            Err(other) => panic!("step {step} {fate:?}: {other}"),
        };
        judge(dir.path(), &known, &format!("step {step} {fate:?}")).await;
    }
}

async fn judge(dir: &Path, known: &BTreeMap<u8, Known>, when: &str) {
    let vault = open_with(dir, Disk::real()).unwrap_or_else(|error| panic!("{when}: {error}"));
    for (n, known) in known {
        match (known, read(&vault, *n)) {
            (Known::There | Known::Unknown, Some(found)) => assert_eq!(found, secret(*n), "{when}"),
            (Known::Gone | Known::Unknown, None) => {}
            (known, found) => panic!("{when}: entry {n} is {known:?}, but found: {}", found.is_some()),
        }
    }
    // And it goes on as if nothing had been.
    put(&vault, 100).await.unwrap();
    vault.destroy(&vault.ids()).await.unwrap();
    put(&vault, 101).await.unwrap();
    drop(vault);
    let vault = open(dir);
    assert_eq!(vault.ids(), [id(101)], "{when}");
    assert_eq!(read(&vault, 101), Some(secret(101)), "{when}");
}

#[tokio::test]
async fn what_failed_is_not_shown_and_readers_are_served_on() {
    for fate in [Fate::Lost, Fate::Kept] {
        let dir = tempfile::tempdir().unwrap();
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
    let dir = tempfile::tempdir().unwrap();
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
