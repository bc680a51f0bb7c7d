//! What an accepted loss of records would destroy in the vault is kept, named and counted; and crash tables of what puts
//! another vault in the place of one.

use std::path::{Path, PathBuf};

use mfa_ledger::backup::{self, Against, Create};
use mfa_ledger::clock::Clock;
use mfa_ledger::data_dir::{
    StartError, init_with, keyring, master_key_at_hand, open_accepting_loss_with, open_with,
};
use mfa_ledger::disk::{Disk, Kind, Step};
use mfa_ledger_schemas::Event;
use serde_json::Value;

use super::served::serve;
use crate::faults::ledger::{config, first, means, records};
use crate::faults::table::crash_table_of;
use crate::support::grep::files;
use crate::support::ram::{self, copy_all};
use crate::support::server::{Place, Server, text};

fn segment(place: &Place) -> PathBuf {
    place.data_dir().join("journal/00000000000000000001.segment")
}

/// Changes a byte of the last record, or of the first.
fn damage(place: &Place, last: bool) {
    let mut bytes = std::fs::read(segment(place)).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[if last { end - 40 } else { 200 }] ^= 1;
    std::fs::write(segment(place), bytes).unwrap();
}

fn set_aside(place: &Place) -> (Option<i32>, Value) {
    let output = place.run(&["doctor", "--output", "json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code(), rows.into_iter().find(|row| row["name"] == "set-aside").unwrap())
}

fn ids(slots: &Path) -> Vec<[u8; 16]> {
    let bytes = std::fs::read(slots).unwrap();
    let slots = bytes[4096..].as_chunks::<64>().0.iter().filter(|slot| **slot != [0; 64]);
    let mut ids: Vec<_> = slots.map(|slot| *slot.first_chunk().unwrap()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn vault_entries_that_only_cut_records_name_are_kept_until_an_operator_deletes_them() {
    let (place, _) = Place::initialised();
    let live = ids(&place.data_dir().join("vault/slots"));
    let made = place.run(&["administrator", "create", "--user-name", "gil", "--email", "gil@example.org"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let both = ids(&place.data_dir().join("vault/slots"));
    assert_eq!(set_aside(&place).1["status"], "ok");
    damage(&place, true);
    let refused = serve(&place, &[]);
    assert_eq!(refused.status.code(), Some(10));
    assert!(
        text(&refused.stderr).contains("delete the copy when the case is closed"),
        "{}",
        text(&refused.stderr)
    );
    let server = Server::accepting(place, "a bit was flipped");
    assert!(server.told().contains("delete it when the case is closed"), "{}", server.told());
    let (status, place, _) = server.end();
    assert!(status.success());

    // Gone from the vault, as nothing names them, and kept aside; what lives is nowhere else.
    assert_eq!(ids(&place.data_dir().join("vault/slots")), live);
    let kept = files(&place.data_dir().join("lost"));
    let slots = kept.iter().find(|file| file.ends_with("vault/slots")).expect("a copy");
    let expected: Vec<_> = both.into_iter().filter(|id| !live.contains(id)).collect();
    assert_eq!((ids(slots), expected.len()), (expected, 2));
    let (code, told) = set_aside(&place);
    assert_eq!((code, told["status"].as_str()), (Some(0), Some("warn")), "{told}");
    let said = format!("{} {}", told["detail"], told["advice"]);
    let lies = slots.parent().unwrap().display().to_string();
    for word in ["the keys of 2 vault entries", &lies, "delete these directories"] {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
    std::fs::remove_dir_all(slots.parent().unwrap()).unwrap();
    assert_eq!(set_aside(&place).1["status"], "ok");
}

#[test]
fn a_loss_that_leaves_no_administrator_is_not_accepted() {
    let (place, _) = Place::initialised();
    damage(&place, false);
    let contents = || -> Vec<_> {
        let files = files(&place.data_dir());
        files
            .iter()
            .filter(|it| !it.starts_with(place.data_dir().join("sled")))
            .map(|it| (it.clone(), std::fs::read(it).unwrap()))
            .collect()
    };
    let before = contents();
    let output = serve(&place, &["--accept-loss", "there is nothing left"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for word in ["nothing was changed", "from position 1 on", "no administrator", "backup restore"] {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
    assert!(contents() == before, "something was changed");
    assert_eq!(serve(&place, &[]).status.code(), Some(10), "it is still refused");
}

/// Steps outside of the files that have tables of their own.
fn swaps(step: &Step) -> bool {
    let theirs = ["journal", "sled", "tile", "checkpoint"];
    let path = step.act.path();
    !path.iter().any(|part| theirs.iter().any(|name| part == *name)) || step.act.kind() == Kind::Rename
}

/// A ledger with a backup in `b`, whose vault is then damaged.
async fn with_backup(dir: &Path) {
    let config = config(dir);
    init_with(&config, first(), &means(Disk::real())).await.unwrap();
    let (keys, master) = (keyring(&config).unwrap().verifiers(), master_key_at_hand(&config).unwrap());
    let ask = Create {
        data_dir: &config.data_dir,
        to: &dir.join("b"),
        with_vault: true,
        keys: Some(&keys),
        master: Some(&master),
        clock: &Clock::System,
        disk: &Disk::real(),
    };
    backup::create(&ask).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_is_restored_alone_is_the_old_one_or_the_new_one_whichever_step_fails() {
    let template = ram::dir();
    with_backup(template.path()).await;
    let sealed = config(template.path()).data_dir.join("vault/sealed");
    let mut bytes = std::fs::read(&sealed).unwrap();
    bytes[60] ^= 1;
    std::fs::write(&sealed, bytes).unwrap();
    let restore = |dir: &Path, disk: &Disk| {
        let config = config(dir);
        let (keys, master) = (keyring(&config).unwrap().verifiers(), master_key_at_hand(&config).unwrap());
        let against = Against { keys: Some(&keys), master: Some(&master) };
        backup::restore_vault(&dir.join("b"), &config.data_dir, against, &Clock::System, disk)
    };
    let live = async |dir: &Path, disk: Disk| restore(dir, &disk).is_ok();
    let judge = async |dir: &Path, told: bool| {
        let config = config(dir);
        match open_with(&config, &means(Disk::real())).await {
            Ok(opened) => {
                let unreadable = opened.service.unreadable().len();
                assert!(
                    unreadable <= usize::from(!told),
                    "{unreadable} of a vault that was restored: {told}"
                );
                opened.close().await.unwrap();
            }
            Err(StartError::VaultLost { .. }) => assert!(!told, "a restore that was told has happened"),
            Err(error) => panic!("{error}"),
        }
        let again = restore(dir, &Disk::real()).unwrap_or_else(|error| panic!("{error}"));
        assert!(again.missing.is_empty(), "{:?}", again.missing);
        let opened = open_with(&config, &means(Disk::real())).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(opened.service.unreadable().is_empty());
        opened.close().await.unwrap();
    };
    let table = crash_table_of(|_| true, async |dir| copy_all(template.path(), dir), live, judge).await;
    let steps: Vec<_> = table.steps.iter().map(|step| step.act.to_string()).collect();
    for step in ["vault.json.new", "rename ledger/vault.unfinished", "rename ledger/vault "] {
        assert!(steps.iter().any(|it| format!("{it} ").contains(step)), "{step} is not among {steps:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_loss_of_a_vault_is_on_record_once_whichever_step_fails() {
    let template = ram::dir();
    let data_dir = config(template.path()).data_dir;
    init_with(&config(template.path()), first(), &means(Disk::real())).await.unwrap();
    // Not the whole of it: there is something to set aside.
    std::fs::remove_file(data_dir.join("vault/sealed")).unwrap();
    let accept = async |dir: &Path, disk| {
        open_accepting_loss_with(&config(dir), "why", "test".to_owned(), &means(disk)).await
    };
    let live = async |dir: &Path, disk| match accept(dir, disk).await {
        Ok(opened) => {
            let _may_fail = opened.close().await;
            true
        }
        Err(_) => false,
    };
    let accepted = |dir: &Path| {
        let all = records(&config(dir).data_dir);
        all.iter().filter(|it| matches!(it.event, Event::VaultLossAccepted(_))).count()
    };
    let judge = async |dir: &Path, told: bool| {
        match open_with(&config(dir), &means(Disk::real())).await {
            Ok(opened) => {
                assert_eq!(accepted(dir), 1, "it goes on only when the loss is on record");
                opened.close().await.unwrap();
            }
            Err(StartError::VaultLost { .. } | StartError::Vault(_)) => assert!(!told),
            Err(error) => panic!("{error}"),
        }
        accept(dir, Disk::real()).await.unwrap_or_else(|error| panic!("{error}")).close().await.unwrap();
        assert_eq!(accepted(dir), 1);
        open_with(&config(dir), &means(Disk::real())).await.unwrap().close().await.unwrap();
        let kept = files(&config(dir).data_dir.join("lost"));
        assert!(kept.iter().any(|file| file.ends_with("vault/slots")), "what was left is kept: {kept:?}");
    };
    let table = crash_table_of(swaps, async |dir| copy_all(template.path(), dir), live, judge).await;
    let steps: Vec<_> = table.steps.iter().map(|step| step.act.to_string()).collect();
    for step in ["rename ledger/vault", "vault.json.new", "slots.new"] {
        assert!(steps.iter().any(|it| it.contains(step)), "{step} is not among {steps:#?}");
    }
}
