//! Every byte of a small log and vault changed, and every file cut at every length: told, with the place,
//! or without any effect on what is read.

use std::path::{Path, PathBuf};

use mfa_ledger::disk::Disk;
use mfa_ledger::log::Position;
use mfa_ledger::log::embedded::{Embedded, OpenError, Opening, Sizes};
use mfa_ledger::vault::{self, VaultError};
use tempfile::TempDir;

use crate::log_embedded::journal::segments;
use crate::log_embedded::{LEDGER, fill, judge};
use crate::support::draws::{Draws, rounds, seeds};
use crate::support::ram::{self, copy_all};
use crate::vault::{id, open_with, put, secret};

/// Several segments of a record or two, zeros ahead in the last.
const TINY: Sizes = Sizes { segment: 200, ahead: 120, queue: 64, reread: u64::MAX };
const RECORDS: u64 = 6;

/// What else lies in the directory, and could tell what the journal should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    CopyAndMark,
    Mark,
    Nothing,
}

fn open(dir: &Path) -> Result<(Embedded, Opening), OpenError> {
    Embedded::open_sized(dir, LEDGER, Disk::real(), TINY)
}

async fn tiny(beside: Beside) -> TempDir {
    let dir = ram::dir();
    let (log, _) = open(dir.path()).unwrap();
    fill(&log, 1..=RECORDS).await;
    log.close().await.unwrap();
    if beside != Beside::CopyAndMark {
        std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    }
    if beside == Beside::Nothing {
        std::fs::remove_file(dir.path().join("closed")).unwrap();
    }
    assert!(segments(dir.path()).len() > 2);
    dir
}

/// A copy of the log in which a file has this content.
fn changed(whole: &Path, file: &Path, content: &[u8]) -> (TempDir, PathBuf) {
    let dir = ram::dir();
    copy_all(whole, dir.path());
    let file = dir.path().join(file.strip_prefix(whole).unwrap());
    std::fs::write(&file, content).unwrap();
    (dir, file)
}

/// Where the last record begins and ends in its segment, which is the last.
fn last_record(bytes: &[u8]) -> (usize, usize) {
    let text = format!("record {RECORDS} ");
    let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    (at - "stream/0".len() - 25, bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1)
}

/// The error names the file, a place in it no later than the damage, and a position that fits.
fn named(error: &OpenError, file: &Path, at: usize) {
    match error {
        OpenError::Integrity { file: named, offset, position, .. } => {
            assert_eq!(named, file);
            assert!(usize::try_from(*offset).unwrap() <= at, "offset {offset}");
            assert!(position.0 <= RECORDS + 1, "position {position}");
        }
        OpenError::NewerFormat { file: named, .. } => assert!(named == file && (8..12).contains(&at)),
        other => panic!("{other:?}"),
    }
}

async fn every_flip_is_told(beside: Beside) {
    let whole = tiny(beside).await;
    let files = segments(whole.path());
    let mut cut = 0;
    for (index, file) in files.iter().enumerate() {
        let bytes = std::fs::read(file).unwrap();
        let last = index + 1 == files.len();
        let end = if last { last_record(&bytes).1 } else { bytes.len() };
        for at in 0..bytes.len() {
            let mut garbled = bytes.clone();
            garbled[at] ^= 1 << (at % 8);
            let (dir, file) = changed(whole.path(), file, &garbled);
            match open(dir.path()) {
                Err(error) => named(&error, &file, at),
                Ok((log, opening)) => {
                    // Not silently either: a bit of the room is cut off, and that is told.
                    let told = opening.cut.unwrap_or_else(|| panic!("{} byte {at}", file.display()));
                    assert!(last && at >= end, "byte {at} of {end}");
                    assert_eq!((&told.file, told.position), (&file, Position(RECORDS + 1)));
                    assert_eq!(judge(&log).await, RECORDS);
                    cut += 1;
                }
            }
        }
    }
    assert!(cut > 10, "there were zeros ahead");
}

#[tokio::test]
async fn every_flipped_byte_of_the_journal_is_told() {
    every_flip_is_told(Beside::CopyAndMark).await;
}

#[tokio::test]
async fn every_flipped_byte_of_the_journal_is_told_without_the_copy() {
    every_flip_is_told(Beside::Mark).await;
}

/// Not even the last record is taken for one that was not written in full.
#[tokio::test]
async fn every_flipped_byte_of_the_journal_is_told_without_copy_and_mark() {
    every_flip_is_told(Beside::Nothing).await;
}

