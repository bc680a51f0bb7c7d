//! Exports that were changed, cut, or are none at all: refused with a reason, never a panic.

use std::io::{Cursor, Read};

use mfa_ledger::export::{self, ExportError, Form, Verified};
use mfa_ledger::integrity::data_dir::Against;
use mfa_ledger::tlog::VerifierKey;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{TAMPERED, exported, keys, verify};
use crate::support::server::Place;

fn check(bytes: &[u8], keys: Option<&[VerifierKey]>) -> Result<Verified, ExportError> {
    let against = Against { keys: keys.map(<[_]>::to_vec), ..Against::default() };
    export::verify(&mut Cursor::new(bytes), against, 1..=u64::MAX, |_| {})
}

/// A ledger, and exports of all shapes.
fn shapes() -> (Place, Vec<VerifierKey>, Vec<Vec<u8>>) {
    let (place, _) = Place::initialised();
    let keys = keys(&place);
    let parts = [(Form::Raw, 2, Some(3)), (Form::Leaves, 5, Some(6)), (Form::Raw, 8, None)];
    let shapes = parts.map(|(form, from, to)| exported(&place, form, from, to));
    (place, keys, shapes.into())
}

#[test]
fn no_flipped_byte_passes_and_without_signatures_none_that_changes_a_record() {
    let (_place, keys, shapes) = shapes();
    for bytes in shapes {
        let sound = check(&bytes, Some(&keys)).expect("it is sound");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let verified = check(&changed, Some(&keys));
            assert!(verified.is_err(), "byte {at} of {}", bytes.len());
            // Only the signature can be another then.
            if let Ok(unsigned) = check(&changed, None) {
                assert_eq!(unsigned.root, sound.root, "byte {at}");
                assert_eq!(unsigned.header.signed.checkpoint, sound.header.signed.checkpoint, "byte {at}");
                assert_eq!((unsigned.header.from, unsigned.header.to), (sound.header.from, sound.header.to));
            }
        }
    }
}

#[test]
fn nothing_that_was_cut_or_added_to_passes() {
    let (_place, keys, shapes) = shapes();
    for bytes in shapes {
        for cut in 0..bytes.len() {
            assert!(check(&bytes[..cut], Some(&keys)).is_err(), "{cut} bytes");
        }
        for more in [&b"\n"[..], b"end 3\n", &[0; 4096]] {
            assert!(check(&[&bytes, more].concat(), Some(&keys)).is_err());
        }
    }
}

#[test]
fn whatever_is_written_over_it_or_moved_in_it_does_not_pass() {
    let (place, keys, _) = shapes();
    let bytes = exported(&place, Form::Raw, 1, None);
    let length = bytes.len();
    let edits = (0..length, prop::collection::vec(any::<u8>(), 1..40), 0..3_u8);
    let mut runner = TestRunner::new(ProptestConfig { cases: 300, ..ProptestConfig::default() });
    runner
        .run(&edits, |(at, new, how)| {
            let mut changed = bytes.clone();
            let end = (at + new.len()).min(length);
            match how {
                0 => changed[at..end].copy_from_slice(&new[..end - at]),
                1 => drop(changed.splice(at..at, new)),
                _ => drop(changed.drain(at..end)),
            }
            prop_assume!(changed != bytes);
            prop_assert!(check(&changed, Some(&keys)).is_err());
            Ok(())
        })
        .expect("nothing passes");
}

#[test]
fn two_records_exchanged_or_one_taken_from_another_place_are_found() {
    let (place, keys, _) = shapes();
    let bytes = exported(&place, Form::Leaves, 1, None);
    let text = String::from_utf8(bytes).expect("leaves are text");
    let begin = text.find("\n{").expect("leaves") + 1;
    let lines: Vec<&str> = text[begin..].split_inclusive('\n').collect();
    let exchanged = [&[lines[1], lines[0]], &lines[2..]].concat().concat();
    let doubled = [&[lines[1]], &lines[1..]].concat().concat();
    for records in [exchanged, doubled] {
        let changed = format!("{}{records}", &text[..begin]);
        let error = check(changed.as_bytes(), Some(&keys)).expect_err("it is another log");
        let ExportError::Tampered(tampered) = error else { panic!("{error}") };
        assert_eq!((tampered.kind.code(), tampered.first_bad_position()), ("other_root", Some(1)));
    }
}

