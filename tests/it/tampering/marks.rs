//! The two marks of an orderly stop, deleted, changed and made unreadable: each door of the directory says so.

use std::path::Path;

use mfa_ledger::log::Position;
use mfa_ledger::log::embedded::raw;

use super::appended::{contents, every_door_is_shut, forge, is_cut_by_an_operator, mark, records};
use super::{TAMPERED, is_tampering, ledger, refused};
use crate::support::ram::copy_all;
use crate::support::server::{Place, Server, text};

/// What the second mark is when an earlier build has stopped, or is starting.
const WITHOUT_A_HEAD: &[u8] = b"";

fn second(place: &Place) -> Vec<u8> {
    std::fs::read(place.data_dir().join("vault/closed")).expect("the vault was closed")
}

fn has_both(place: &Place) -> bool {
    place.data_dir().join("closed").is_file() && !second(place).is_empty()
}

fn goes_on(place: Place) -> Place {
    let (status, place, _) = Server::on(place, String::new(), &[]).end();
    assert!(status.success());
    assert!(has_both(&place));
    let verified = place.run(&["log", "verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    place
}

/// These commands end as tampering, and say this.
#[track_caller]
fn are_refused(place: &Place, said: &str) {
    is_tampering(place, &[said]);
    for door in [
        &["log", "verify"][..],
        &["doctor"],
        &["backup", "create", "--to", "backup"],
        &["activity", "list"],
        &["replay"],
    ] {
        let output = place.run(door);
        let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), TAMPERED, "{door:?}: {told}");
        assert!(told.contains(said), "{door:?}: {told}");
    }
    assert!(!place.outside().join("backup").exists(), "there is no backup");
}

#[test]
fn a_mark_that_was_deleted_is_refused_until_an_operator_accepts_it() {
    let place = ledger();
    let mark = place.data_dir().join("closed");
    let kept = std::fs::read(&mark).expect("it was closed");
    std::fs::remove_file(&mark).expect("it is there");
    let before = contents(&place.data_dir().join("journal"));
    are_refused(&place, "was closed in good order at position 14, and its mark");
    assert_eq!(contents(&place.data_dir().join("journal")), before);
    assert!(!mark.exists() && !second(&place).is_empty(), "the evidence stays");
    // By mistake, perhaps.
    std::fs::write(&mark, kept).expect("it can be written");
    let place = goes_on(place);

    std::fs::remove_file(&mark).expect("it is there");
    let (status, place, _) = Server::accepting(place, "deleted by a script, the log was compared").end();
    assert!(status.success());
    goes_on(place);
}

#[test]
fn records_that_were_added_after_one_mark_was_deleted_and_the_other_changed() {
    let other = second(&ledger());
    for way in ["a flipped bit", "zeros", "that of another ledger"] {
        let place = ledger();
        forge(&place);
        std::fs::remove_file(place.data_dir().join("closed")).expect("it was closed");
        let mut bytes = second(&place);
        match way {
            "a flipped bit" => bytes[30] ^= 1,
            "zeros" => bytes.fill(0),
            _ => bytes.clone_from(&other),
        }
        std::fs::write(place.data_dir().join("vault/closed"), bytes).expect("it can be written");
        are_refused(&place, "closed in good order");
    }
}

