//! Records removed, moved and replaced by somebody who knows the format of the journal.

use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::Sizes;
use mfa_ledger::log::embedded::raw::{self, JournalWriter, Seal};
use mfa_ledger::log::{Position, Stream};

use super::{is_tampering, ledger};
use crate::support::server::{Place, Server, text};

type Records = Vec<(Stream, Vec<u8>)>;

fn records(dir: &Path) -> Records {
    let mut records = Vec::new();
    raw::scan(dir, None, |frame| {
        records.push((Stream::new(frame.stream), frame.record().to_vec()));
        ControlFlow::Continue(())
    })
    .expect("a sound journal");
    records
}

/// Writes another journal, sound in itself, and takes away what would show that it is another.
fn rewrite(place: &Place, change: impl FnOnce(&mut Records)) -> u64 {
    let dir = place.data_dir();
    let mut changed = records(&dir);
    let before = changed.len() as u64;
    change(&mut changed);
    let ledger = raw::ledger(&dir).expect("a sound journal");
    for name in ["journal", "sled"] {
        std::fs::remove_dir_all(dir.join(name)).expect("it is there");
    }
    place.unmark();
    let mut writer =
        JournalWriter::create(&dir, ledger, &Disk::real(), Sizes::default()).expect("a new journal");
    let mut position = Position::START;
    for (stream, record) in &changed {
        position = position.next();
        let mut bytes = Vec::new();
        Seal::new(ledger).write(&mut bytes, position, position, stream, record);
        let frame = Seal::new(ledger).parse(&bytes).expect("a sound frame");
        writer.push(&frame, &bytes).expect("it is written");
    }
    writer.finish().expect("it is written");
    before
}

#[test]
fn the_newest_five_records_removed() {
    let place = ledger();
    let before = rewrite(&place, |records| records.truncate(records.len() - 5));
    is_tampering(&place, &["the log ends before records that were signed for", &format!("{}", before - 4)]);
}

#[test]
fn a_record_in_the_middle_removed() {
    let place = ledger();
    rewrite(&place, |records| drop(records.remove(4)));
    is_tampering(&place, &["position 5"]);
}

#[test]
fn two_records_swapped() {
    let place = ledger();
    rewrite(&place, |records| records.swap(5, 7));
    is_tampering(&place, &["position 6"]);
}

#[test]
fn a_record_replaced_by_another_that_is_sound() {
    let place = ledger();
    rewrite(&place, |records| records[2] = records[8].clone());
    is_tampering(&place, &["position 3"]);
}

#[test]
fn a_record_replaced_and_the_tiles_with_it() {
    let place = ledger();
    rewrite(&place, |records| records[2] = records[8].clone());
    std::fs::remove_dir_all(place.data_dir().join("tile")).expect("there are tiles");
    is_tampering(&place, &["the records are not those that were signed for"]);
}

#[test]
fn a_loss_is_accepted_on_record_and_the_history_goes_on_under_another_origin() {
    let place = ledger();
    let before = rewrite(&place, |records| records.truncate(records.len() - 5));
    let old = std::fs::read_to_string(place.data_dir().join("checkpoint")).expect("a checkpoint");
    let none = place.run(&["serve", "--listen", "127.0.0.1:0", "--accept-loss", " "]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
    let server = Server::accepting(place, "the hoster swapped the disk");
    let (status, place, _) = server.end();
    assert!(status.success());
    let listed = place.run(&["activity", "list", "--output", "ndjson"]);
    let listed = text(&listed.stdout);
    let entry = listed
        .lines()
        .find(|line| line.contains("\"action\":\"log.loss_accepted\""))
        .expect("it is on record");
    let entry: serde_json::Value = serde_json::from_str(entry).expect("JSON");
    assert_eq!(entry["position"], before - 4);
    assert_eq!(entry["details"]["reason"], "the hoster swapped the disk");
    assert_eq!(entry["details"]["signed_size"], before);
    assert_eq!(entry["details"]["kept"], before - 5);
    let new = std::fs::read_to_string(place.data_dir().join("checkpoint")).expect("a checkpoint");
    let origin = |checkpoint: &str| checkpoint.lines().next().map(str::to_owned).expect("an origin");
    assert_eq!(origin(&new), format!("{}/2", origin(&old)));
    let aside = std::fs::read_dir(place.data_dir().join("lost")).expect("something was set aside");
    let aside = aside.map(|it| it.expect("readable").path()).next().expect("one loss");
    assert_eq!(std::fs::read_to_string(aside.join("checkpoint")).expect("it was kept"), old);
    // The next start is one like any other.
    let (status, ..) = Server::on(place, String::new(), &[]).end();
    assert!(status.success());
}
