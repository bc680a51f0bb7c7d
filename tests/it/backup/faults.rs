//! Crash tables: whichever step fails, the target is whole or not there.

use std::path::Path;

use mfa_ledger::backup::{Against, BackupError, Create, create, restore, verify};
use mfa_ledger::clock::Clock;
use mfa_ledger::disk::Disk;
use mfa_ledger::keyring::Keyring;
use mfa_ledger::vault::MasterKey;

use super::names;
use crate::faults::table::crash_table;
use crate::support::server::Place;

fn make(place: &Place, to: &Path, disk: &Disk) -> Result<(), BackupError> {
    let keys = Keyring::read(&place.outside().join("ledger.signing"), false).expect("keys").verifiers();
    let made = create(&Create {
        data_dir: &place.data_dir(),
        to,
        with_vault: true,
        keys: Some(&keys),
        master: Some(&MasterKey::read_file(&place.key_file()).expect("a key")),
        clock: &Clock::System,
        disk,
    });
    made.map(drop)
}

/// The target is whole, or there is at most what the next run removes; and a next run succeeds.
fn whole_or_not_there(dir: &Path, done: bool, is_whole: impl Fn(&Path) -> bool) -> bool {
    let target = dir.join("target");
    for name in names(dir) {
        assert!(["target", ".target.unfinished"].contains(&name.as_str()), "{name}");
    }
    if target.exists() {
        assert!(is_whole(&target), "what has the name is whole");
    }
    assert!(target.exists() || !done, "what was reported as done is there");
    target.exists()
}

#[tokio::test]
async fn a_backup_is_whole_or_not_there() {
    let (place, _) = Place::initialised();
    let is_whole = |target: &Path| verify(target, Against::default()).is_ok();
    let table = crash_table(
        async |_| {},
        async |dir, disk| make(&place, &dir.join("target"), &disk),
        async |dir, told: Result<(), BackupError>| {
            if !whole_or_not_there(dir, told.is_ok(), is_whole) {
                make(&place, &dir.join("target"), &Disk::real()).expect("the next run succeeds");
                assert_eq!(names(dir), ["target"]);
            }
        },
    );
    let table = table.await;
    println!("{} steps, {} rows", table.steps.len(), table.rows);
}

#[tokio::test]
async fn a_restored_data_directory_is_whole_or_not_there() {
    let (place, _) = Place::initialised();
    let backup = super::below(&place, "b");
    make(&place, &backup, &Disk::real()).expect("a backup");
    let segment = "journal/00000000000000000001.segment";
    let is_whole = |target: &Path| {
        ["ledger.json", "checkpoint", segment, "vault/slots", "vault/sealed"]
            .iter()
            .all(|file| std::fs::read(target.join(file)).ok() == std::fs::read(backup.join(file)).ok())
    };
    let run = |dir: &Path, disk: &Disk| {
        restore(&backup, &dir.join("target"), None, Against::default(), "ada", disk)
    };
    let table = crash_table(
        async |_| {},
        async |dir, disk| run(dir, &disk).map(drop),
        async |dir, told: Result<(), BackupError>| {
            if !whole_or_not_there(dir, told.is_ok(), is_whole) {
                run(dir, &Disk::real()).expect("the next run succeeds");
                assert_eq!(names(dir), ["target"]);
            }
        },
    );
    let table = table.await;
    println!("{} steps, {} rows", table.steps.len(), table.rows);
}
