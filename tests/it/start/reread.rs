//! A long log: a start reads its newest files, and what is wrong with the older ones is found while it serves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::ControlFlow;

use futures_util::{StreamExt, stream};
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::Sizes;
use mfa_ledger::log::embedded::raw::{self, JournalWriter, Seal};
use mfa_ledger::log::{Position, Stream};
use serde_json::json;

use crate::support::server::{Place, Server, text};

/// Small files, of which the newest is read.
pub const SMALL: &[(&str, &str)] =
    &[("MFA_LEDGER__LOG__SEGMENT_MIB", "1"), ("MFA_LEDGER__LOG__REREAD_MIB", "1")];

/// Records that fill more than two files: each has the caller's user agent twice.
const RECORDS: usize = 1_700;

/// A ledger whose journal has several files, closed in good order, and when all of it was looked over.
pub async fn long() -> (Place, String) {
    let server = tokio::task::spawn_blocking(|| Server::start_with(SMALL)).await.unwrap();
    let (client, _) = server.root().await;
    let agent = "x".repeat(500);
    let agent = [("user-agent", agent.as_str())];
    let role = json!({ "name": "General Staff", "permissions": [], "mfa_required": false });
    // Carried out or refused, each of them is a record.
    let asked = (0..RECORDS)
        .map(|_| client.ask(reqwest::Method::PUT, "/v1/roles/general-staff", &agent, Some(&role)));
    let answers: Vec<_> = stream::iter(asked).buffer_unordered(16).collect().await;
    assert!(answers.iter().all(|it| [200, 403, 409].contains(&it.status)), "{:?}", answers[0]);
    let (status, place, password) = tokio::task::spawn_blocking(|| server.end()).await.unwrap();
    assert!(status.success() && segments(&place).len() > 2, "{:?}", segments(&place));
    (place, password)
}

pub fn segments(place: &Place) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(place.data_dir().join("journal")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_altered_in_an_older_file_ends_a_server_that_has_begun_to_serve() {
    let (place, password) = long().await;
    let sound = tokio::task::spawn_blocking(move || {
        // A command looks over nothing older, and the next start need not read more for that.
        let replayed = place.command(&["replay"]).envs(SMALL.iter().copied()).output().unwrap();
        assert!(replayed.status.success(), "{}", text(&replayed.stderr));
        let server = Server::on(place, password, SMALL);
        wait_for(&server, "it is what it was");
        assert!(
            server.told().contains("older records were looked over in the last run"),
            "{}",
            server.told()
        );
        server.end()
    });
    let (status, place, password) = sound.await.unwrap();
    assert!(status.success());

    let first = &segments(&place)[0];
    let sound = std::fs::read(first).unwrap();
    let mut altered = sound.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    std::fs::write(first, altered).unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        let mut server = Server::on(place, password, SMALL);
        let status = server.wait();
        (status, server.told(), server.place.clone())
    });
    let (status, told, place) = ended.await.unwrap();
    assert_eq!(status.code(), Some(10), "{told}");
    assert!(told.contains("the journal is damaged") && told.contains("--accept-loss"), "{told}");
    // Nobody takes it on trust any more.
    let mut again = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let again = again.envs(SMALL.iter().copied()).output().unwrap();
    assert_eq!(
        (again.status.code(), text(&again.stdout).as_str()),
        (Some(10), ""),
        "{}",
        text(&again.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_exchanged_in_an_older_file_is_found_by_what_was_signed_for() {
    let (place, password) = long().await;
    forge(&place);
    let ended = tokio::task::spawn_blocking(move || {
        let mut server = Server::on(place, password, SMALL);
        (server.wait(), server.told())
    });
    let (status, told) = ended.await.unwrap();
    assert_eq!(status.code(), Some(10), "{told}");
    assert!(told.contains("position 20"), "{told}");
}

/// Writes the journal anew with another record at position 20, sound in itself.
fn forge(place: &Place) {
    let (dir, mut records) = (place.data_dir(), Vec::new());
    raw::scan(&dir, None, |frame| {
        records.push((Stream::new(frame.stream), frame.record().to_vec()));
        ControlFlow::Continue(())
    })
    .unwrap();
    let agent = records[19].1.windows(9).rposition(|window| window == b"xxxxxxxxx").unwrap();
    records[19].1[agent] = b'y';
    let ledger = raw::ledger(&dir).unwrap();
    std::fs::remove_dir_all(dir.join("journal")).unwrap();
    let sizes = Sizes { segment: 1024 * 1024, ..Sizes::default() };
    let mut writer = JournalWriter::create(&dir, ledger, &Disk::real(), sizes).unwrap();
    for ((stream, record), position) in records.iter().zip(1..).map(|(it, at)| (it, Position(at))) {
        let mut bytes = Vec::new();
        Seal::new(ledger).write(&mut bytes, position, position, stream, record);
        writer.push(&Seal::new(ledger).parse(&bytes).unwrap(), &bytes).unwrap();
    }
    writer.finish().unwrap();
}

fn wait_for(server: &Server, words: &str) {
    for _ in 0..600 {
        if server.told().contains(words) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{words:?} is not in: {}", server.told());
}
