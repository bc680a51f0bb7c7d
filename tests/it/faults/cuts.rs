//! Losses of power, played on the model of a medium: lives on one machine, each ended by a kill, and a
//! cut after some step of them. What was acknowledged before the cut is there after it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::chance::Chance;
use mfa_ledger::disk::{Disk, Fate, Faults, Kind, Step};
use mfa_ledger::log::embedded::{Embedded, OpenError};
use mfa_ledger::log::{Log, Position, Stream};
use mfa_ledger::vault::{self, Vault, VaultError};
use tempfile::TempDir;

use super::medium::Medium;
use crate::log_embedded::{LEDGER, SMALL};
use crate::support::draws::{Draws, seeds};
use crate::support::ram;
use crate::vault::{id, key, put, read, secret};

/// Cuts tried in one story.
const CUTS: u64 = 12;
/// Lives in one story.
const LIVES: u64 = 3;
/// A life is killed before this step, if it is killed at all.
const LONGEST: u64 = 90;

/// What happened on one machine since its last start.
struct Story {
    _dir: TempDir,
    before: Medium,
    steps: Vec<Step>,
    /// What a sync that failed should have brought to the medium never gets there.
    forgets: bool,
}

impl Story {
    /// Begins where `dir` stands, all of which is durable.
    fn begin(dir: TempDir) -> Self {
        Self { before: Medium::of(dir.path()), _dir: dir, steps: Vec::new(), forgets: false }
    }

    /// The disk of the next life: every other one is killed at some step, rather early than late.
    fn disk(draws: &Draws) -> (Disk, Arc<Faults>) {
        let killed = if draws.coin() { 1 + draws.below(1 + draws.below(LONGEST)) } else { u64::MAX };
        Disk::faulty(killed, Fate::Lost)
    }

    /// A life has ended, and all its threads with it.
    fn ended(&mut self, faults: &Faults) {
        self.steps.extend(faults.steps());
    }

    /// Cuts the power after some of the steps, and has what is left judged: by the directory, and how
    /// many steps were taken before.
    async fn cut(mut self, draws: &Draws, mut judge: impl AsyncFnMut(&Path, usize)) {
        let mut at: Vec<usize> = (0..CUTS).map(|_| draws.index(self.steps.len() + 1)).collect();
        at.push(self.steps.len());
        at.sort_unstable();
        let mut played = 0;
        for cut in at {
            for step in &self.steps[played..cut] {
                if step.done {
                    self.before.play(&step.act);
                } else if self.forgets {
                    self.before.forget(&step.act);
                }
            }
            played = cut;
            let last = cut.checked_sub(1).map(|last| self.steps[last].act.to_string());
            println!("cut after step {cut} of {}, {}", self.steps.len(), last.unwrap_or_default());
            let found = ram::dir();
            self.before.cut(draws).lay_out(found.path());
            judge(found.path(), cut).await;
        }
    }
}

/// What the log was asked and what it answered.
#[derive(Default)]
struct Asked {
    sent: BTreeSet<Bytes>,
    /// Steps taken when the answer was heard, position, record.
    answered: Vec<(usize, u64, Bytes)>,
}

/// Opens the log and appends in groups, each of which is one batch or several, until the log is killed or
/// has had enough.
async fn live_in_log(dir: &Path, draws: &Draws, before: usize, life: u64, asked: &mut Asked) -> Arc<Faults> {
    let (disk, faults) = Story::disk(draws);
    let log = match Embedded::open_sized(dir, LEDGER, disk, SMALL) {
        Ok((log, _)) => log,
        Err(OpenError::Io { .. } | OpenError::Copy { .. }) => return faults,
        Err(other) => panic!("a kill is no damage: {other}"),
    };
    'life: for group in 0..draws.below(8) {
        let records: Vec<Bytes> = (0..=draws.below(5))
            .map(|n| Bytes::from(format!("{life}.{group}.{n}.{}", "x".repeat(draws.index(700)))))
            .collect();
        asked.sent.extend(records.iter().cloned());
        let stream = Stream::new("s");
        let appends = records.iter().map(|record| log.append(&stream, &[], record.clone()));
        let answers = futures_util::future::join_all(appends).await;
        for (record, answer) in records.into_iter().zip(answers) {
            let Ok(position) = answer else { break 'life };
            asked.answered.push((before + usize::try_from(faults.taken()).unwrap(), position.0, record));
        }
    }
    if draws.coin() {
        // Killed where it stands: not even the closing is done.
        faults.fail_now();
    }
    drop(log);
    faults
}

