//! Every step of I/O of a witness, failing in every way: what was answered is remembered.

use std::path::Path;
use std::sync::Arc;

use mfa_ledger::clock::Clock;
use mfa_ledger::disk::Disk;
use mfa_ledger::tlog::SigningKey;
use mfa_ledger::tlog::key::KeyType;
use mfa_ledger::witness::{Refusal, Witness, WitnessError, create_key, read_key};

use super::{Log, NAME};
use crate::faults::table::crash_table;

const STEPS: [u64; 5] = [0, 3, 8, 9, 20];

fn key() -> SigningKey {
    SigningKey::from_seed(NAME, KeyType::Cosignature, &[9; 32]).expect("a key")
}

fn open(dir: &Path, log: &Log, disk: &Disk) -> Witness {
    let clock = Arc::new(Clock::manual(1_777_885_200_000));
    let logs = [log.key.verifier().clone()];
    for _ in 0..100 {
        match Witness::open(dir, key(), &logs, disk.clone(), Arc::clone(&clock)) {
            Ok(witness) => return witness,
            // A program that another test of this process is just starting holds our lock until it runs.
            Err(WitnessError::InUse(_)) => std::thread::sleep(std::time::Duration::from_millis(20)),
            Err(other) => panic!("it opens, whatever was before: {other}"),
        }
    }
    panic!("the directory stays in use")
}

/// What it is asked next, from where it says that it is.
fn size(witness: &Witness, log: &Log) -> u64 {
    match witness.add_checkpoint(log.request(40, 40).as_bytes()) {
        Err(Refusal::OtherSize(size)) => size,
        other => panic!("it is not there yet: {other:?}"),
    }
}

#[tokio::test]
async fn whatever_step_fails_what_was_answered_is_remembered() {
    let log = Log::new("log.example/crash", 1);
    // The largest size that was cosigned.
    let live = async |dir: &Path, disk: Disk| {
        let witness = open(dir, &log, &disk);
        let mut told = 0;
        for new in STEPS.into_iter().skip(1) {
            match witness.add_checkpoint(log.request(told, new).as_bytes()) {
                Ok(_) => told = new,
                Err(Refusal::NotStored(_)) => {
                    assert_eq!(size(&witness, &log), told, "refused, and yet moved");
                }
                Err(other) => panic!("{other}"),
            }
        }
        told
    };
    let judge = async |dir: &Path, told: u64| {
        let real = || open(dir, &log, &Disk::real());
        let now = size(&real(), &log);
        // What was stored and not answered may be there; nobody has its cosignature.
        assert!(now >= told && STEPS.contains(&now), "{told} was answered, {now} is remembered");
        let witness = real();
        witness.add_checkpoint(log.request(now, 39).as_bytes()).expect("it goes on");
        drop(witness);
        assert_eq!(size(&real(), &log), 39);
    };
    let table = crash_table(async |_| {}, live, judge).await;
    assert!(table.steps.len() >= 4 * 4 && table.rows > 50, "{} rows", table.rows);
}

#[tokio::test]
async fn whatever_step_fails_a_key_is_whole_or_not_there() {
    let live = async |dir: &Path, disk: Disk| create_key(&dir.join("key"), &key(), "first", &disk).is_ok();
    let judge = async |dir: &Path, told: bool| {
        let path = dir.join("key");
        if told || path.exists() {
            assert_eq!(read_key(&path, false).expect("it is whole").to_text(), key().to_text());
        } else {
            create_key(&path, &key(), "second", &Disk::real()).expect("it can be made now");
        }
    };
    let table = crash_table(async |_| {}, live, judge).await;
    assert!(table.steps.len() >= 4, "{:?}", table.steps);
}
