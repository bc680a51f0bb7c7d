//! A start that reads the end of the journal alone, and what is found when the rest is looked over.

use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::{Embedded, Inspect, InspectError, OpenError, Opening, Sizes};
use mfa_ledger::log::{AppendError, Log, Position, Stream};

use super::{LEDGER, SMALL, closed, fill, judge, record};
use crate::log_embedded::journal::segments;

/// Takes what it has not seen on trust, or not, and counts what it is shown.
#[derive(Debug, Default)]
pub struct Trusting {
    trusts: bool,
    resumed: Option<u64>,
    seen: Vec<u64>,
    judged: Option<u64>,
}

impl Inspect for Trusting {
    type Findings = Self;
    type Error = Infallible;

    fn resume(&mut self, after: Position) -> bool {
        self.resumed = Some(after.0);
        self.trusts
    }

    fn record(&mut self, position: Position, _: &[u8]) {
        self.seen.push(position.0);
    }

    fn judge(self, head: Position) -> Result<Self, Infallible> {
        Ok(Self { judged: Some(head.0), ..self })
    }
}

pub fn open(dir: &Path, trusts: bool, reread: u64) -> Result<(Embedded, Opening, Trusting), OpenError> {
    let begin = || Ok(Trusting { trusts, ..Trusting::default() });
    let sizes = Sizes { reread, ..SMALL };
    Embedded::open_inspected(dir, LEDGER, Disk::real(), sizes, begin)
        .map_err(|InspectError::Open(error)| error)
}

fn look_over(log: &Embedded) -> Result<Option<Trusting>, OpenError> {
    let looked = log.look_over(Trusting::default(), &AtomicBool::new(false));
    looked.map_err(|InspectError::Open(error)| error)
}