#[test]
fn a_record_replaced_with_its_checksum_is_found() {
    let (place, keys, _) = shapes();
    let bytes = exported(&place, Form::Raw, 1, None);
    let needle = b"help-desk";
    let at = bytes.windows(needle.len()).rposition(|window| window == needle).expect("the role is named");
    let mut changed = bytes.clone();
    changed[at] ^= 1;
    // The frame that holds it, with a checksum that fits again.
    let note = bytes.windows(11).position(|it| it == b"checkpoint ").expect("a checkpoint");
    let line = String::from_utf8_lossy(&bytes[note + 11..note + 14]).into_owned();
    let length: usize = line.trim().parse().expect("a length");
    let mut start = note + 15 + length;
    loop {
        let size = u32::from_be_bytes(bytes[start..start + 4].try_into().expect("four bytes"));
        let end = start + 8 + usize::try_from(size).expect("a size");
        if end > at {
            let ledger = mfa_ledger::log::embedded::raw::ledger(&place.data_dir()).expect("a journal");
            let mut crc = crc32c::crc32c(&ledger);
            crc = crc32c::crc32c_append(crc, &changed[start..start + 4]);
            crc = crc32c::crc32c_append(crc, &changed[start + 8..end]);
            changed[start + 4..start + 8].copy_from_slice(&crc.to_be_bytes());
            break;
        }
        start = end;
    }
    let error = check(&changed, Some(&keys)).expect_err("it is another record");
    let ExportError::Tampered(tampered) = error else { panic!("{error}") };
    assert!(matches!(tampered.kind.code(), "leaf_mismatch" | "undecodable"), "{tampered}");
    assert!(tampered.first_bad_position().is_some());
}

/// More than any memory, and how much of it was asked for.
struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0 += buffer.len() as u64;
        assert!(self.0 < 4 * 1024 * 1024, "it reads on and on");
        buffer.fill(b'{');
        Ok(buffer.len())
    }
}

#[test]
fn lengths_that_nothing_has_take_no_memory() {
    let (place, keys, _) = shapes();
    let whole = exported(&place, Form::Leaves, 1, None);
    let text = String::from_utf8(whole).expect("leaves are text");
    let begin = text.find("\n{").expect("leaves") + 1;
    for head in ["", "mfa-ledger-export v1\n", &text[..begin]] {
        let mut input = std::io::BufReader::new(head.as_bytes().chain(Endless(0)));
        let against = Against { keys: Some(keys.clone()), ..Against::default() };
        assert!(export::verify(&mut input, against, 1..=u64::MAX, |_| {}).is_err(), "{head}");
    }
    // A log of more records than can be counted, by somebody who signs nothing.
    let (old, new) = ("\n8\n", "\n18446744073709551615\n");
    let huge = text[..begin].replacen("to 8", "to 18446744073709551615", 1).replacen(old, new, 1);
    let note = huge.find("checkpoint ").expect("a checkpoint") + 11;
    let length: usize = huge[note..note + 3].parse().expect("a length");
    let huge = huge.replacen(&format!("checkpoint {length}"), &format!("checkpoint {}", length + 19), 1);
    let error = check(huge.as_bytes(), None).expect_err("it is cut short");
    assert!(error.to_string().contains("position 1"), "{error}");
    let raw = exported(&place, Form::Raw, 1, None);
    let frames = raw.len() - exported_frames(&raw);
    let mut long = raw[..frames].to_vec();
    long.extend_from_slice(&[0xff; 64]);
    let error = check(&long, Some(&keys)).expect_err("no frame is so long");
    assert!(error.to_string().contains("impossible"), "{error}");
}

/// Bytes behind the header of a raw export.
fn exported_frames(raw: &[u8]) -> usize {
    let mark = "— ".as_bytes();
    let signature = raw.windows(mark.len()).position(|it| it == mark).expect("a signature");
    let end = raw[signature..].iter().position(|byte| *byte == b'\n').expect("its end");
    raw.len() - signature - end - 1
}

#[test]
fn what_is_no_export_at_all_is_told_from_one_that_was_altered() {
    let (place, _) = Place::initialised();
    let segment = place.data_dir().join("journal/00000000000000000001.segment");
    let (code, report, told) = verify(&place, &segment, &[]);
    assert_eq!((code, report.is_null()), (Some(1), true), "{told}");
    assert!(told.contains("this is not an export of a log"), "{told}");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(place.outside().join(name), bytes).expect("it is written");
        verify(&place, &place.outside().join(name), &[])
    };
    assert_eq!(write("empty", b"").0, Some(1));
    assert_eq!(write("zeros", &vec![0; 100_000]).0, Some(1));
    let (code, _, told) = write("newer", b"mfa-ledger-export v2\nwhatever\n");
    assert_eq!(code, Some(1));
    assert!(told.contains("format 2"), "{told}");
    let (code, report, _) = write("cut", b"mfa-ledger-export v1\nform raw\n");
    assert_eq!((code, &report["kind"]), (TAMPERED, &"damaged".into()), "{report}");
    let whole = exported(&place, Form::Raw, 1, None);
    let (code, report, _) = write("short", &whole[..whole.len() - 3_000]);
    assert_eq!((code, &report["kind"]), (TAMPERED, &"damaged".into()), "{report}");
    assert!(report["first_bad_position"].as_u64() > Some(1), "{report}");
    assert_eq!(verify(&place, &place.outside().join("gone"), &[]).0, Some(5));
    assert_eq!(verify(&place, place.outside(), &[]).0, Some(1), "a directory");
}