/// Everything answered by then is there; what else is there was sent, and once.
async fn judge_log(dir: &Path, asked: &Asked, cut: usize) {
    let opened = Embedded::open_sized(dir, LEDGER, Disk::real(), SMALL);
    let (log, opening) = opened.unwrap_or_else(|error| panic!("a loss of power is no damage: {error}"));
    let count = usize::try_from(opening.head.0).unwrap();
    let read: Vec<_> = log.read(Position::START).take(count).map(Result::unwrap).collect().await;
    for (_, position, record) in asked.answered.iter().filter(|(after, ..)| *after <= cut) {
        let found = read.get(usize::try_from(*position).unwrap() - 1).map(|entry| &entry.record);
        assert_eq!(found, Some(record), "position {position} was answered for: {opening:?}");
    }
    let found: BTreeSet<_> = read.iter().map(|entry| entry.record.clone()).collect();
    assert!(found.len() == read.len() && found.is_subset(&asked.sent), "invented: {opening:?}");
    assert!(read.iter().zip(1..).all(|(entry, due)| entry.position.0 == due), "in order");
    let position = log.append(&Stream::new("s"), &[], Bytes::from("after")).await.unwrap();
    assert_eq!(position.0, opening.head.0 + 1, "and it goes on");
}

#[tokio::test]
async fn no_loss_of_power_takes_an_answered_record() {
    for seed in seeds(120, 3_000) {
        let draws = Draws::new(seed);
        let (dir, old_copy) = (ram::dir(), ram::dir());
        let data = dir.path().join("data");
        let mut asked = Asked::default();
        if draws.coin() {
            // There is a log from before, and a copy of it in sled that really is on the medium.
            live_in_log(&data, &Draws::new(seed + 1), 0, 99, &mut asked).await;
            let (log, _) = Embedded::open_sized(&data, LEDGER, Disk::real(), SMALL).unwrap();
            log.close().await.unwrap();
            ram::copy_all(&data.join("sled"), old_copy.path());
            asked.answered.iter_mut().for_each(|(after, ..)| *after = 0);
        }
        let old = std::fs::read_dir(old_copy.path()).unwrap().next().is_some();
        let mut story = Story { forgets: draws.coin(), ..Story::begin(dir) };
        for life in 0..LIVES {
            let faults = live_in_log(&data, &draws, story.steps.len(), life, &mut asked).await;
            story.ended(&faults);
        }
        let with_old_copy = old && draws.coin();
        let judge = async |found: &Path, cut: usize| {
            let data = found.join("data");
            if with_old_copy {
                ram::copy_all(old_copy.path(), &data.join("sled"));
            }
            judge_log(&data, &asked, cut).await;
        };
        story.cut(&draws, judge).await;
    }
}

/// A sync fails, the next start finds the record in the memory of the system, adopts it, and takes the next one: what it
/// answered for must not rest on a page that never reached the medium.
#[tokio::test]
async fn a_start_after_a_failed_sync_does_not_trust_what_it_reads() {
    let dir = ram::dir();
    let data = dir.path().join("data");
    let (log, _) = Embedded::open_sized(&data, LEDGER, Disk::real(), SMALL).unwrap();
    log.append(&Stream::new("s"), &[], Bytes::from("before")).await.unwrap();
    drop(log);
    let mut medium = Medium::of(dir.path());
    let append = async |disk: Disk, record: &'static str| {
        let (log, _) = Embedded::open_sized(&data, LEDGER, disk, SMALL).unwrap();
        log.append(&Stream::new("s"), &[], Bytes::from(record)).await.map(|position| position.0)
    };
    // The first sync behind the write of the record.
    let (disk, recorded) = Disk::recorded();
    let probe = ram::dir();
    ram::copy_all(dir.path(), probe.path());
    let (log, _) = Embedded::open_sized(&probe.path().join("data"), LEDGER, disk, SMALL).unwrap();
    let start = recorded.taken();
    log.append(&Stream::new("s"), &[], Bytes::from("in doubt")).await.unwrap();
    let steps = recorded.steps();
    let synced =
        steps.iter().skip(usize::try_from(start).unwrap()).position(|it| it.act.kind() == Kind::Sync);
    drop(log);
    let failing = start + 1 + synced.unwrap() as u64;

    let (disk, first) = Disk::faulty(failing, Fate::Lost);
    append(disk, "in doubt").await.unwrap_err();
    let (disk, second) = Disk::recorded();
    assert_eq!(append(disk, "answered for").await.unwrap(), 3, "what can be read is adopted");
    for step in first.steps().iter().chain(&second.steps()) {
        if step.done { medium.play(&step.act) } else { medium.forget(&step.act) }
    }
    for seed in 0..50 {
        let found = ram::dir();
        medium.cut(&Draws::new(seed)).lay_out(found.path());
        let (log, opening) =
            Embedded::open_sized(&found.path().join("data"), LEDGER, Disk::real(), SMALL).unwrap();
        assert_eq!(opening.head, Position(3));
        let read: Vec<_> = log.read(Position::START).take(3).map(|it| it.unwrap().record).collect().await;
        assert_eq!(read, ["before", "in doubt", "answered for"]);
    }
}

