//! A short script that knows the manual and SHA-256, and nothing of us.

use std::process::{Command, Output};

use mfa_ledger::export::Form;

use super::exported;
use crate::support::server::{Place, text};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manual/outsider.py");

fn judge(place: &Place, bytes: &[u8]) -> Output {
    let file = place.outside().join("leaves");
    std::fs::write(&file, bytes).expect("it is written");
    Command::new("python3").arg(SCRIPT).arg(&file).output().expect("python3 is installed")
}

#[test]
fn every_part_is_accepted_by_it() {
    let (place, _) = Place::initialised();
    let checkpoint = std::fs::read_to_string(place.data_dir().join("checkpoint")).expect("a checkpoint");
    for (from, to) in (1..=8).flat_map(|from| (from..=8).map(move |to| (from, to))) {
        let output = judge(&place, &exported(&place, Form::Leaves, from, Some(to)));
        assert!(output.status.success(), "{from} to {to}: {}", text(&output.stderr));
        assert!(text(&output.stdout).ends_with(&checkpoint), "it shows what was signed");
    }
}

#[test]
fn what_was_changed_is_refused_by_it() {
    let (place, _) = Place::initialised();
    let bytes = exported(&place, Form::Leaves, 3, Some(6));
    let header = bytes.windows(2).position(|pair| pair == b"\n{").expect("leaves");
    for at in (header + 1..bytes.len()).step_by(131) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        assert!(!judge(&place, &bytes).status.success(), "byte {at}");
    }
    for cut in (1..bytes.len()).step_by(173) {
        assert!(!judge(&place, &bytes[..cut]).status.success(), "{cut} bytes");
    }
}

#[test]
fn where_it_cannot_check_it_says_so() {
    let asked = |args: &[&str]| {
        let found = Command::new("python3").args(args).output().expect("python3 is installed");
        (found.status.code(), text(&found.stderr).trim().to_owned())
    };
    let (code, told) = asked(&["-O", SCRIPT, "leaves"]);
    assert!(code == Some(1) && told.contains("leaves out every check"), "{told}");
    let (code, told) = asked(&[SCRIPT]);
    assert!(code == Some(1) && told.ends_with("outsider.py FILE"), "{told}");
}
