//! The last record before a `kill -9`: its caller was answered. A bit of it that changes is never taken for a record that
//! was not written in full; one that really was not is cut, and the server starts.

use std::ops::ControlFlow;
use std::path::PathBuf;

use mfa_ledger::log::embedded::{OpenError, raw};

use super::{TAMPERED, is_tampering};
use crate::support::server::{Place, Server, text};

/// Bytes that a disk writes together or not at all.
const SECTOR: usize = 512;

/// The last frame of a journal.
struct Last {
    file: PathBuf,
    bytes: Vec<u8>,
    begin: usize,
    end: usize,
    position: u64,
}

impl Last {
    /// Writes the journal with a change.
    fn with(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.bytes.clone();
        change(&mut bytes);
        std::fs::write(&self.file, bytes).expect("it can be written");
    }

    fn with_flipped(&self, bit: usize) {
        self.with(|bytes| bytes[bit / 8] ^= 1 << (bit % 8));
    }
}

/// A ledger whose server was killed right after it had answered a log-in, within the second in which that is signed for,
/// and before the reading copy had it: only the journal has the record.
async fn killed() -> (Place, Last) {
    let (place, password) = Place::initialised();
    let checkpoint = place.data_dir().join("checkpoint");
    let before = std::fs::read(&checkpoint).expect("a checkpoint");
    let server =
        tokio::task::spawn_blocking(move || Server::on(place, password, &[])).await.expect("it starts");
    server.root().await;
    let (place, _) = server.kill();
    let dir = place.data_dir();
    std::fs::write(checkpoint, before).expect("it can be written");
    std::fs::remove_dir_all(dir.join("sled")).expect("the reading copy may be deleted");
    assert!(!dir.join("closed").exists());
    let (mut begin, mut end, mut position) = (0, 0, 0);
    raw::scan(&dir, None, |frame| {
        (begin, end, position) = (frame.offset, frame.offset + frame.size, frame.position.0);
        ControlFlow::Continue(())
    })
    .expect("a sound journal");
    let file = std::fs::read_dir(dir.join("journal")).expect("a journal").next().expect("a file");
    let file = file.expect("readable").path();
    let bytes = std::fs::read(&file).expect("readable");
    assert!(end - begin > SECTOR, "it lies in several sectors");
    (place, Last { file, bytes, begin, end, position })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bit_of_the_last_record_that_changes_after_a_kill_is_never_cut_off() {
    let (place, last) = killed().await;
    let dir = place.data_dir();
    let first = last.begin % SECTOR;
    // The bytes before the record's name: length, checksum, position, batch. And every byte once of the rest.
    let structure = last.begin * 8..(last.begin + 25) * 8;
    let rest = (last.begin + 25..last.end).map(|byte| byte * 8 + byte % 8);
    // A length that is alone in its sector, and all zeros but for this bit, looks as if it had not been written.
    let lonely = |bit: &usize| bit / 8 < last.begin + 4 && first >= SECTOR - 4;
    for bit in structure.clone().chain(rest).filter(|bit| !lonely(bit)) {
        last.with_flipped(bit);
        match raw::scan(&dir, None, |_| ControlFlow::Continue(())) {
            Err(OpenError::Integrity { position, .. }) => assert_eq!(position.0, last.position, "bit {bit}"),
            other => panic!("bit {bit} of {:?}: {other:?}", last.begin..last.end),
        }
    }
    // A length, a checksum, a position, a batch, a name, the record and its end, through the doors.
    for byte in [3, 5, 15, 20, 26, 300, last.end - last.begin - 1] {
        last.with_flipped((last.begin + byte) * 8 + 1);
        is_tampering(&place, &[&format!("position {}", last.position), "nothing was changed"]);
        for door in
            [&["doctor"][..], &["log", "verify"], &["replay"], &["backup", "create", "--to", "backup"]]
        {
            let output = place.run(door);
            assert_eq!(output.status.code(), TAMPERED, "{door:?}: {}", text(&output.stderr));
        }
    }
    // The way out, on record.
    let (status, place, _) = Server::accepting(place, "the disk changed a bit").end();
    assert!(status.success() && place.run(&["log", "verify"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_record_that_was_not_written_in_full_is_cut_off_and_the_start_says_so() {
    let (place, last) = killed().await;
    let sectors: Vec<usize> =
        (last.begin / SECTOR + 1..=(last.end - 1) / SECTOR).map(|it| it * SECTOR).collect();
    let mut tears: Vec<(usize, usize)> = sectors.iter().map(|sector| (*sector, last.end)).collect();
    // Sectors reach the disk in any order: the first is missing, or one in the middle.
    if sectors[0] - last.begin > 2 {
        // The first two bytes of a frame are zeros in any case.
        tears.push((last.begin, sectors[0]));
    }
    tears.extend(sectors.windows(2).map(|pair| (pair[0], pair[1])));
    for (from, to) in tears {
        let _sled_of_the_last_start = std::fs::remove_dir_all(place.data_dir().join("sled"));
        last.with(|bytes| bytes[from..to].fill(0));
        let told = place.run(&["doctor", "--output", "json"]);
        let said = text(&told.stdout);
        assert!(
            told.status.success() && said.contains("no caller was answered for it"),
            "{from}..{to}: {said}"
        );
        let listed = place.run(&["administrator", "list"]);
        assert!(listed.status.success(), "{from}..{to}: {}", text(&listed.stderr));
        let used = std::fs::metadata(&last.file).expect("it is there").len();
        assert_eq!(used, last.begin as u64, "{from}..{to}: it was cut");
        place.unmark();
    }
    last.with(|bytes| bytes.truncate(last.end - 1));
    let _sled_of_the_last_start = std::fs::remove_dir_all(place.data_dir().join("sled"));
    let server =
        tokio::task::spawn_blocking(move || Server::on(place, String::new(), &[])).await.expect("it starts");
    assert!(
        server.told().contains("a part of it was never written, so no caller was answered for it"),
        "{}",
        server.told()
    );
}
