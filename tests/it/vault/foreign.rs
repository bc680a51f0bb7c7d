//! A vault that is not the one of the log beside it, and one whose header is damaged: refused, left alone, and told apart from
//! a wrong key.

use std::path::Path;

use super::served::{doctor, serve};
use crate::support::ram::copy_all;
use crate::support::server::{Place, Server, text};

#[test]
fn an_empty_vault_and_that_of_another_log_are_refused_and_left_alone() {
    let (place, _) = Place::initialised();
    let other = Place::empty();
    std::fs::copy(place.key_file(), other.key_file()).unwrap();
    other.init();
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
            let before = files(&vault);
            let output = serve(&place, &[]);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{told}");
            assert!(told.contains("is not the vault of this log") && told.contains("--vault-only"), "{told}");
            assert_eq!(files(&vault), before, "nothing of it was changed");
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
fn a_vault_of_another_log_is_refused_with_its_own_note_and_under_another_key_and_its_loss_can_be_accepted() {
    for same_key in [true, false] {
        let (place, _) = Place::initialised();
        let other = Place::empty();
        if same_key {
            std::fs::copy(place.key_file(), other.key_file()).unwrap();
        }
        other.init();
        let vault = place.data_dir().join("vault");
        std::fs::remove_dir_all(&vault).unwrap();
        copy_all(&other.data_dir().join("vault"), &vault);
        if same_key {
            std::fs::copy(other.data_dir().join("vault.json"), place.data_dir().join("vault.json")).unwrap();
        }
        let before = files(&vault);
        for output in [serve(&place, &[]), place.run(&["doctor"])] {
            let told = text(&output.stderr) + &text(&output.stdout);
            assert!(!output.status.success(), "{told}");
            assert!(told.contains("is not the vault of this log") && told.contains("--vault-only"), "{told}");
        }
        assert_eq!(files(&vault), before, "nothing of it was changed");
        let output = place.run(&["administrator", "create", "--user-name", "bob", "--role", "general-staff"]);
        assert!(!output.status.success(), "no command works on it either");
        let server = Server::accepting(place, "the vault was swapped");
        let (status, place, _) = server.end();
        assert!(status.success());
        assert!(place.run(&["administrator", "list"]).status.success());
    }
}

#[test]
fn a_backup_tells_a_damaged_header_of_the_vault_from_a_wrong_key() {
    let (place, _) = Place::initialised();
    let slots = place.data_dir().join("vault/slots");
    let right = std::fs::read(&slots).unwrap();
    // In the number of slots, and in what should be zeros.
    for at in [513, 2000] {
        let mut changed = right.clone();
        changed[at] ^= 1;
        std::fs::write(&slots, changed).unwrap();
        let backup = place.outside().join(format!("backup-{at}"));
        let output = place.run(&["backup", "create", "--to", backup.to_str().unwrap()]);
        let told = text(&output.stderr);
        assert!(!output.status.success() && told.contains("slots is damaged"), "{told}");
        let (_, told) = doctor(&place);
        assert_eq!(told["status"], "fail", "{told}");
        assert!(told.to_string().contains("slots is damaged"), "{told}");
    }
    std::fs::write(&slots, right).unwrap();
    assert_eq!(doctor(&place).1["status"], "ok");
}

fn files(dir: &Path) -> Vec<Vec<u8>> {
    crate::support::grep::files(dir).into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}
