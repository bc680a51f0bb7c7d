//! The crash tables of what signs for the log: keys and checkpoint of the first start, sealing, the rotation
//! of keys, and a loss that is accepted.

use std::path::Path;

use mfa_ledger::data_dir::{
    StartError, init_with, keyring, open_accepting_loss_with, open_with, rotate_signing_key_with,
};
use mfa_ledger::disk::{Disk, Fate, Kind, Step};
use mfa_ledger::tiles::CHECKPOINT;
use mfa_ledger_schemas::Event;
use tempfile::TempDir;

use super::ledger::{
    Told, checkpoint, command, config, first, goes_on, holds, means, no_tampering, records, sealed,
};
use super::table::{Table, crash_table_of};
use crate::support::draws::rounds;
use crate::support::ram::{self, copy_all};

/// Records of the ledger whose sealing is disturbed: the first full tile is not far.
const MANY: u64 = 253;
/// Of other ledgers.
const FEW: u64 = 16;

/// A ledger with so many records that was closed in good order.
async fn template(size: u64) -> TempDir {
    let dir = ram::dir();
    let config = config(dir.path());
    init_with(&config, first(), &means(Disk::real())).await.unwrap();
    let opened = open_with(&config, &means(Disk::real())).await.unwrap();
    while opened.service.head().await.unwrap().0 < size {
        command(&opened, "before").await.unwrap();
    }
    opened.close().await.unwrap();
    dir
}

/// Steps of keys, checkpoints and tiles; those of log and vault have tables of their own, and are tried here too
/// in a long run.
fn ours(step: &Step) -> bool {
    let theirs = ["journal", "sled", "vault"];
    let theirs = step.act.path().iter().any(|part| theirs.iter().any(|name| part == *name));
    !theirs || rounds(0, 1) == 1
}