/// When an entry was asked for and acknowledged, in steps taken.
#[derive(Clone, Copy, Debug, Default)]
struct Fact {
    stored: Option<usize>,
    destruction_asked: Option<usize>,
    destroyed: Option<usize>,
}

async fn live_in_vault(
    dir: &Path,
    draws: &Draws,
    before: usize,
    next: &mut u8,
    facts: &mut BTreeMap<u8, Fact>,
) -> Arc<Faults> {
    let (disk, faults) = Story::disk(draws);
    let taken = || before + usize::try_from(faults.taken()).unwrap();
    // So little garbage is allowed that the sealed file is rewritten underway.
    let vault = match Vault::open_compacting(dir, &key(), disk, Arc::new(Chance::System), 200) {
        Ok(vault) => vault,
        Err(vault::OpenError::Io { .. }) => return faults,
        Err(other) => panic!("a kill is no damage: {other}"),
    };
    for _ in 0..draws.below(10) {
        let new: Vec<u8> = (0..draws.below(4)).map(|n| *next + u8::try_from(n).unwrap()).collect();
        *next += u8::try_from(new.len()).unwrap();
        let puts = new.iter().map(|n| put(&vault, *n));
        for (n, answer) in new.iter().zip(futures_util::future::join_all(puts).await) {
            facts.entry(*n).or_default().stored = answer.is_ok().then(taken);
        }
        let old: Vec<u8> = (0..*next).filter(|_| draws.below(4) == 0).collect();
        let ids: Vec<_> = old.iter().map(|n| id(*n)).collect();
        for n in &old {
            facts.entry(*n).or_default().destruction_asked.get_or_insert(taken());
        }
        match vault.destroy(&ids).await {
            Ok(_) => {
                for n in &old {
                    facts.entry(*n).or_default().destroyed.get_or_insert(taken());
                }
            }
            Err(VaultError::Unavailable(_)) => break,
            Err(other) => panic!("{other}"),
        }
    }
    if draws.coin() {
        faults.fail_now();
    }
    drop(vault);
    faults
}

async fn judge_vault(dir: &Path, facts: &BTreeMap<u8, Fact>, cut: usize) {
    let vault = Vault::open(dir, &key(), Disk::real(), Arc::new(Chance::System));
    let vault = vault.unwrap_or_else(|error| panic!("a loss of power is no damage: {error}"));
    let by_then = |step: Option<usize>| step.is_some_and(|step| step <= cut);
    for (n, fact) in facts {
        if let Some(found) = read(&vault, *n) {
            assert_eq!(found, secret(*n));
            assert!(!by_then(fact.destroyed), "{n} has returned: {fact:?}");
        } else {
            let lost = by_then(fact.stored) && !by_then(fact.destruction_asked);
            assert!(!lost, "{n} is lost: {fact:?}");
        }
    }
    put(&vault, 255).await.unwrap();
    assert_eq!(read(&vault, 255), Some(secret(255)), "and it goes on");
}

#[tokio::test]
async fn no_loss_of_power_takes_a_stored_secret_or_brings_a_destroyed_one_back() {
    for seed in seeds(120, 3_000) {
        let draws = Draws::new(seed);
        let dir = ram::dir();
        let data = dir.path().join("vault");
        let (mut next, mut facts) = (0, BTreeMap::new());
        let mut story = Story::begin(dir);
        for _ in 0..LIVES {
            let faults = live_in_vault(&data, &draws, story.steps.len(), &mut next, &mut facts).await;
            story.ended(&faults);
        }
        let judge = async |found: &Path, cut: usize| judge_vault(&found.join("vault"), &facts, cut).await;
        story.cut(&draws, judge).await;
    }
}
