//! A log that was altered, and a vault that does not belong to its log.

use std::path::{Path, PathBuf};
use std::process::Command;

use mfa_ledger_schemas::bodies::LossAccepted;

use super::{doctor, seen};
use crate::support::server::Place;

fn segment(place: &Place) -> PathBuf {
    let mut all = std::fs::read_dir(place.data_dir().join("journal")).expect("a journal");
    all.next().expect("a segment").expect("it is readable").path()
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().expect("there is cp");
    assert!(copied.success());
}

#[track_caller]
fn is_found(place: &Place, words: &[&str]) {
    let before = seen(&place.data_dir());
    let told = doctor(place, &[]);
    told.says("log", "fail", words);
    told.says("vault-orphans", "skipped", &["see log"]);
    assert_eq!(told.code, Some(10), "{told:?}");
    assert!(told.stderr.contains("1 of 16 checks failed: log"), "{}", told.stderr);
    assert!(seen(&place.data_dir()) == before, "something was changed");
}

#[test]
fn a_byte_of_the_journal_that_was_changed_ends_with_10() {
    let (place, _) = Place::initialised();
    let segment = segment(&place);
    let mut bytes = std::fs::read(&segment).unwrap();
    let at = bytes.windows(12).position(|window| window == b"settings.cha").expect("the first record");
    bytes[at] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    is_found(&place, &["the journal is damaged", "Keep a copy"]);
}

#[test]
fn a_journal_that_was_cut_or_taken_away_ends_with_10() {
    let (place, _) = Place::initialised();
    let segment = segment(&place);
    let whole = std::fs::read(&segment).unwrap();
    // In the middle of the last record, which looks as a power cut would have left it.
    let end = whole.iter().rposition(|byte| *byte != 0).expect("records");
    std::fs::write(&segment, &whole[..end - 10]).unwrap();
    is_found(&place, &["it ended at 8 when the log was closed"]);
    std::fs::remove_dir_all(place.data_dir().join("journal")).unwrap();
    is_found(&place, &["the journal is gone"]);
}

#[test]
fn a_loss_that_was_being_accepted_is_told_as_a_start_tells_it() {
    let (place, _) = Place::initialised();
    let pending = place.data_dir().join("accepting-loss.json");
    let loss = LossAccepted {
        reason: "the disk died".to_owned(),
        found: "damage".to_owned(),
        first_bad: None,
        origin: "o".to_owned(),
        signed_size: None,
        kept: 1,
        verifier: "v".to_owned(),
    };
    std::fs::write(&pending, serde_json::to_vec(&loss).unwrap()).unwrap();
    is_found(&place, &["was being accepted", "--accept-loss"]);
    std::fs::remove_file(pending).unwrap();

    let note = place.data_dir().join("vault.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&note).unwrap()).unwrap();
    json["loss"] = serde_json::json!({"reason": "the disk died", "found": "damage"});
    std::fs::write(&note, json.to_string()).unwrap();
    let told = doctor(&place, &[]);
    told.says("vault", "fail", &["was being accepted", "--accept-loss"]);
    assert_eq!(told.code, Some(1), "{told:?}");
}

#[test]
fn a_log_that_is_not_the_one_that_was_signed_ends_with_10() {
    let (place, _) = Place::initialised();
    let checkpoint = place.data_dir().join("checkpoint");
    let (other, _) = Place::initialised();
    std::fs::copy(other.data_dir().join("checkpoint"), &checkpoint).unwrap();
    is_found(&place, &["checkpoint"]);
    std::fs::remove_file(&checkpoint).unwrap();
    is_found(&place, &["checkpoint"]);
}

#[test]
fn a_torn_end_is_told_and_left_to_the_next_start() {
    let (place, _) = Place::initialised();
    let segment = segment(&place);
    let mut bytes = std::fs::read(&segment).unwrap();
    // A batch that was being written when the server was killed: a length, and too little behind it.
    place.unmark();
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1;
    bytes[end + 2..end + 6].copy_from_slice(&[2, 0, 9, 9]);
    std::fs::write(&segment, &bytes).unwrap();
    let before = seen(&place.data_dir());
    let told = doctor(&place, &[]);
    told.says(
        "log",
        "warn",
        &[
            "8 records",
            "a batch that is incomplete",
            "no caller was answered for it; the next start cuts it off",
        ],
    );
    assert_eq!(told.code, Some(0));
    assert!(seen(&place.data_dir()) == before, "something was changed");
}

#[test]
fn a_bit_that_changed_behind_the_last_record_is_told_and_costs_nothing() {
    let (place, _) = Place::initialised();
    let segment = segment(&place);
    let mut bytes = std::fs::read(&segment).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1;
    bytes[end + 200] = 4;
    std::fs::write(&segment, &bytes).unwrap();
    let told = doctor(&place, &[]);
    told.says("log", "warn", &["8 records", "where nothing was written", "no record is affected"]);
    assert_eq!(told.code, Some(0));
    let listed = place.run(&["administrator", "list"]);
    assert!(listed.status.success());
    doctor(&place, &[]).says("log", "ok", &["8 records, sound to the end"]);
}

#[test]
fn secrets_that_nothing_names_are_counted_and_left() {
    let (place, _) = Place::initialised();
    let earlier = Place::empty();
    for file in [place.data_dir(), place.key_file(), place.outside().join("ledger.signing")] {
        copy(&file, earlier.outside());
    }
    let create = ["administrator", "create", "--user-name", "ada", "--email", "a@b"];
    assert!(place.run(&create).status.success());
    // The vault of the later state with the log of the earlier one: what ada has is named by nothing there.
    std::fs::remove_dir_all(earlier.data_dir().join("vault")).unwrap();
    copy(&place.data_dir().join("vault"), &earlier.data_dir());
    // The vault remembers where its log ended.
    is_found(&earlier, &["it ended at 9 when the log was closed"]);
    std::fs::remove_file(earlier.data_dir().join("vault/closed")).unwrap();
    let before = seen(&earlier.data_dir());
    let told = doctor(&earlier, &[]);
    told.says(
        "vault-orphans",
        "warn",
        &["nothing in the log names 2 entries", "the next start destroys them"],
    );
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(seen(&earlier.data_dir()) == before, "something was changed");
    doctor(&place, &[]).says("vault-orphans", "ok", &[]);
}