fn has(table: &Table, what: &str) {
    let named: Vec<_> = table.steps.iter().map(|step| step.act.to_string()).collect();
    assert!(named.iter().any(|step| step.contains(what)), "{what} is not among the steps: {named:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_can_be_tried_again_whichever_step_fails() {
    let live = async |dir: &Path, disk| match init_with(&config(dir), first(), &means(disk)).await {
        Ok(_) => true,
        Err(error) => {
            no_tampering(&error);
            false
        }
    };
    let judge = async |dir: &Path, begun: bool| {
        let config = config(dir);
        match init_with(&config, first(), &means(Disk::real())).await {
            Ok(_) => assert!(!begun, "a ledger is begun once"),
            Err(StartError::AlreadyInitialised(_)) => {}
            Err(error) => panic!("{error}"),
        }
        goes_on(&config, &Told::default()).await;
    };
    let table = crash_table_of(ours, async |_| {}, live, judge).await;
    for step in [
        "rename ledger/ledger.json.",
        "rename ledger/checkpoint.new",
        "ledger.signing.",
        "sync ledger/checkpoint.new",
        "ledger.key.",
    ] {
        has(&table, step);
    }
}

/// A start that has something to sign for, a record that is sealed by itself, and several at once, over the
/// edge of a full tile.
async fn seals(dir: &Path, disk: Disk) -> Told {
    let mut told = Told::default();
    let opened = match open_with(&config(dir), &means(disk)).await {
        Ok(opened) => opened,
        Err(error) => {
            no_tampering(&error);
            return told;
        }
    };
    told.listen(&opened.sealer);
    told.command(&opened, "alone".to_owned()).await;
    sealed(&opened).await;
    for number in 0..4 {
        told.command(&opened, number.to_string()).await;
    }
    let _fails_too = opened.close().await;
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_checkpoint_is_wrong_or_shown_too_early_whichever_step_of_sealing_fails() {
    let template = template(MANY - 1).await;
    // The checkpoint is a record behind, as after a kill.
    let data_dir = config(template.path()).data_dir;
    let behind = std::fs::read(data_dir.join(CHECKPOINT)).unwrap();
    let opened = open_with(&config(template.path()), &means(Disk::real())).await.unwrap();
    command(&opened, "before").await.unwrap();
    opened.close().await.unwrap();
    std::fs::write(data_dir.join(CHECKPOINT), behind).unwrap();
    crate::support::server::unmark(&data_dir);
    let judge = async |dir: &Path, told: Told| goes_on(&config(dir), &told).await;
    let prepare = async |dir: &Path| copy_all(template.path(), dir);
    let table = crash_table_of(ours, prepare, seals, judge).await;
    for step in [
        "create_dir tile/1",
        "rename 0/000.new",
        "remove_dir 0/000.p",
        "rename 000.p/1.new",
        "remove 000.p/",
        "sync ledger/checkpoint.new",
        "sync_dir",
    ] {
        has(&table, step);
    }
    let sealed = table.steps.iter().filter(|step| step.act.to_string() == "rename ledger/checkpoint.new");
    assert!(sealed.count() >= 3, "several checkpoints were made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_that_cannot_sign_leaves_no_mark_and_the_next_start_goes_on() {
    let template = template(FEW).await;
    let config = config(template.path());
    let mark = config.data_dir.join("closed");
    let (disk, faults) = Disk::faulty_once(u64::MAX, Fate::Lost);
    let opened = open_with(&config, &means(disk)).await.unwrap();
    sealed(&opened).await;
    let checkpoint = std::fs::read(config.data_dir.join(CHECKPOINT)).unwrap();
    // A directory in the way of the next checkpoint: the log can be written, and not signed for.
    let in_the_way = config.data_dir.join(format!("{CHECKPOINT}.new"));
    std::fs::create_dir(&in_the_way).unwrap();
    command(&opened, "not signed for").await.unwrap();
    let error = opened.close().await.unwrap_err();
    assert!(matches!(error, StartError::Seal(_)), "{error}");
    assert_eq!(faults.failed(), None, "the log itself was closed");
    assert!(!mark.exists() && std::fs::read(config.data_dir.join(CHECKPOINT)).unwrap() == checkpoint);
    std::fs::remove_dir(&in_the_way).unwrap();
    goes_on(&config, &Told::default()).await;
    assert!(mark.exists(), "signed for to its end, it was closed in good order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_of_keys_leaves_a_ledger_that_goes_on_whichever_step_fails() {
    let template = template(FEW).await;
    let old = std::fs::read(config(template.path()).data_dir.join(CHECKPOINT)).unwrap();
    let live = async |dir: &Path, disk| {
        let rotated = rotate_signing_key_with(&config(dir), "test".to_owned(), &means(disk)).await;
        rotated.inspect_err(no_tampering).is_ok()
    };
    let judge = async |dir: &Path, rotated: bool| {
        let config = config(dir);
        let told = Told::default();
        told.served.lock().unwrap().push(mfa_ledger::integrity::open_checkpoint(&old, None).unwrap());
        holds(&config, &told);
        let keys = keyring(&config).unwrap().verifiers();
        let opened = open_with(&config, &means(Disk::real())).await.unwrap_or_else(|error| panic!("{error}"));
        let newest = opened.sealer.newest();
        opened.close().await.unwrap();
        if keys.len() == 2 {
            assert_eq!(
                newest.signed.note.verify(&keys).unwrap().len(),
                2,
                "the old key vouches for the new one"
            );
            let last = records(&config.data_dir).pop().unwrap();
            let Event::SigningKeyRotated(event) = last.event else { panic!("{last:?}") };
            assert_eq!(event.verifier, keys[1].to_string(), "no key signs that is not on record");
        } else {
            assert!(!rotated, "a rotation that was told has happened");
        }
        goes_on(&config, &told).await;
    };
    let prepare = async |dir: &Path| copy_all(template.path(), dir);
    let table = crash_table_of(ours, prepare, live, judge).await;
    has(&table, "ledger.signing.new");
}

/// A byte of a record that was sealed is another: it and what follows cannot be kept.
fn damage(data_dir: &Path) {
    let journal = data_dir.join("journal/00000000000000000001.segment");
    let mut bytes = std::fs::read(&journal).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[used / 4 * 3] ^= 1;
    std::fs::write(&journal, bytes).unwrap();
}

/// The journal is cut, and the copy set aside.
fn accepting(step: &Step) -> bool {
    ours(step) || matches!(step.act.kind(), Kind::SetLen | Kind::Rename)
}

fn accepted(data_dir: &Path) -> usize {
    records(data_dir).iter().filter(|it| matches!(it.event, Event::LossAccepted(_))).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_loss_is_on_record_once_whichever_step_fails() {
    let template = template(FEW).await;
    let data_dir = config(template.path()).data_dir;
    let old = std::fs::read(data_dir.join(CHECKPOINT)).unwrap();
    damage(&data_dir);
    let accept = async |dir: &Path, disk| {
        open_accepting_loss_with(&config(dir), "why", "test".to_owned(), &means(disk)).await
    };
    let live = async |dir: &Path, disk| match accept(dir, disk).await {
        Ok(opened) => {
            let _may_fail = opened.close().await;
            true
        }
        Err(_) => false,
    };
    let judge = async |dir: &Path, told: bool| {
        let config = config(dir);
        match open_with(&config, &means(Disk::real())).await {
            Ok(opened) => {
                assert_eq!(accepted(&config.data_dir), 1, "it goes on only when the loss is on record");
                opened.close().await.unwrap();
            }
            Err(error) => assert!(error.is_integrity() && !told, "{error}"),
        }
        accept(dir, Disk::real()).await.unwrap_or_else(|error| panic!("{error}")).close().await.unwrap();
        assert_eq!(accepted(&config.data_dir), 1);
        let loss = records(&config.data_dir).into_iter().find_map(|it| match it.event {
            Event::LossAccepted(loss) => Some(loss),
            _ => None,
        });
        let loss = loss.unwrap();
        assert!(loss.found.contains("damaged") && loss.first_bad == Some(loss.kept + 1), "{loss:?}");
        assert_eq!(loss.signed_size, Some(FEW));
        let keys = keyring(&config).unwrap();
        assert_eq!(loss.verifier, keys.signing().verifier().to_string());
        mfa_ledger::integrity::open_checkpoint(&old, Some(&keys.verifiers())).expect("it stays valid");
        let mut kept = std::fs::read_dir(config.data_dir.join("lost")).unwrap().map(Result::unwrap);
        assert!(kept.any(|it| std::fs::read(it.path().join(CHECKPOINT)).is_ok_and(|text| text == old)));
        assert_eq!(checkpoint(&config.data_dir, &keys).checkpoint.origin, keys.origin());
        goes_on(&config, &Told::default()).await;
    };
    let prepare = async |dir: &Path| copy_all(template.path(), dir);
    let table = crash_table_of(accepting, prepare, live, judge).await;
    for step in ["ledger/accepting-loss.json", "ledger.signing.", "rename ledger/checkpoint.new", "set_len"] {
        has(&table, step);
    }
}
