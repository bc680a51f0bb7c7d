//! Exports of the log: made beside a server and without one, checked by others and by us, altered, imported.

mod altered;
mod import;
mod keys;
mod offline;
mod outsider;
mod url;

use std::path::{Path, PathBuf};
use std::process::Output;

use mfa_ledger::export::{self, Create, Form};
use mfa_ledger::keyring::Keyring;
use mfa_ledger::tlog::VerifierKey;
use serde_json::Value;

use crate::support::server::{Place, Server, text};

/// The exit code for what was altered or cut.
const TAMPERED: Option<i32> = Some(10);

/// The public keys of a ledger.
fn keys(place: &Place) -> Vec<VerifierKey> {
    Keyring::read(&place.outside().join("ledger.signing"), false).expect("the keys").verifiers()
}

/// An export, in memory.
fn exported(place: &Place, form: Form, from: u64, to: Option<u64>) -> Vec<u8> {
    let (data_dir, keys, mut bytes) = (place.data_dir(), keys(place), Vec::new());
    let ask = Create { data_dir: &data_dir, form, from, to, keys: Some(&keys) };
    export::create(&ask, &mut bytes).expect("an export");
    bytes
}

/// An export by the real program, in a file.
fn export_to(place: &Place, name: &str, more: &[&str]) -> PathBuf {
    let file = place.outside().join(name);
    let output = place.run(&[&["log", "export", "--output", &file.display().to_string()], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    file
}

/// `log verify` of an export: exit code, report, what was told.
fn verify(place: &Place, file: &Path, more: &[&str]) -> (Option<i32>, Value, String) {
    let file = file.display().to_string();
    let arguments = [&["log", "verify", "--output", "json", "--export", &file], more].concat();
    let Output { status, stdout, stderr } = place.run(&arguments);
    (status.code(), serde_json::from_slice(&stdout).unwrap_or_default(), text(&stderr))
}

fn add_administrator(place: &Place, name: &str) {
    let email = format!("{name}@example.org");
    let who = ["--user-name", name, "--email", &email, "--role", "auditor"];
    let made = place.run(&[&["administrator", "create"], who.as_slice()].concat());
    assert!(made.status.success(), "{}", text(&made.stderr));
}

#[test]
fn whole_and_in_part_in_both_forms_it_is_sound_and_says_what_it_is() {
    let (place, _) = Place::initialised();
    for (name, more, records) in [
        ("whole", &[][..], 8),
        ("leaves", &["--leaves"][..], 8),
        ("part", &["--from", "3", "--to", "5"][..], 3),
        ("part-leaves", &["--leaves", "--from", "8"][..], 1),
        ("first", &["--to", "1"][..], 1),
    ] {
        let file = export_to(&place, name, more);
        let (code, report, told) = verify(&place, &file, &[]);
        assert_eq!((code, &report["result"]), (Some(0), &"sound".into()), "{name}: {told}");
        assert_eq!((&report["records"], &report["size"]), (&records.into(), &8.into()), "{name}");
        let form = if name.contains("leaves") { "leaves" } else { "raw" };
        assert_eq!((&report["form"], &report["signatures_checked"]), (&form.into(), &true.into()));
    }
    let again = place.run(&["log", "export", "--output", "whole"]);
    assert_eq!(again.status.code(), Some(6), "{}", text(&again.stderr));
    for outside in [&["--from", "9"][..], &["--to", "9"]] {
        let output = place.run(&[&["log", "export", "--output", "none"], outside].concat());
        assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
        assert!(!place.outside().join("none").exists(), "nothing is left");
    }
    let backwards = place.run(&["log", "export", "--output", "none", "--from", "5", "--to", "4"]);
    assert_eq!(backwards.status.code(), Some(2));
    let nowhere = Place::empty().run(&["log", "export", "--output", "-", "--unsigned"]);
    assert_eq!(nowhere.status.code(), Some(5), "{}", text(&nowhere.stderr));
}

#[test]
fn beside_a_server_it_goes_to_standard_output_and_no_server_is_needed_to_check_it() {
    let server = Server::start();
    let output = server.place.run(&["log", "export", "--output", "-"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let key = text(&server.place.run(&["log", "keys"]).stdout);
    let elsewhere = Place::empty();
    let file = elsewhere.outside().join("export");
    std::fs::write(&file, &output.stdout).expect("it is written");
    let (code, report, told) = verify(&elsewhere, &file, &["--key", key.trim()]);
    assert_eq!((code, &report["records"]), (Some(0), &8.into()), "{told}");
    assert_eq!(verify(&elsewhere, &file, &[]).0, Some(1), "nothing is verified without a key");
    let (code, report, _) = verify(&elsewhere, &file, &["--unsigned"]);
    assert_eq!((code, &report["signatures_checked"]), (Some(0), &false.into()));
}

#[test]
fn a_log_that_was_altered_is_not_exported() {
    let (place, _) = Place::initialised();
    let journal = place.data_dir().join("journal/00000000000000000001.segment");
    let mut bytes = std::fs::read(&journal).expect("a journal");
    bytes[400] ^= 1;
    std::fs::write(&journal, bytes).expect("it is written");
    let output = place.run(&["log", "export", "--output", "-"]);
    assert_eq!((output.status.code(), output.stdout.len()), (TAMPERED, 0), "{}", text(&output.stderr));
    let output = place.run(&["log", "export", "--output", "file"]);
    assert_eq!(output.status.code(), TAMPERED);
    let names = std::fs::read_dir(place.outside()).expect("it is there");
    let names: Vec<_> = names.map(|it| it.expect("an entry").file_name()).collect();
    assert!(!names.iter().any(|name| name == "file" || name.to_string_lossy().starts_with(".log-export")));
}

#[test]
fn a_checkpoint_that_somebody_kept_is_held_against_it() {
    let (place, _) = Place::initialised();
    let checkpoint = place.data_dir().join("checkpoint");
    let keep = |name: &str| std::fs::copy(&checkpoint, place.outside().join(name)).expect("it is copied");
    keep("at-8");
    let early = export_to(&place, "early", &[]);
    add_administrator(&place, "ann");
    keep("at-9");
    add_administrator(&place, "bob");
    let late = export_to(&place, "late", &[]);
    let part = export_to(&place, "part", &["--from", "3", "--to", "5"]);
    let held = |file: &Path, kept: &str| verify(&place, file, &["--checkpoint", kept]);
    assert_eq!(held(&early, "at-8").0, Some(0));
    assert_eq!(held(&late, "at-8").0, Some(0));
    assert_eq!(held(&late, "at-9").0, Some(0));
    let (code, report, told) = held(&early, "at-9");
    assert_eq!((code, &report["kind"]), (TAMPERED, &"shorter".into()), "{told}");
    assert_eq!(report["first_bad_position"], 9);
    let (code, _, told) = held(&part, "at-9");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("shows nothing of that"), "{told}");
}