#[test]
fn a_vault_that_was_restored_has_the_second_mark() {
    let place = ledger();
    let made = place.run(&["backup", "create", "--to", "b"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let restored = place.run(&["backup", "restore", "b", "--vault-only"]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert!(has_both(&place));
    let first = forge(&place).first;
    std::fs::remove_file(place.data_dir().join("closed")).expect("it was closed");
    every_door_is_shut(&place, first, &format!("closed in good order at position {}", first - 1));
}

#[test]
fn an_older_copy_of_the_vault_after_a_kill_costs_no_record_that_was_signed_for() {
    let place = ledger();
    let vault = place.data_dir().join("vault");
    let older = place.outside().join("older");
    copy_all(&vault, &older);
    let gil = "administrator create --user-name gil --email g@example.org --role general-staff";
    let made = place.run(&gil.split(' ').collect::<Vec<_>>());
    assert!(made.status.success(), "{}", text(&made.stderr));
    let before = records(&place.data_dir()).len();
    // As a kill behind the newest checkpoint leaves it.
    place.unmark();
    std::fs::remove_dir_all(&vault).expect("it is there");
    copy_all(&older, &vault);
    assert!(!second(&place).is_empty(), "it tells of an earlier stop");
    let place = goes_on(place);
    let after = records(&place.data_dir()).len();
    assert!(after >= before, "{after} of {before}");
}

#[test]
fn records_that_were_added_after_the_mark_was_deleted() {
    let place = ledger();
    let first = forge(&place).first;
    std::fs::remove_file(place.data_dir().join("closed")).expect("it was closed");
    every_door_is_shut(&place, first, &format!("closed in good order at position {}", first - 1));
    is_cut_by_an_operator(place, first);
}

#[test]
fn records_that_were_added_behind_a_mark_that_was_made_unreadable() {
    let place = ledger();
    let first = forge(&place).first;
    std::fs::write(place.data_dir().join("closed"), b"nothing").expect("it can be written");
    every_door_is_shut(&place, first, &format!("closed in good order at position {}", first - 1));
}

#[test]
fn a_mark_that_cannot_be_read_is_told_with_advice() {
    let place = ledger();
    let mark = place.data_dir().join("closed");
    std::fs::remove_file(&mark).expect("it was closed");
    std::fs::create_dir(&mark).expect("it can be made");
    let output = refused(&place);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for word in ["the mark of an orderly stop", "cannot be read", "not a regular file", "move it away"] {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
    for door in [&["log", "verify"][..], &["doctor"], &["backup", "create", "--to", "backup"]] {
        let output = place.run(door);
        let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{door:?}: {told}");
        assert!(told.contains("the mark of an orderly stop"), "{door:?}: {told}");
    }
    std::fs::remove_dir(&mark).expect("it is there");
    are_refused(&place, "its mark");
    // As the advice has it.
    std::fs::write(&mark, b"").expect("it can be written");
    goes_on(place);
}

#[test]
fn a_mark_that_names_a_later_end_than_there_is() {
    let place = ledger();
    mark(&place, 15);
    are_refused(&place, "it ended at 15 when the log was closed");
}

#[test]
fn a_vault_that_was_closed_beside_a_longer_log() {
    let place = ledger();
    let earlier = ["journal", "sled", "closed", "checkpoint", "tile"].map(|name| {
        let (from, to) = (place.data_dir().join(name), place.outside().join(format!("kept.{name}")));
        copy(&from, &to);
        (from, to)
    });
    let made = place.run(&["administrator", "create", "--user-name", "gil", "--email", "gil@example.org"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    for (to, from) in &earlier {
        if to.is_dir() {
            std::fs::remove_dir_all(to).expect("it is there");
        }
        copy(from, to);
    }
    are_refused(&place, "it ended at 15 when the log was closed");
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        crate::support::ram::copy_all(from, to);
    } else {
        std::fs::copy(from, to).expect("it is copied");
    }
}

/// The states that a crash, or an earlier build, can leave: each opens.
#[test]
fn directories_that_have_one_mark_or_none_for_a_good_reason_open() {
    let mut place = ledger();
    let head = || std::fs::remove_file(place.data_dir().join("closed"));
    head().expect("it was closed");
    std::fs::remove_file(place.data_dir().join("vault/closed")).expect("it was closed");
    place = goes_on(place);
    // An earlier build has stopped.
    std::fs::write(place.data_dir().join("vault/closed"), WITHOUT_A_HEAD).expect("it can be written");
    place = goes_on(place);
    // A stop was killed before the vault was closed.
    std::fs::remove_file(place.data_dir().join("vault/closed")).expect("it was closed");
    place = goes_on(place);
    // A start was killed behind the first of its removals, or an earlier build was, behind the second.
    std::fs::write(place.data_dir().join("vault/closed"), WITHOUT_A_HEAD).expect("it can be written");
    std::fs::remove_file(place.data_dir().join("closed")).expect("it was closed");
    place = goes_on(place);
    let (place, _) = Server::on(place, String::new(), &[]).kill();
    assert!(!place.data_dir().join("closed").exists() && !place.data_dir().join("vault/closed").exists());
    let place = goes_on(place);
    // A second mark with an earlier end came with an older copy of the vault.
    let older = second(&place);
    let made = place.run(&["administrator", "create", "--user-name", "gil", "--email", "gil@example.org"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert_ne!(second(&place), older);
    std::fs::write(place.data_dir().join("vault/closed"), older).expect("it can be written");
    goes_on(place);
}

/// A start that is refused takes no evidence away.
#[test]
fn a_start_that_is_refused_leaves_both_marks() {
    let place = ledger();
    let key = std::fs::read(place.key_file()).expect("a key");
    std::fs::write(place.key_file(), "7".repeat(64)).expect("written");
    assert_eq!(refused(&place).status.code(), Some(1));
    assert!(has_both(&place));
    std::fs::write(place.key_file(), key).expect("written");
    let last = Position(records(&place.data_dir()).len() as u64);
    assert!(raw::ledger(&place.data_dir()).is_ok() && last == Position(14), "{last}");
    goes_on(place);
}