#[tokio::test]
async fn the_newest_files_are_read_and_the_rest_is_looked_over_later() {
    let dir = closed(60).await;
    let all = segments(dir.path()).len();
    for reread in [0, 600, 1_300, 2_500] {
        let (log, opening, inspect) = open(dir.path(), true, reread).unwrap();
        let unseen = opening.unseen.0;
        assert!(unseen > 0 && opening.clean && opening.segments == all, "{opening:?}");
        assert_eq!((inspect.resumed, inspect.judged), (Some(unseen), Some(60)));
        assert!(inspect.seen.iter().copied().eq(unseen + 1..=60), "{:?}", inspect.seen);
        assert_eq!(judge(&log).await, 60, "all of it can be read at once");
        let later = look_over(&log).unwrap().expect("there is something to read");
        assert!(later.seen.iter().copied().eq(1..=unseen), "{:?}", later.seen);
        assert_eq!(later.judged, Some(unseen));
        log.close().await.unwrap();
    }
    // As much as there is, and one byte more than fits.
    let bytes: u64 = segments(dir.path()).iter().map(|file| std::fs::metadata(file).unwrap().len()).sum();
    for (reread, unseen) in [(bytes, false), (bytes - 1, true)] {
        let (log, opening, _) = open(dir.path(), true, reread).unwrap();
        assert_eq!(opening.unseen.0 > 0, unseen);
        look_over(&log).unwrap();
        log.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_tips_of_what_was_not_read_are_known() {
    let dir = closed(60).await;
    let (log, opening, _) = open(dir.path(), true, 0).unwrap();
    fill(&log, 61..=62).await;
    let read = [(Stream::new("stream/0"), Position(57))];
    let stale = log.append(&Stream::new("stream/9"), &read, record(63)).await;
    assert!(matches!(stale, Err(AppendError::Conflict)), "{stale:?}");
    let read = [(Stream::new("stream/0"), Position(60)), (Stream::new("stream/2"), Position(62))];
    log.append(&Stream::new("stream/9"), &read, record(63)).await.unwrap();
    look_over(&log).unwrap();
    log.close().await.unwrap();
    assert!(opening.unseen.0 > 0);
    // A stream whose only record lies in what is not read.
    let (log, _, _) = open(dir.path(), true, 0).unwrap();
    fill(&log, 64..=120).await;
    look_over(&log).unwrap();
    log.close().await.unwrap();
    let (log, opening, _) = open(dir.path(), true, 0).unwrap();
    assert!(opening.unseen.0 > 63);
    let stale =
        log.append(&Stream::new("stream/9"), &[(Stream::new("stream/9"), Position(0))], record(121)).await;
    assert!(matches!(stale, Err(AppendError::Conflict)), "{stale:?}");
}

#[tokio::test]
async fn everything_is_read_when_nobody_vouches_for_it() {
    let dir = closed(60).await;
    let reads_all = |trusts| {
        let (log, opening, inspect) = open(dir.path(), trusts, 0).unwrap();
        assert_eq!((opening.unseen, inspect.seen.len()), (Position::START, 60));
        log
    };
    // The inspector does not.
    reads_all(false).close().await.unwrap();
    // The last run was ended while it looked it over. One that did not begin to leaves everything as it was.
    for _ in 0..2 {
        let (log, opening, _) = open(dir.path(), true, 0).unwrap();
        assert!(opening.unseen.0 > 0);
        log.close().await.unwrap();
    }
    let (log, _, _) = open(dir.path(), true, 0).unwrap();
    assert!(log.look_over(Trusting::default(), &AtomicBool::new(true)).unwrap().is_none());
    log.close().await.unwrap();
    reads_all(true).close().await.unwrap();
    // It was not closed in good order.
    std::fs::remove_file(dir.path().join("closed")).unwrap();
    reads_all(true).close().await.unwrap();
    // The reading copy is not where it was.
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let (_log, opening, inspect) = open(dir.path(), true, 0).unwrap();
    assert_eq!((opening.rebuilt.unwrap().records, inspect.seen.len()), (60, 60));
}

#[tokio::test]
async fn damage_in_what_was_not_read_is_found_later() {
    let dir = closed(60).await;
    let files = segments(dir.path());
    for (index, file) in files.iter().enumerate() {
        let sound = std::fs::read(file).unwrap();
        // In the header, in the first record, at the end; that of the last file is room for more.
        let last = index + 1 == files.len();
        for at in [50, 100, if last { 100 } else { sound.len() - 1 }] {
            let mut damaged = sound.clone();
            damaged[at] ^= 1;
            std::fs::write(file, damaged).unwrap();
            match open(dir.path(), true, 0) {
                Ok((log, _, _)) => {
                    assert!(!last, "the last file is read");
                    let found = look_over(&log);
                    assert!(matches!(found, Err(OpenError::Integrity { .. })), "{index} {at}: {found:?}");
                    log.close().await.unwrap();
                    // Nobody may take it on trust any more.
                    let refused = open(dir.path(), true, 0);
                    assert!(matches!(refused, Err(OpenError::Integrity { .. })), "{index} {at}");
                }
                Err(error) => assert!(matches!(error, OpenError::Integrity { .. }), "{error}"),
            }
            std::fs::write(file, &sound).unwrap();
            let (log, _, _) = open(dir.path(), false, 0).unwrap();
            log.close().await.unwrap();
        }
    }
    std::fs::remove_file(&files[1]).unwrap();
    let (log, _, _) = open(dir.path(), true, 0).unwrap();
    assert!(matches!(look_over(&log), Err(OpenError::Integrity { .. })), "a file is gone");
}

#[tokio::test]
async fn a_mark_that_names_other_tips_is_found_later() {
    let dir = closed(60).await;
    let (log, _, _) = open(dir.path(), false, 0).unwrap();
    log.close().await.unwrap();
    let mark = dir.path().join("closed");
    let mut bytes = std::fs::read(&mark).unwrap();
    // The position of the first tip; a checksum keeps nobody from writing another.
    bytes[15] = 3;
    let told = bytes.len() - 4;
    let crc = crc32c::crc32c(&bytes[..told]).to_be_bytes();
    bytes[told..].copy_from_slice(&crc);
    std::fs::write(&mark, bytes).unwrap();
    let (log, opening, _) = open(dir.path(), true, 0).unwrap();
    assert!(opening.unseen.0 > 3);
    assert!(matches!(look_over(&log), Err(OpenError::Integrity { .. })));
}
