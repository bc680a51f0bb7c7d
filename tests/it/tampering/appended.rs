//! Records appended by hand while no server runs: made of the public format alone, without any key.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use mfa_ledger::log::embedded::raw;
use mfa_ledger_schemas::bodies::AdministratorChanged;
use mfa_ledger_schemas::{Event, LedgerId, Record, StreamName, codec};
use serde_json::Value;
use sha2::Digest;

use super::{TAMPERED, is_tampering, ledger};
use crate::support::server::{Place, Server, text};

/// Frames that somebody forges.
const FORGED: u64 = 10;

/// The file that the log ends in, and where its last frame ends.
fn end(dir: &Path) -> (PathBuf, usize) {
    let files = std::fs::read_dir(dir.join("journal")).expect("a journal");
    let file = files.map(|it| it.expect("readable").path()).max().expect("a segment");
    let bytes = std::fs::read(&file).expect("readable");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1;
    (file, end)
}

/// What the log holds.
pub fn records(dir: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    raw::scan(dir, None, |frame| {
        records.push(codec::decode(frame.record()).expect("a record of ours"));
        ControlFlow::Continue(())
    })
    .expect("a sound journal");
    records
}

/// A record by which the newest administrator becomes a super administrator.
fn promotion(dir: &Path) -> (StreamName, Vec<u8>) {
    let ledger = LedgerId::from_bytes(raw::ledger(dir).expect("a journal"));
    let last = records(dir).pop().expect("records");
    let Event::AdministratorRegistered(fay) = &last.event else { panic!("{last:?}") };
    let event = Event::AdministratorChanged(AdministratorChanged {
        administrator: fay.administrator,
        user_name: None,
        super_administrator: Some(true),
        personal: None,
        replaced: None,
    });
    let stream = StreamName::Administrator(fay.administrator);
    let record = Record { stream: stream.clone(), reads: Vec::new(), idempotency: None, event, ..last };
    (stream, codec::encode(ledger, &record).expect("it can be encoded"))
}

/// A frame as `src/log/embedded/frame.rs` documents it.
fn frame(ledger: [u8; 16], position: u64, stream: &str, record: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    payload.extend(position.to_be_bytes());
    payload.extend(position.to_be_bytes());
    payload.push(u8::try_from(stream.len()).expect("a short name"));
    payload.extend(stream.as_bytes());
    payload.extend(record);
    let length = u32::try_from(payload.len()).expect("a small record").to_be_bytes();
    let seed = crc32c::crc32c(&ledger);
    let crc = crc32c::crc32c_append(crc32c::crc32c_append(seed, &length), &payload);
    [length.as_slice(), &crc.to_be_bytes(), &payload].concat()
}

/// What was forged.
pub struct Forged {
    /// The position of the first such record.
    pub first: u64,
    /// Where it begins in its file.
    at: usize,
}

/// Appends forged frames to a log that was closed.
pub fn forge(place: &Place) -> Forged {
    let dir = place.data_dir();
    assert!(dir.join("closed").exists(), "it was closed in good order");
    let ledger = raw::ledger(&dir).expect("a journal");
    let first = records(&dir).len() as u64 + 1;
    let (stream, record) = promotion(&dir);
    let frames = (first..first + FORGED).flat_map(|at| frame(ledger, at, &stream.to_string(), &record));
    let frames: Vec<u8> = frames.collect();
    let (file, at) = end(&dir);
    let mut bytes = std::fs::read(&file).expect("readable");
    bytes[at..at + frames.len()].copy_from_slice(&frames);
    std::fs::write(&file, bytes).expect("it can be written");
    Forged { first, at }
}

/// Leaves the mark that an orderly stop at a position leaves; it has a checksum and no more.
pub fn mark(place: &Place, position: u64) {
    let mut bytes = position.to_be_bytes().to_vec();
    bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
    std::fs::write(place.data_dir().join("closed"), bytes).expect("it can be written");
}

/// Everything that lies in the data directory, by name.
pub fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |file: PathBuf| (file.clone(), std::fs::read(file).expect("readable"));
    crate::support::grep::files(dir).into_iter().map(read).collect()
}