#[tokio::test]
async fn every_truncation_of_the_journal_is_told() {
    for beside in [Beside::CopyAndMark, Beside::Mark] {
        let whole = tiny(beside).await;
        let files = segments(whole.path());
        for (index, file) in files.iter().enumerate() {
            let bytes = std::fs::read(file).unwrap();
            let last = index + 1 == files.len();
            for len in 0..bytes.len() {
                let (dir, file) = changed(whole.path(), file, &bytes[..len]);
                match open(dir.path()) {
                    Err(OpenError::Integrity { file: named, position, .. }) => {
                        // Cut between two records it is the next segment that does not fit.
                        let next = files.get(index + 1).map(|next| next.file_name().unwrap());
                        assert!(named == file || named.file_name() == next, "{} at {len}", named.display());
                        assert!(position.0 <= RECORDS, "{position}");
                    }
                    Ok((log, _)) => {
                        assert!(last && len >= last_record(&bytes).1, "{} cut at {len}", file.display());
                        assert_eq!(judge(&log).await, RECORDS, "only zeros were cut off");
                    }
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn no_damage_to_mark_and_lock_changes_what_is_read() {
    let whole = tiny(Beside::CopyAndMark).await;
    let mark = whole.path().join("closed");
    let right = std::fs::read(&mark).unwrap();
    let mut wrong: Vec<_> = (0..right.len()).map(|len| right[..len].to_vec()).collect();
    for bit in 0..right.len() * 8 {
        let mut garbled = right.clone();
        garbled[bit / 8] ^= 1 << (bit % 8);
        wrong.push(garbled);
    }
    for wrong in wrong {
        let (dir, _) = changed(whole.path(), &mark, &wrong);
        let (log, opening) = open(dir.path()).unwrap();
        assert!(!opening.clean, "what cannot be read counts for nothing");
        assert_eq!(judge(&log).await, RECORDS);
    }
    let (dir, _) = changed(whole.path(), &whole.path().join("lock"), b"garbage");
    assert_eq!(judge(&open(dir.path()).unwrap().0).await, RECORDS);
}

#[tokio::test]
async fn no_damage_to_the_files_of_sled_loses_a_record() {
    let whole = tiny(Beside::CopyAndMark).await;
    let files = crate::support::grep::files(&whole.path().join("sled"));
    let mut mended = 0;
    for seed in seeds(150, 3_000) {
        let draws = Draws::new(seed);
        let file = draws.pick(&files);
        let mut bytes = std::fs::read(file).unwrap();
        let written = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1).min(bytes.len());
        match draws.below(4) {
            0 => bytes.truncate(draws.index(written + 1)),
            1 => bytes.extend(vec![0xa5; draws.index(5_000)]),
            _ if bytes.is_empty() => {}
            _ => (0..=draws.below(3)).for_each(|_| bytes[draws.index(written)] ^= 1 << draws.below(8)),
        }
        let (dir, _) = changed(whole.path(), file, &bytes);
        if draws.coin() {
            std::fs::remove_file(dir.path().join("closed")).unwrap();
        }
        let (log, opening) = open(dir.path()).unwrap_or_else(|error| panic!("{error}"));
        mended += u64::from(opening.rebuilt.is_some() || opening.caught_up > 0);
        assert_eq!(judge(&log).await, RECORDS, "{opening:?}");
        fill(&log, RECORDS + 1..=RECORDS + 2).await;
        log.close().await.unwrap();
        assert_eq!(judge(&open(dir.path()).unwrap().0).await, RECORDS + 2);
    }
    println!("{mended} of {} were rebuilt or caught up", rounds(150, 3_000));
}

/// A vault with a destroyed entry between two live ones; and the content of its two files.
async fn small_vault() -> (TempDir, Vec<u8>, Vec<u8>) {
    let dir = ram::dir();
    let vault = open_with(dir.path(), Disk::real()).unwrap();
    for n in 1..=3 {
        put(&vault, n).await.unwrap();
    }
    vault.destroy(&[id(2)]).await.unwrap();
    drop(vault);
    let read = |name| std::fs::read(dir.path().join(name)).unwrap();
    let (slots, sealed) = (read("slots"), read("sealed"));
    (dir, slots, sealed)
}

/// Damage is told when the vault is opened or when an entry is read, and no entry reads as anything else.
fn vault_tells(dir: &Path) -> bool {
    let vault = match open_with(dir, Disk::real()) {
        Ok(vault) => vault,
        Err(vault::OpenError::Damaged { file, .. } | vault::OpenError::NewerFormat { file, .. }) => {
            assert!(file.starts_with(dir));
            return true;
        }
        Err(other) => panic!("{other}"),
    };
    let mut told = !vault.damaged().is_empty() || vault.missing_slots() > 0;
    for n in 1..=3 {
        match vault.read(id(n), vault::Purpose::TotpSeed, [0xaa; 16]) {
            Ok(None) if told => {}
            Ok(found) => assert_eq!(found, (n != 2).then(|| secret(n)), "entry {n}"),
            Err(VaultError::Damaged) => told = true,
            Err(other) => panic!("{other}"),
        }
    }
    told
}

#[tokio::test]
async fn every_flipped_byte_of_the_vault_is_told() {
    let (dir, slots, sealed) = small_vault().await;
    let used = 4096 + 3 * 64;
    // All that is written, and a part of the room.
    let places = (0..used).chain((used..slots.len()).step_by(1_009));
    for (name, bytes, places) in
        [("slots", &slots, places.collect::<Vec<_>>()), ("sealed", &sealed, (0..sealed.len()).collect())]
    {
        for at in places {
            let mut garbled = bytes.clone();
            garbled[at] ^= 1 << (at % 8);
            std::fs::write(dir.path().join("slots"), &slots).unwrap();
            std::fs::write(dir.path().join("sealed"), &sealed).unwrap();
            std::fs::write(dir.path().join(name), &garbled).unwrap();
            let frame = (sealed.len() - 32) / 3;
            // What was destroyed has no effect.
            let is_garbage = name == "sealed" && (32 + frame..32 + 2 * frame).contains(&at);
            assert_eq!(vault_tells(dir.path()), !is_garbage, "byte {at} of {name}");
        }
    }
}

#[tokio::test]
async fn every_truncation_of_the_vault_is_told() {
    let (dir, slots, sealed) = small_vault().await;
    let lengths = (0..4096 + 5 * 64).chain((4096..slots.len()).step_by(997)).chain([slots.len() - 1]);
    for len in lengths {
        std::fs::write(dir.path().join("slots"), &slots[..len]).unwrap();
        std::fs::write(dir.path().join("sealed"), &sealed).unwrap();
        assert!(vault_tells(dir.path()), "slots cut at {len}");
    }
    std::fs::write(dir.path().join("slots"), &slots).unwrap();
    for len in 0..sealed.len() {
        std::fs::write(dir.path().join("sealed"), &sealed[..len]).unwrap();
        assert!(vault_tells(dir.path()), "sealed bytes cut at {len}");
    }
}
