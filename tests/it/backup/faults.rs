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

    // A directory that was there before, such as a mount point, stays the one that it was.
    let table = crash_table(
        async |dir| std::fs::create_dir_all(dir.join("target/lost+found")).expect("a directory"),
        async |dir, disk| run(dir, &disk).map(drop),
        async |dir, told: Result<(), BackupError>| {
            let target = dir.join("target");
            assert_eq!(names(dir), ["target"], "nothing is made beside it");
            let begun = target.join("ledger.json").exists();
            assert!(!begun || is_whole(&target), "what can be opened is whole");
            assert!(begun || told.is_err(), "what was reported as done is there");
            if !begun {
                run(dir, &Disk::real()).expect("the next run succeeds");
                assert!(is_whole(&target));
                let mut made = names(&backup);
                made.extend(["lost+found".to_owned(), "restored.json".to_owned()]);
                made.retain(|name| name != "manifest.json");
                made.sort();
                assert_eq!(names(&target), made);
            }
        },
    );
    let table = table.await;
    println!("{} steps, {} rows in a directory that is there", table.steps.len(), table.rows);
}

#[tokio::test]
async fn a_directory_with_something_in_it_is_left_alone_and_a_half_restored_one_is_no_ledger() {
    let (place, _) = Place::initialised();
    let backup = super::below(&place, "b");
    make(&place, &backup, &Disk::real()).expect("a backup");
    let again = super::with_keys(&place);
    let dir = again.data_dir();
    std::fs::create_dir(&dir).expect("a directory");
    std::fs::write(dir.join("notes.txt"), "mine").expect("a file");
    let run = || restore(&backup, &dir, None, Against::default(), "ada", &Disk::real());
    let refused = run().map(drop).unwrap_err();
    assert!(refused.to_string().contains("notes.txt"), "it says what it found: {refused}");
    assert_eq!(std::fs::read(dir.join("notes.txt")).expect("still there"), b"mine");
    std::fs::remove_file(dir.join("notes.txt")).expect("it is gone");
    run().expect("it is empty now");

    // As an interruption between two renames leaves it.
    std::fs::create_dir(dir.join(".unfinished")).expect("a directory");
    std::fs::write(dir.join(".unfinished/moving"), "journal\nvault\ncheckpoint\nledger.json")
        .expect("a file");
    let whole = run().map(drop).unwrap_err();
    assert!(whole.to_string().contains("already"), "what is whole is not taken for a left-over: {whole}");
    std::fs::rename(dir.join("ledger.json"), dir.join(".unfinished/ledger.json")).expect("moved");
    std::fs::remove_file(dir.join("restored.json")).expect("it is gone");
    for command in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["init", "--user-name", "eve", "--email", "e@x.org"]]
    {
        let told = again.run(command);
        let words = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(!told.status.success() && words.contains("interrupted"), "{words}");
    }
    run().expect("repeated, it clears up and is whole");
    assert!(dir.join("ledger.json").exists() && !dir.join(".unfinished").exists());
}
