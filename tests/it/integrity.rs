//! `log verify` on a data directory: what was altered, removed or rolled back is found and named.

use std::path::Path;
use std::process::Output;

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::integrity::{Bad, Examined};
use mfa_ledger::keyring::Keyring;
use mfa_ledger::log::embedded::Sizes;
use mfa_ledger::log::embedded::raw::{self, JournalWriter, Seal};
use mfa_ledger::log::{Position, Stream};
use mfa_ledger::tiles::TileStore;
use mfa_ledger::tlog::{Checkpoint, Note, TileBuilder};
use mfa_ledger_schemas::LedgerId;
use serde_json::Value;

use crate::support::server::{Place, text};

/// A ledger with its first records, sealed; `true` for `tiles` leaves the tree beside it.
fn sealed(tiles: bool) -> Place {
    let (place, _) = Place::initialised();
    if !tiles {
        std::fs::remove_dir_all(place.data_dir().join("tile")).expect("the test can prepare this");
    }
    place
}

fn seal(dir: &Path, keyring: &Keyring, tiles: bool) {
    let (store, mut tree) = (TileStore::new(dir, Disk::real()), TileBuilder::default());
    raw::scan(dir, None, |frame| {
        tree.push(Examined::hashed(frame.record()).hash, |_, _| {});
        std::ops::ControlFlow::Continue(())
    })
    .expect("the test can prepare this");
    if tiles {
        store.write_edge(&tree).expect("the test can prepare this");
    }
    let checkpoint = Checkpoint { origin: keyring.origin().into(), size: tree.size(), root: tree.root() };
    let mut note = Note::unsigned(checkpoint.text()).expect("the test can prepare this");
    note.sign(keyring.signing());
    std::fs::write(dir.join("checkpoint"), note.to_string()).expect("the test can prepare this");
}

/// Writes the journal anew, as a forger would who knows the format.
fn rewrite(dir: &Path, forge: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) {
    let ledger = raw::ledger(dir).expect("the test can prepare this");
    let mut records = Vec::new();
    raw::scan(dir, None, |frame| {
        records.push((frame.stream.to_owned(), frame.record().to_vec()));
        std::ops::ControlFlow::Continue(())
    })
    .expect("the test can prepare this");
    forge(&mut records);
    std::fs::remove_dir_all(dir.join("journal")).expect("the test can prepare this");
    let mut writer = JournalWriter::create(dir, ledger, &Disk::real(), Sizes::default())
        .expect("the test can prepare this");
    for ((stream, record), position) in records.iter().zip(1..) {
        let (mut bytes, seal) = (Vec::new(), Seal::new(ledger));
        seal.write(&mut bytes, Position(position), Position(position), &Stream::new(stream), record);
        writer
            .push(&seal.parse(&bytes).expect("the test can prepare this"), &bytes)
            .expect("the test can prepare this");
    }
    writer.finish().expect("the test can prepare this");
}

fn verify(place: &Place, more: &[&str]) -> (Option<i32>, Value, String) {
    let Output { status, stdout, stderr } =
        place.run(&[&["log", "verify", "--output", "json"], more].concat());
    (status.code(), serde_json::from_slice(&stdout).unwrap_or_default(), text(&stderr))
}

#[track_caller]
fn found(place: &Place, kind: &str, first: u64) {
    let (code, report, page) = verify(place, &[]);
    assert_eq!(code, Some(10), "{report:#}\n{page}");
    assert_eq!((&report["result"], &report["kind"]), (&"tampered".into(), &kind.into()), "{report:#}");
    assert_eq!(report["first_bad_position"], first, "{report:#}");
    assert!(page.contains(&Bad::At(first).to_string()), "{page}");
}

