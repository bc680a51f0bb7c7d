//! Starts with a snapshot: the end of the log is folded on top of it, and one that does not fit changes nothing.

use mfa_ledger::data_dir::{init_with, open_with};
use mfa_ledger::disk::Disk;
use mfa_ledger_projections::State;

use crate::faults::ledger::{command, config, first, means};
use crate::support::ram;
use crate::support::server::{Place, Server};

/// Starts and ends the server of a place: what it told until it was ready.
fn run(place: Place, password: &str) -> (Place, String) {
    // Of earlier starts, where there was any.
    let _absent = std::fs::remove_file(place.outside().join("stderr.log"));
    let server = Server::on(place, password.to_owned(), &[]);
    let told = server.told();
    let (status, place, _) = server.end();
    assert!(status.success(), "{told}");
    (place, told)
}

#[test]
fn a_start_reads_what_the_last_end_wrote_and_tells_of_one_that_does_not_fit() {
    let (place, password) = Place::initialised();
    let latest = place.data_dir().join("snapshots/latest");
    let (place, _) = run(place, &password);
    let sound = std::fs::read(&latest).expect("the end wrote it");
    let (place, told) = run(place, &password);
    assert!(told.contains("a snapshot was read"), "{told}");
    assert!(!told.contains("does not fit"), "{told}");

    let mut bytes = sound.clone();
    bytes[70] ^= 1;
    std::fs::write(&latest, bytes).expect("it is written");
    let (place, told) = run(place, &password);
    assert!(
        told.contains("a snapshot does not fit and is left out") && told.contains("its seal does not hold"),
        "{told}"
    );
    assert!(!told.contains("a snapshot was read"), "{told}");

    let mut newer = sound;
    newer[20] = 200;
    std::fs::write(&latest, newer).expect("it is written");
    let (place, told) = run(place, &password);
    assert!(told.contains("the layout of version"), "{told}");
    let (_, told) = run(place, &password);
    assert!(told.contains("a snapshot was read"), "the end wrote another: {told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_and_what_follows_it_fold_to_the_same_as_the_whole_log() {
    let dir = ram::dir();
    init_with(&config(dir.path()), first(), &means(Disk::real())).await.unwrap();
    let snapshots = config(dir.path()).data_dir.join("snapshots");
    let latest = snapshots.join("latest");
    let state = async || -> State {
        let opened = open_with(&config(dir.path()), &means(Disk::real())).await.unwrap();
        let state = opened.service.peek(State::clone);
        opened.close().await.unwrap();
        state
    };
    state().await;
    let old = std::fs::read(&latest).expect("the end wrote it");
    let opened = open_with(&config(dir.path()), &means(Disk::real())).await.unwrap();
    for number in 0..20 {
        command(&opened, &format!("after-{number}")).await.unwrap();
    }
    opened.close().await.unwrap();
    // As after a crash: the snapshot is older than the log.
    std::fs::write(&latest, &old).unwrap();
    let tail = state().await;
    std::fs::remove_dir_all(&snapshots).unwrap();
    let whole = state().await;
    assert!(tail == whole);
    assert_eq!(tail.checksums().unwrap(), whole.checksums().unwrap());
}
