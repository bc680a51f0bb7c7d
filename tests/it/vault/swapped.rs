//! A vault of another ledger in the place of ours, with or without its own note, under our key or another: it is called
//! what it is, left as it is, and an operator can go on without ours.

use std::path::Path;

use serde_json::Value;

use super::served::{doctor, serve};
use crate::support::grep::files;
use crate::support::ram::copy_all;
use crate::support::server::{Place, Server, text};

fn contents(dir: &Path) -> Vec<Vec<u8>> {
    files(dir).into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Another ledger, under the same master key or under its own.
fn other(place: &Place, same_key: bool) -> Place {
    let other = Place::empty();
    if same_key {
        std::fs::copy(place.key_file(), other.key_file()).unwrap();
    }
    other.init();
    other
}

fn check(place: &Place, name: &str) -> Value {
    let output = place.run(&["doctor", "--output", "json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    rows.into_iter().find(|row| row["name"] == name).unwrap()
}

#[test]
fn an_empty_vault_and_that_of_another_log_are_refused_and_left_alone() {
    let (place, _) = Place::initialised();
    let other = other(&place, true);
    let vault = place.data_dir().join("vault");
    let kept = place.outside().join("kept");
    std::fs::rename(&vault, &kept).unwrap();
    for remembers in [true, false] {
        if !remembers {
            // As an earlier version left it.
            std::fs::remove_file(place.data_dir().join("vault.json")).unwrap();
        }
        for foreign in [Some(other.data_dir().join("vault")), None] {
            if vault.exists() {
                std::fs::remove_dir_all(&vault).unwrap();
            }
            match &foreign {
                Some(foreign) => copy_all(foreign, &vault),
                None => std::fs::create_dir(&vault).unwrap(),
            }
            let before = contents(&vault);
            let output = serve(&place, &[]);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{told}");
            assert!(told.contains("is not the vault of this log") && told.contains("--vault-only"), "{told}");
            assert_eq!(contents(&vault), before, "nothing of it was changed");
            let (_, told) = doctor(&place);
            assert_eq!(told["status"], "fail", "{told}");
        }
    }
    std::fs::remove_dir_all(&vault).unwrap();
    std::fs::rename(&kept, &vault).unwrap();
    assert!(place.run(&["administrator", "list"]).status.success());
    assert_eq!(doctor(&place).1["status"], "ok");
}

#[test]
fn a_vault_of_another_ledger_is_called_that_under_every_key_and_with_every_note() {
    for (same_key, note) in [
        (false, "ours"),
        (false, "theirs"),
        (false, "none"),
        (true, "ours"),
        (true, "theirs"),
        (true, "none"),
    ] {
        let (place, _) = Place::initialised();
        let other = other(&place, same_key);
        let (vault, remembered) = (place.data_dir().join("vault"), place.data_dir().join("vault.json"));
        std::fs::remove_dir_all(&vault).unwrap();
        copy_all(&other.data_dir().join("vault"), &vault);
        match note {
            "theirs" => drop(std::fs::copy(other.data_dir().join("vault.json"), &remembered).unwrap()),
            "none" => std::fs::remove_file(&remembered).unwrap(),
            _ => {}
        }
        let row = format!("same key: {same_key}, note: {note}");
        let before = contents(&vault);
        for door in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["administrator", "list"],
            &["backup", "create", "--to", "b"],
        ] {
            let output = place.run(door);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{row}: {door:?}: {told}");
            for word in ["is not the vault of this log", "--vault-only", "--accept-loss"] {
                assert!(told.contains(word), "{row}: {door:?}: {word:?} is not in {told}");
            }
            assert!(!told.contains("master key"), "{row}: {door:?}: {told}");
        }
        assert!(contents(&vault) == before, "{row}: something of it was changed");
        let (code, told) = doctor(&place);
        assert_eq!((code, told["status"].as_str()), (Some(1), Some("fail")), "{row}: {told}");
        assert!(told["detail"].as_str().unwrap().contains("not the vault of this log"), "{row}: {told}");
        assert_ne!(check(&place, "master-key")["status"], "fail", "{row}");

        let server = Server::accepting(place, "the vault was swapped");
        let (status, place, _) = server.end();
        assert!(status.success(), "{row}");
        let kept = files(&place.data_dir().join("lost"));
        assert!(kept.iter().any(|file| file.ends_with("vault/slots")), "{row}: it was set aside: {kept:?}");
        assert!(Server::on(place, String::new(), &[]).end().0.success(), "{row}");
    }
}

#[test]
fn the_vault_of_another_ledger_stays_whole_when_ours_is_restored_over_it() {
    for same_key in [true, false] {
        let (place, _) = Place::initialised();
        let made = place.run(&["backup", "create", "--to", "b"]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let other = other(&place, same_key);
        let (vault, theirs) = (place.data_dir().join("vault"), other.data_dir().join("vault"));
        std::fs::remove_dir_all(&vault).unwrap();
        std::fs::rename(&theirs, &vault).unwrap();
        let before = contents(&vault);
        let from = place.outside().join("b").display().to_string();
        let restored = place.run(&["backup", "restore", &from, "--vault-only"]);
        assert!(restored.status.success(), "{}", text(&restored.stderr));
        assert_eq!(doctor(&place).1["status"], "ok");
        let lost = std::fs::read_dir(place.data_dir().join("lost")).unwrap().next().unwrap().unwrap().path();
        assert!(contents(&lost.join("vault")) == before, "same key: {same_key}: it was changed");
        std::fs::rename(lost.join("vault"), theirs).unwrap();
        assert!(Server::on(other, String::new(), &[]).end().0.success());
    }
}

#[test]
fn a_loss_is_not_accepted_where_nothing_could_listen() {
    let (place, _) = Place::initialised();
    let vault = place.data_dir().join("vault");
    std::fs::remove_dir_all(&vault).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = place.run(&["serve", "--listen", &address, "--accept-loss", "the disk died"]);
    let told = text(&output.stderr);
    assert!(!output.status.success() && told.contains("cannot listen"), "{told}");
    assert!(!vault.exists() && !place.data_dir().join("lost").exists(), "something was changed");
}

#[test]
fn another_master_key_beside_our_own_vault_is_still_a_wrong_key() {
    let (place, _) = Place::initialised();
    std::fs::write(place.key_file(), "7".repeat(64)).unwrap();
    for note in [true, false] {
        if !note {
            std::fs::remove_file(place.data_dir().join("vault.json")).unwrap();
        }
        let output = serve(&place, &[]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("the master key is not the one"), "{told}");
        assert_eq!(check(&place, "master-key")["status"], "fail");
        let refused = serve(&place, &["--accept-loss", "no"]);
        assert_eq!(refused.status.code(), Some(1), "a key that can be put right is no loss");
    }
}

/// After an accepted loss the vault has none of what the log named before: that does not make it a foreign one, with its
/// note, without it, and in a backup.
#[test]
fn a_restored_backup_of_a_ledger_with_an_accepted_vault_loss_starts() {
    let (place, _) = Place::initialised();
    std::fs::remove_dir_all(place.data_dir().join("vault")).unwrap();
    let (_, place, _) = Server::accepting(place, "the disk of the vault died").end();
    let made = place.run(&["backup", "create", "--to", "b"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let restored = Place::empty();
    for name in ["ledger.key", "ledger.signing"] {
        std::fs::copy(place.outside().join(name), restored.outside().join(name)).unwrap();
    }
    let from = place.outside().join("b").display().to_string();
    let output = restored.run(&["backup", "restore", &from]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!restored.data_dir().join("vault.json").exists(), "a backup has no note");
    let (status, restored, _) = Server::on(restored, String::new(), &[]).end();
    assert!(status.success());
    std::fs::remove_file(place.data_dir().join("vault.json")).unwrap();
    for place in [place, restored] {
        assert!(Server::on(place, String::new(), &[]).end().0.success());
    }
}
