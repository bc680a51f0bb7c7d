//! What detection knows is kept from one run to the next: it raises the same, and reads the log again only where it
//! must.

use std::path::Path;
use std::sync::Arc;

use mfa_ledger::disk::Disk;
use mfa_ledger::follow::snapshot::{Keeping, MILESTONE, Remembered, Snapshots};
use mfa_ledger::react::detect::{Engine, Rules};
use mfa_ledger_schemas::codec;

use super::history::{History, LEDGER};
use super::live::{Ledger, play};
use crate::faults::snapshot::seal;

fn snapshots(dir: &Path) -> Arc<Snapshots> {
    let keeping = Keeping { data_dir: dir.to_owned(), disk: Disk::real(), every: MILESTONE, reserve: 0 };
    Arc::new(Snapshots::new(keeping, LEDGER, seal(1)))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_raises_what_the_whole_log_raises() {
    let straight = play(Ledger::with(|_| None), None).await;
    let kept = play(Ledger::with(|dir| Some(snapshots(dir))), Some(1)).await;
    assert_eq!(kept, straight, "a restart after every record");
}

/// A reset was refused; detection was ended, and `meddle` did something to what it kept. Then the reset is carried
/// out: only who knows of the refusal raises an alert.
async fn refused_then_done(meddle: impl FnOnce(&mut Ledger)) -> bool {
    let mut history = History::default();
    history.settings();
    history.register(1);
    history.at(30, 10, 0);
    history.refuse(1, 2, mfa_ledger_schemas::RefusalCode::VerificationRequired);
    history.pass(5);
    history.reset(3, 2);
    let mut ledger = Ledger::with(|dir| Some(snapshots(dir)));
    let (before, behind) = history.records.split_at(3);
    for record in before {
        let stored = codec::encode(LEDGER, record).expect("it fits");
        ledger.append(record.at.unix_ms(), &record.stream.to_string(), stored).await;
    }
    ledger.end().await;
    meddle(&mut ledger);
    ledger.begin().await;
    for record in behind {
        let stored = codec::encode(LEDGER, record).expect("it fits");
        ledger.append(record.at.unix_ms(), &record.stream.to_string(), stored).await;
    }
    ledger.raised().iter().any(|(_, told, _)| told.starts_with("refused-then-done "))
}

/// Puts what an engine knows that has seen nothing in the place of what was kept.
fn forget(ledger: &Ledger, change: impl FnOnce(&mut Remembered)) {
    let snapshots = snapshots(ledger.dir.path());
    let mut kept = snapshots.read_detection().expect("it is sound").expect("it was kept");
    assert!(kept.position >= 3, "up to the end");
    kept.body = Engine::new(&ledger.rules).to_memory().expect("it encodes");
    change(&mut kept);
    snapshots.save_detection(&kept).expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_goes_on_from_what_was_kept() {
    assert!(refused_then_done(|_| {}).await, "it knows of the refusal");
    assert!(!refused_then_done(|ledger| forget(ledger, |_| {})).await, "the log is not read again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_left_out_and_the_log_is_read_again() {
    let other_history = |ledger: &mut Ledger| forget(ledger, |kept| kept.record = [9; 32]);
    assert!(refused_then_done(other_history).await);
    let beyond = |ledger: &mut Ledger| forget(ledger, |kept| kept.position += 1_000);
    assert!(refused_then_done(beyond).await);
    let garbage = |ledger: &mut Ledger| forget(ledger, |kept| kept.body = b"{}".to_vec());
    assert!(refused_then_done(garbage).await);
    let other_rules = |ledger: &mut Ledger| {
        forget(ledger, |_| {});
        let fewer = Rules::load(None, &["burst-of-resets".to_owned()]).expect("the pack loads");
        ledger.rules = Arc::new(fewer);
    };
    assert!(refused_then_done(other_rules).await);
    let flipped = |ledger: &mut Ledger| {
        forget(ledger, |_| {});
        let path = ledger.dir.path().join("snapshots/detection");
        let mut bytes = std::fs::read(&path).expect("it is there");
        *bytes.last_mut().expect("it has bytes") ^= 1;
        std::fs::write(&path, bytes).expect("it is written");
    };
    assert!(refused_then_done(flipped).await);
}
