//! The journal: a log opened on any bytes as its segments. It opens, and stays what it was, or tells a
//! typed error and touches nothing.
//!
//! Checksums keep nearly every damaged byte from being read at all, so each input is tried twice: as it is,
//! and with all its checksums made right.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::{Embedded, OpenError, Opening, Sizes};
use mfa_ledger::log::{Entry, Log, MAX_RECORD, MAX_STREAM, Position, Stream};
use sha2::{Digest, Sha256};

use super::{Outcome, Target, find, scratch, wait};

pub const TARGET: Target = Target { name: "journal", seeds, run };

const LEDGER: [u8; 16] = [1; 16];
/// So small that a few records see several segments and zeros ahead.
const SIZES: Sizes = Sizes { segment: 600, ahead: 256, queue: 64, reread: u64::MAX };

// The format is frozen, and written down in `src/log/embedded/{frame,segment}.rs`.
const MAGIC: &[u8] = b"MFALEDGR";
const HEADER: usize = 80;
const FIRST: std::ops::Range<usize> = 32..40;
const PREDECESSOR: std::ops::Range<usize> = 40..72;
const CHECKED: usize = 72;
const PREFIX: usize = 8;
const LENGTHS: std::ops::RangeInclusive<usize> = 17..=17 + MAX_STREAM + MAX_RECORD;

/// Journals of a few records: none, one segment, three segments, closed and not.
pub fn seeds() -> Vec<Vec<u8>> {
    let made = [(0, true), (1, true), (3, false), (25, true)].map(|(records, close)| {
        let dir = scratch();
        let (log, _) = open(dir.path()).expect("a new log opens");
        wait(async {
            for n in 1..=records {
                let record = Bytes::from(format!("record {n}"));
                let stream = Stream::new(&format!("stream/{}", n % 3));
                assert_eq!(log.append(&stream, &[], record).await.expect("it takes it"), Position(n));
            }
            if close {
                log.close().await.expect("it closes");
            }
        });
        drop(log);
        segments(dir.path()).into_values().collect::<Vec<_>>().concat()
    });
    made.to_vec()
}

pub fn run(data: &[u8]) -> Outcome {
    let resealed = resealed(data);
    let as_it_is = opened(data);
    if resealed == data { as_it_is } else { opened(&resealed) }
}

fn open(dir: &Path) -> Result<(Embedded, Opening), OpenError> {
    Embedded::open_sized(dir, LEDGER, Disk::real(), SIZES)
}

fn opened(data: &[u8]) -> Outcome {
    let dir = scratch();
    let journal = dir.path().join("journal");
    std::fs::create_dir(&journal).expect("a directory");
    for (name, bytes) in files(data) {
        std::fs::write(journal.join(name), bytes).expect("it can be written");
    }
    let before = segments(dir.path());
    match open(dir.path()) {
        Ok((log, opening)) => {
            stays(dir.path(), &log, opening.head);
            if opening.cut.is_some() { "cut".into() } else { "opened".into() }
        }
        Err(error) => {
            assert_eq!(segments(dir.path()), before, "nothing is changed: {error}");
            let again = open(dir.path()).map(drop).expect_err("it does not open by itself");
            assert_eq!(again.to_string(), error.to_string());
            match error {
                OpenError::NewerFormat { .. } => "newer".into(),
                OpenError::OtherLedger { .. } => "other ledger".into(),
                OpenError::Integrity { .. } => "integrity".into(),
                other => panic!("the bytes of a segment are no reason for: {other:?}"),
            }
        }
    }
}

/// What opened can be read, takes a record more, and opens again as it was closed.
fn stays(dir: &Path, log: &Embedded, head: Position) {
    let read = async |log: &Embedded| -> Vec<Entry> {
        let head = log.head().await.expect("a head");
        let count = usize::try_from(head.0).expect("few records");
        let read: Vec<_> = log.read(Position::START).take(count).collect().await;
        read.into_iter().map(|entry| entry.expect("what opened can be read")).collect()
    };
    wait(async {
        let before = read(log).await;
        for (due, entry) in (1..).zip(&before) {
            assert_eq!(entry.position, Position(due));
        }
        let next = head.next();
        let stream = Stream::new("one/more");
        assert_eq!(log.append(&stream, &[], Bytes::from_static(b"more")).await.expect("it takes it"), next);
        log.close().await.expect("it closes");
        let (log, opening) = open(dir).expect("what was closed opens");
        assert!(opening.clean && opening.cut.is_none() && opening.rebuilt.is_none(), "{opening:?}");
        assert_eq!(opening.head, next);
        let after = read(&log).await;
        assert_eq!(after[..before.len()], before);
        log.close().await.expect("it closes");
    });
}

/// Every segment begins with the magic; each lies under the name that its header gives it.
fn files(data: &[u8]) -> BTreeMap<String, &[u8]> {
    let mut files = BTreeMap::new();
    for (part, number) in parts(data).into_iter().zip(1_u64..) {
        let told = part.get(FIRST).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        let name = |first: u64| format!("{first:020}.segment");
        let free = told.map(name).filter(|name| !files.contains_key(name));
        files.insert(free.unwrap_or_else(|| name(u64::MAX - number)), part);
    }
    files
}

fn parts(data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut left = data;
    while let Some(at) = find(left, MAGIC, 1) {
        let (part, rest) = left.split_at(at);
        parts.push(part);
        left = rest;
    }
    parts.push(left);
    parts
}

/// The same with every checksum right, as far as what is under it has a shape at all.
fn resealed(data: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(data.len());
    let mut predecessor = [0; 32];
    for part in parts(data) {
        let mut part = part.to_vec();
        if part.len() >= HEADER {
            part[PREDECESSOR].copy_from_slice(&predecessor);
            let crc = crc32c::crc32c(&part[..CHECKED]);
            part[CHECKED..CHECKED + 4].copy_from_slice(&crc.to_be_bytes());
        }
        let mut at = HEADER;
        while let Some(length) = part.get(at..at + 4) {
            let size = u32::from_be_bytes(length.try_into().expect("four bytes"));
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            let end = at.saturating_add(PREFIX).saturating_add(size);
            if !LENGTHS.contains(&size) || end > part.len() {
                break;
            }
            let seal = crc32c::crc32c_append(crc32c::crc32c(&LEDGER), &part[at..at + 4]);
            let crc = crc32c::crc32c_append(seal, &part[at + PREFIX..end]);
            part[at + 4..at + PREFIX].copy_from_slice(&crc.to_be_bytes());
            at = end;
        }
        predecessor = Sha256::digest(&part).into();
        all.extend(part);
    }
    all
}

/// The files of the journal, by their names.
fn segments(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(dir.join("journal")).expect("a journal");
    let read = files.map(|file| {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read(path).expect("it reads"))
    });
    read.collect()
}
