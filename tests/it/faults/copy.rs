//! Losses of power for the reading copy, which does its own I/O: of what sled has written since it was
//! last synced every page is on the medium or not, files that it made are there or not. The journal makes
//! it good, whatever is found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::{Embedded, Opening, Sizes};
use mfa_ledger::log::{Log, Position, Stream};
use tempfile::TempDir;

use crate::log_embedded::LEDGER;
use crate::support::draws::{Draws, seeds};
use crate::support::{grep, ram};

const SIZES: Sizes = Sizes { segment: 256 * 1024, ahead: 4096, queue: 1024, reread: u64::MAX };

/// Records when sled was last synced, and records given to it since.
const SYNCED: u64 = 300;
const SINCE: u64 = 700;

fn record(n: u64) -> Bytes {
    Bytes::from(format!("record {n} {}", "y".repeat(usize::try_from(n * 37 % 900).unwrap())))
}

fn open(dir: &Path) -> (Embedded, Opening) {
    Embedded::open_sized(dir, LEDGER, Disk::real(), SIZES).unwrap_or_else(|error| panic!("{error}"))
}

async fn fill(log: &Embedded, range: std::ops::RangeInclusive<u64>) {
    let stream = Stream::new("s");
    let appends = range.clone().map(|n| log.append(&stream, &[], record(n)));
    for (answer, due) in futures_util::future::join_all(appends).await.into_iter().zip(range) {
        assert_eq!(answer.unwrap(), Position(due));
    }
}

async fn judge(log: &Embedded, count: u64) {
    assert_eq!(log.head().await.unwrap(), Position(count), "never fewer, never more");
    let read = log.read(Position::START).take(usize::try_from(count).unwrap());
    let read: Vec<_> = read.map(Result::unwrap).collect().await;
    assert!(
        read.iter().zip(1..).all(|(entry, n)| entry.position == Position(n) && entry.record == record(n))
    );
}

/// A log whose copy was synced once and written to since.
struct Written {
    /// All of it at the end.
    log: TempDir,
    /// The copy when it was synced.
    synced: TempDir,
}

impl Written {
    async fn new() -> Self {
        let written = Self { log: ram::dir(), synced: ram::dir() };
        let (log, _) = open(written.log.path());
        fill(&log, 1..=SYNCED).await;
        log.close().await.unwrap();
        ram::copy_all(&written.log.path().join("sled"), written.synced.path());
        let (log, _) = open(written.log.path());
        fill(&log, SYNCED + 1..=SYNCED + SINCE).await;
        log.close().await.unwrap();
        // The power goes before the mark, and before sled's last sync.
        std::fs::remove_file(written.log.path().join("closed")).unwrap();
        written
    }

    /// What is found after the loss of power.
    fn cut(&self, draws: &Draws) -> TempDir {
        let found = ram::dir();
        ram::copy_all(&self.log.path().join("journal"), &found.path().join("journal"));
        let sled = self.log.path().join("sled");
        let names = |dir: &Path| -> BTreeSet<PathBuf> {
            grep::files(dir).iter().map(|file| file.strip_prefix(dir).unwrap().to_owned()).collect()
        };
        let (before, after) = (names(self.synced.path()), names(&sled));
        for name in before.union(&after) {
            let old = std::fs::read(self.synced.path().join(name)).ok();
            let new = std::fs::read(sled.join(name)).ok();
            let content = match (old, new) {
                (Some(old), Some(new)) => Some(mix(&old, &new, draws)),
                // A new one: not there, or of it some pages.
                (None, Some(new)) => draws.coin().then(|| mix(&[], &new, draws)),
                // Removed, or not yet.
                (old, _) => old.filter(|_| draws.coin()),
            };
            let Some(content) = content else { continue };
            let file = found.path().join("sled").join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, content).unwrap();
        }
        found
    }
}

/// Pages of `old` and `new` as chance has it; where there is no old page, it may be zeros.
fn mix(old: &[u8], new: &[u8], draws: &Draws) -> Vec<u8> {
    if old == new {
        return old.to_vec();
    }
    let page = *draws.pick(&[512, 4096]);
    let (shortest, longest) = (old.len().min(new.len()), old.len().max(new.len()));
    let len = match draws.below(4) {
        0 => old.len(),
        1 => new.len(),
        _ => shortest + draws.index(longest - shortest + 1),
    };
    let mut mixed = old.to_vec();
    mixed.resize(len, 0);
    let changed: Vec<usize> = (0..len)
        .step_by(page)
        .filter(|at| old.get(*at..(at + page).min(len)) != new.get(*at..(at + page).min(len)))
        .collect();
    // A prefix, a few, most, or all of the pages that were written.
    let (upto, odds) = (draws.index(changed.len() + 1), 1 + draws.below(16));
    let by_order = draws.coin();
    for (index, at) in changed.iter().enumerate() {
        let arrives = if by_order { index < upto } else { draws.below(16) < odds };
        if arrives && let Some(source) = new.get(*at..(at + page).min(len).min(new.len())) {
            mixed[*at..at + source.len()].copy_from_slice(source);
        }
    }
    mixed
}

#[tokio::test]
async fn no_loss_of_power_in_sled_takes_an_answered_record() {
    let written = Written::new().await;
    let (mut rebuilt, mut caught_up, mut cases) = (0, 0, 0);
    for seed in seeds(200, 3_000) {
        let draws = Draws::new(seed);
        let found = written.cut(&draws);
        let (log, opening) = open(found.path());
        judge(&log, SYNCED + SINCE).await;
        cases += 1;
        rebuilt += u64::from(opening.rebuilt.is_some());
        caught_up += u64::from(opening.caught_up > 0);
        fill(&log, SYNCED + SINCE + 1..=SYNCED + SINCE + 3).await;
        log.close().await.unwrap();
        let (log, opening) = open(found.path());
        assert!(opening.clean && opening.rebuilt.is_none() && opening.caught_up == 0, "{opening:?}");
        judge(&log, SYNCED + SINCE + 3).await;
    }
    println!("{cases} cases: {rebuilt} rebuilt, {caught_up} caught up, the rest was whole");
    assert!(cases == 1 || rebuilt > 0 && caught_up > 0, "both ways of making good were seen");
}
