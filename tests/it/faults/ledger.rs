//! A ledger in this process, on a disk that the test chooses: how it is begun and opened, and whether what
//! lies there is what somebody was told.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::config::Config;
use mfa_ledger::data_dir::{FirstAdministrator, Means, Opened, StartError, keyring, open_with};
use mfa_ledger::disk::Disk;
use mfa_ledger::follow::seal::Sealer;
use mfa_ledger::integrity::data_dir::{Against, verify};
use mfa_ledger::integrity::{Remembered, open_checkpoint};
use mfa_ledger::keyring::Keyring;
use mfa_ledger::log::embedded::raw;
use mfa_ledger::service::{Call, Caller, Failure, Receipt, command, receipt};
use mfa_ledger::tiles::{CHECKPOINT, TileStore};
use mfa_ledger::tlog::{SignedCheckpoint, proof};
use mfa_ledger_schemas::{Record, codec};

use crate::support::house::MORNING;

/// A seal that takes longer than this has been given up.
const SEALED_WITHIN: Duration = Duration::from_secs(10);

/// The data directory below the one that a test gives; the keys lie beside it.
pub fn config(dir: &Path) -> Config {
    let mut config = Config { data_dir: dir.join("ledger"), ..Config::default() };
    (config.hashing.memory_kib, config.hashing.passes, config.hashing.lanes) = (8, 1, 1);
    (config.log.segment_mib, config.log.reserve_mib) = (1, 0);
    config
}

/// Time stands still; chance is the machine's, so that no two lives draw the same keys.
pub fn means(disk: Disk) -> Means {
    Means { disk, clock: Arc::new(Clock::manual(MORNING)), chance: Arc::new(Chance::System) }
}

pub fn first() -> FirstAdministrator {
    FirstAdministrator {
        user_name: "root".to_owned(),
        display_name: "Root".to_owned(),
        emails: Vec::new(),
        operator: "test".to_owned(),
    }
}

/// A command of the operator, under a name by which its record is known.
pub async fn command(opened: &Opened, request: &str) -> Result<Receipt, Failure> {
    let call = Call::by(Caller::Operator("test".to_owned()), request);
    let answer = opened.service.execute(call, command::ChangeSettings::default()).await?;
    Ok(*receipt(&answer))
}

/// What somebody outside was told by a life.
#[derive(Debug, Default)]
pub struct Told {
    /// Positions, and the requests that were recorded there.
    pub acknowledged: Vec<(u64, String)>,
    /// Checkpoints that were shown, in their order.
    pub served: Arc<Mutex<Vec<SignedCheckpoint>>>,
}

impl Told {
    /// Notes every checkpoint that is shown from now on, and now.
    pub fn listen(&self, sealer: &Sealer) {
        let (mut watch, served) = (sealer.watch(), Arc::clone(&self.served));
        served.lock().unwrap().push(watch.borrow_and_update().signed.clone());
        tokio::spawn(async move {
            while watch.changed().await.is_ok() {
                served.lock().unwrap().push(watch.borrow_and_update().signed.clone());
            }
        });
    }

    /// A command, noted if it was answered for.
    pub async fn command(&mut self, opened: &Opened, request: String) {
        if let Ok(done) = command(opened, &request).await {
            self.acknowledged.push((done.position.0, request));
        }
    }
}

/// Waits until a checkpoint covers all of the log, or cannot be made.
pub async fn sealed(opened: &Opened) {
    let head = opened.service.head().await.unwrap().0;
    let waiting = async {
        while opened.sealer.newest().signed.checkpoint.size < head && opened.sealer.failing().is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(SEALED_WITHIN, waiting).await.expect("it is sealed, or says why not");
}

/// A failing disk must never look like a log that somebody has altered.
pub fn no_tampering(error: &StartError) {
    assert!(!error.is_integrity(), "a disk that fails is no tampering: {error}");
}

/// Every record, in order.
pub fn records(data_dir: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    let scan = raw::scan(data_dir, None, |frame| {
        records.push(codec::decode(frame.record()).unwrap());
        ControlFlow::Continue(())
    });
    scan.unwrap_or_else(|error| panic!("{error}"));
    records
}

/// The signed checkpoint as it lies there.
pub fn checkpoint(data_dir: &Path, keys: &Keyring) -> SignedCheckpoint {
    let text = std::fs::read(data_dir.join(CHECKPOINT)).unwrap();
    open_checkpoint(&text, Some(&keys.verifiers())).unwrap_or_else(|error| panic!("{error}"))
}

/// Holds a data directory that nobody has open against what was told: nothing that was acknowledged is gone
/// or elsewhere, the checkpoint that lies there and every one that was shown is of this log, and none was shown
/// that was not on the disk.
pub fn holds(config: &Config, told: &Told) {
    let (dir, keys) = (&config.data_dir, keyring(config).unwrap());
    let served = told.served.lock().unwrap().clone();
    let lying = checkpoint(dir, &keys);
    for shown in &served {
        shown.note.verify(&keys.verifiers()).expect("what was signed stays valid");
        assert!(shown.checkpoint.size <= lying.checkpoint.size, "shown before it was durable");
    }
    let remember = |it: &SignedCheckpoint| Remembered {
        source: "what was shown".into(),
        checkpoint: it.checkpoint.clone(),
    };
    let remembered = served.iter().map(remember).collect();
    let against = Against { keys: Some(keys.verifiers()), origin: None, remembered };
    // The tree is over all records; what was there before this life need not be looked at closely.
    let first = told.acknowledged.first().map_or(1, |(position, _)| *position);
    verify(dir, against, first..=u64::MAX, |_| {}).unwrap_or_else(|error| panic!("{error:?}"));
    let mut found = Vec::new();
    let scan = raw::scan(dir, None, |frame| {
        if told.acknowledged.iter().any(|(position, _)| *position == frame.position.0) {
            found.push((frame.position.0, codec::decode(frame.record()).unwrap().request));
        }
        ControlFlow::Continue(())
    });
    scan.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found, told.acknowledged, "what was acknowledged is there");
}

/// The next start works, seals all there is, takes commands; and the tiles are those of the log then.
pub async fn goes_on(config: &Config, told: &Told) {
    holds(config, told);
    let opened = open_with(config, &means(Disk::real())).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.sealer.failing(), None);
    let head = opened.service.head().await.unwrap().0;
    let newest = opened.sealer.newest();
    assert_eq!(newest.signed.checkpoint.size, head, "a start signs for all there is");
    command(&opened, "afterwards").await.unwrap();
    opened.close().await.unwrap();
    let dir: &PathBuf = &config.data_dir;
    let lying = checkpoint(dir, &keyring(config).unwrap()).checkpoint;
    assert_eq!(lying.size, head + 1);
    let tiles = TileStore::new(dir, Disk::real());
    assert_eq!(proof::root(&tiles.nodes(lying.size), lying.size).unwrap(), lying.root);
}