/// Every door of a data directory that no server holds is shut, says where it found what, and changes nothing that
/// counts.
pub fn every_door_is_shut(place: &Place, first: u64, said: &str) {
    let at = format!("position {first}");
    let journal = contents(&place.data_dir().join("journal"));
    is_tampering(place, &[&at, said, "added from outside"]);
    let doors: &[&[&str]] = &[
        &["administrator", "list"],
        &["administrator", "create", "--user-name", "gil", "--email", "gil@example.org"],
        &["activity", "list"],
        &["init", "--user-name", "other"],
        &["keys", "rotate"],
        &["replay"],
        &["as-of", &first.to_string()],
        &["backup", "create", "--to", "backup"],
        &["log", "export", "--output", "export"],
    ];
    for door in doors {
        let output = place.run(door);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), TAMPERED, "{door:?}: {told}");
        assert!(told.contains(&at) && told.contains(said), "{door:?}: {told}");
    }
    let verified = place.run(&["log", "verify", "--output", "json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).expect("JSON");
    assert_eq!((verified.status.code(), &report["result"]), (TAMPERED, &"tampered".into()), "{report:#}");
    assert_eq!(report["first_bad_position"], first, "{report:#}");
    let doctor = place.run(&["doctor", "--output", "json"]);
    let rows: Value = serde_json::from_slice(&doctor.stdout).expect("JSON");
    let log = rows.as_array().expect("rows").iter().find(|row| row["name"] == "log").expect("a row");
    assert_eq!((doctor.status.code(), &log["status"]), (TAMPERED, &"fail".into()), "{log:#}");
    assert!(log["detail"].as_str().expect("words").contains(&at), "{log:#}");
    assert_eq!(contents(&place.data_dir().join("journal")), journal, "nothing was changed");
    assert!(!place.outside().join("backup").exists(), "there is no backup");
}

/// The way out: what was forged is gone from the log, and kept aside; the people are who they were.
pub fn is_cut_by_an_operator(place: Place, first: u64) {
    let forged = std::fs::read(end(&place.data_dir()).0).expect("readable");
    let (status, place, _) = Server::accepting(place, "somebody wrote to the disk").end();
    assert!(status.success());
    let records = records(&place.data_dir());
    let Event::LossAccepted(loss) = &records[usize::try_from(first).expect("few") - 1].event else {
        panic!("{:?}", records.last())
    };
    assert_eq!((loss.first_bad, loss.kept), (Some(first), first - 1));
    assert!(loss.found.contains("added from outside"), "{}", loss.found);
    let restored = &records[usize::try_from(first).expect("few")].event;
    assert!(matches!(restored, Event::LogRestored(it) if it.kept == first - 1), "{restored:?}");
    let promoted = |it: &Record| matches!(&it.event, Event::AdministratorChanged(_));
    assert!(!records.iter().any(promoted), "no forged record is in the log");
    let aside = contents(&place.data_dir().join("lost"));
    assert!(aside.iter().any(|(_, bytes)| *bytes == forged), "what was cut off is kept as it was");
    let shown = text(&place.run(&["administrator", "show", "fay", "--output", "json"]).stdout);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["super_administrator"], false, "{shown:#}");
    assert!(place.run(&["log", "verify"]).status.success());
}

#[test]
fn records_behind_the_mark_of_an_orderly_stop() {
    let place = ledger();
    let Forged { first, .. } = forge(&place);
    let said = format!("closed in good order at position {}", first - 1);
    every_door_is_shut(&place, first, &said);
    is_cut_by_an_operator(place, first);
}

#[test]
fn records_behind_the_newest_checkpoint_with_a_mark_that_was_rewritten() {
    let place = ledger();
    let Forged { first, .. } = forge(&place);
    mark(&place, first + FORGED - 1);
    let said = format!("its checkpoint covers only the records up to position {}", first - 1);
    every_door_is_shut(&place, first, &said);
    is_cut_by_an_operator(place, first);
}

#[test]
fn records_in_a_file_of_their_own_behind_the_mark() {
    let place = ledger();
    let Forged { first, at } = forge(&place);
    let (file, end) = end(&place.data_dir());
    let bytes = std::fs::read(&file).expect("readable");
    // A second file, linked to the first as to a full one.
    let mut next = bytes[..80].to_vec();
    next[32..40].copy_from_slice(&first.to_be_bytes());
    next[40..72].copy_from_slice(&sha2::Sha256::digest(&bytes[..at]));
    let sum = crc32c::crc32c(&next[..72]);
    next[72..76].copy_from_slice(&sum.to_be_bytes());
    next.extend(&bytes[at..end]);
    std::fs::write(place.data_dir().join(format!("journal/{first:020}.segment")), next).expect("written");
    std::fs::write(&file, &bytes[..at]).expect("written");
    is_tampering(&place, &[&format!("position {first}"), "added from outside"]);
}

#[test]
fn bytes_that_are_no_record_behind_the_mark() {
    let place = ledger();
    let dir = place.data_dir();
    let first = records(&dir).len() + 1;
    let (stream, record) = promotion(&dir);
    let frame = frame(raw::ledger(&dir).expect("a journal"), first as u64, &stream.to_string(), &record);
    let (file, end) = end(&dir);
    let mut bytes = std::fs::read(&file).expect("readable");
    bytes[end..end + 300].copy_from_slice(&frame[..300]);
    bytes.truncate(end + 300);
    std::fs::write(&file, &bytes).expect("written");
    is_tampering(&place, &[&format!("position {first}"), "bytes follow it"]);
    let (status, place, _) = Server::accepting(place, "somebody wrote to the disk").end();
    assert!(status.success());
    let records = records(&place.data_dir());
    assert!(matches!(&records[first - 1].event, Event::LossAccepted(_)), "{:?}", records.last());
}

/// Without a mark a log is one that has crashed, and goes on as ever.
#[test]
fn a_log_that_was_killed_goes_on_behind_its_checkpoint() {
    let place = ledger();
    let kept = std::fs::read(place.data_dir().join("checkpoint")).expect("a checkpoint");
    let made = ["administrator", "create", "--user-name", "gil", "--email", "gil@example.org"];
    assert!(place.run(&made).status.success());
    // As a kill between the answer and the next checkpoint leaves it.
    std::fs::write(place.data_dir().join("checkpoint"), &kept).expect("written");
    place.unmark();
    for door in [&["log", "verify"][..], &["doctor"], &["backup", "create", "--to", "backup"]] {
        let output = place.run(door);
        assert!(output.status.success(), "{door:?}: {}", text(&output.stderr));
    }
    // A start that fails before it has signed for them leaves no mark: they are not taken for forged ones.
    let wrong = "7".repeat(64);
    let key = std::fs::read(place.key_file()).expect("a key");
    std::fs::write(place.key_file(), wrong).expect("written");
    assert_eq!(super::refused(&place).status.code(), Some(1));
    assert!(!place.data_dir().join("closed").exists());
    std::fs::write(place.key_file(), key).expect("written");
    let (status, place, _) = Server::on(place, String::new(), &[]).end();
    assert!(status.success());
    assert!(place.run(&["log", "verify"]).status.success());
}