#[test]
fn a_log_that_is_what_it_was_is_sound() {
    let place = sealed(true);
    let (code, report, told) = verify(&place, &[]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!((&report["result"], &report["records"]), (&"sound".into(), &8.into()), "{report:#}");
    assert_eq!((&report["unsealed"], &report["from"], &report["to"]), (&0.into(), &1.into(), &8.into()));
    // With the public key alone, as an outsider has it.
    let key = text(&place.run(&["log", "keys"]).stdout);
    std::fs::remove_file(place.outside().join("ledger.signing")).expect("the test can prepare this");
    assert_eq!(verify(&place, &["--key", key.trim()]).0, Some(0));
    assert_eq!(verify(&place, &[]).0, Some(1), "nothing is verified without a key");
    let (code, report, _) = verify(&place, &["--unsigned"]);
    assert_eq!((code, &report["signatures_checked"]), (Some(0), &false.into()));
}

#[test]
fn the_newest_records_removed() {
    let place = sealed(true);
    rewrite(&place.data_dir(), |records| records.truncate(3));
    found(&place, "shorter", 4);
}

#[test]
fn one_from_the_middle_removed() {
    let place = sealed(true);
    rewrite(&place.data_dir(), |records| drop(records.remove(2)));
    found(&place, "shorter", 3);
}

#[test]
fn two_exchanged() {
    let place = sealed(true);
    rewrite(&place.data_dir(), |records| records.swap(4, 5));
    found(&place, "other_root", 5);
}

#[test]
fn a_byte_of_the_private_half_changed_with_its_checksum() {
    let place = sealed(true);
    rewrite(&place.data_dir(), |records| records[5].1[10] ^= 1);
    let (code, report, page) = verify(&place, &[]);
    assert_eq!((code, &report["first_bad_position"]), (Some(10), &6.into()), "{report:#}\n{page}");
}

#[test]
fn bytes_flipped_in_the_journal() {
    let place = sealed(true);
    let journal = place.data_dir().join("journal/00000000000000000001.segment");
    let bytes = std::fs::read(&journal).expect("the test can prepare this");
    let used = bytes.iter().rposition(|byte| *byte != 0).expect("the test can prepare this");
    // The whole header, then at a stride that meets every part of a frame. Unused bytes of the header say nothing.
    for at in (0..72).filter(|at| !(12..16).contains(at)).chain((80..=used).step_by(97)) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        std::fs::write(&journal, &flipped).expect("the test can prepare this");
        let (code, report, page) = verify(&place, &[]);
        assert_eq!(code, Some(10), "byte {at}: {report:#}\n{page}");
    }
}

#[test]
fn all_of_it_recomputed_without_the_key() {
    let place = sealed(true);
    place.unmark();
    let name =
        LedgerId::from_bytes(raw::ledger(&place.data_dir()).expect("the test can prepare this")).to_string();
    rewrite(&place.data_dir(), |records| records.truncate(3));
    seal(&place.data_dir(), &Keyring::generate(&name, &Chance::seeded(8)), true);
    let (code, report, page) = verify(&place, &[]);
    assert_eq!((code, &report["kind"]), (Some(10), &"signature".into()), "{report:#}\n{page}");
}

#[test]
fn without_its_checkpoint_it_is_not_sound() {
    let place = sealed(false);
    std::fs::remove_file(place.data_dir().join("checkpoint")).expect("the test can prepare this");
    let (code, report, page) = verify(&place, &[]);
    assert_eq!((code, &report["kind"]), (Some(10), &"signature".into()), "{report:#}\n{page}");
    std::fs::remove_dir_all(place.data_dir().join("journal")).expect("the test can prepare this");
    found(&place, "damaged", 1);
}

#[test]
fn yesterdays_directory_is_found_by_a_checkpoint_that_somebody_kept() {
    let place = sealed(true);
    place.unmark();
    let kept = place.outside().join("kept");
    std::fs::copy(place.data_dir().join("checkpoint"), &kept).expect("the test can prepare this");
    let (code, report, _) = verify(&place, &["--checkpoint", kept.to_str().expect("UTF-8")]);
    let compared = report["held_against"].as_str().expect("it was compared");
    assert!(code == Some(0) && compared.contains("kept") && compared.contains("records)"), "{report:#}");
    let keyring =
        Keyring::read(&place.outside().join("ledger.signing"), false).expect("the test can prepare this");
    rewrite(&place.data_dir(), |records| records.truncate(6));
    seal(&place.data_dir(), &keyring, true);
    assert_eq!(verify(&place, &[]).0, Some(0), "in itself it is sound");
    let (code, report, _) =
        verify(&place, &["--checkpoint", kept.to_str().expect("the test can prepare this")]);
    assert_eq!((code, &report["first_bad_position"]), (Some(10), &7.into()), "{report:#}");
    for (garbage, code) in [("garbage", 1), ("a\n\nb\n", 1)] {
        std::fs::write(&kept, garbage).expect("the test can prepare this");
        assert_eq!(
            verify(&place, &["--checkpoint", kept.to_str().expect("the test can prepare this")]).0,
            Some(code)
        );
    }
}
