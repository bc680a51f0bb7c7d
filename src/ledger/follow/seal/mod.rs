//! The sealer: follows the log, keeps its tree as tiles, and signs a checkpoint whenever the log has moved,
//! at most once a second, and at the end.
//!
//! It never blocks a command. A checkpoint is durable before anyone is shown it; an origin signs one
//! history only, so a start goes on from a tree that was held against the last checkpoint.

mod proofs;
mod work;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::keyring::Keyring;
use mfa_ledger_base::tiles::{CHECKPOINT, TileStore};
use mfa_ledger_base::tlog::note::NoteSignature;
use mfa_ledger_base::tlog::tile::Tile;
use mfa_ledger_base::tlog::{Hash, SignedCheckpoint, TileBuilder, VerifierKey};
use mfa_ledger_log::{self as log, Entry, Log, ReadError};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

pub use proofs::ProofError;
use work::Work;

/// The least time between two checkpoints.
pub const SEAL_EVERY: Duration = Duration::from_secs(1);

/// Records taken into the tree at once.
const BATCH: usize = 512;

/// Tiles with their hashes.
pub type Unwritten = Vec<(Tile, Vec<Hash>)>;

/// A checkpoint that is durable.
#[derive(Debug, PartialEq, Eq)]
pub struct Sealed {
    /// What was signed; with the cosignatures of witnesses that have come in.
    pub signed: SignedCheckpoint,
}

/// What a sealer goes on from.
#[derive(Debug)]
pub struct Begin {
    /// The tree over the log as it was opened, held against what is remembered of it.
    pub tree: TileBuilder,
    /// Full tiles of it that are not written yet.
    pub unwritten: Unwritten,
    /// The newest checkpoint; durable, and held against the log.
    pub last: SignedCheckpoint,
    /// The keys.
    pub keyring: Arc<Keyring>,
    /// Where the log lies.
    pub data_dir: PathBuf,
    /// How it is written.
    pub disk: Disk,
}

/// The sealer, and what it has sealed.
#[derive(Debug)]
pub struct Sealer {
    sealed: watch::Sender<Arc<Sealed>>,
    ending: Arc<Notify>,
    failing: Arc<Mutex<Option<String>>>,
    task: Mutex<Option<JoinHandle<Result<(), SealError>>>>,
    tiles: TileStore,
    keyring: Arc<Keyring>,
}

/// A checkpoint could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The files cannot be written.
    #[error("the checkpoint or the tiles cannot be written")]
    Write(#[source] std::io::Error),
    /// The log cannot be read.
    #[error("the log cannot be read to be sealed")]
    Read(#[from] ReadError),
    /// A record has no leaf.
    #[error("the record at position {0} has no leaf")]
    NoLeaf(u64),
    /// The task is gone.
    #[error("the sealer stopped")]
    Gone,
}

impl Sealer {
    /// Signs for what is there already, if that is not done, and starts to follow. Where that cannot be
    /// written, the last checkpoint stays the newest until it can.
    pub fn start(log: &Arc<dyn Log>, begin: Begin) -> Self {
        let Begin { tree, unwritten, last, keyring, data_dir, disk } = begin;
        let tiles = TileStore::new(&data_dir, disk.clone());
        let checkpoint = data_dir.join(CHECKPOINT);
        let mut work = Work::new(tree, unwritten, Arc::clone(&keyring), tiles.clone(), checkpoint, disk);
        let (first, failed) = match work.seal(&last) {
            Ok(sealed) => (sealed, None),
            Err(error) => (last, Some(error)),
        };
        let newest = watch::Sender::new(Arc::new(Sealed { signed: first }));
        let sealer = Self {
            sealed: newest.clone(),
            ending: Arc::default(),
            failing: Arc::default(),
            task: Mutex::default(),
            tiles,
            keyring,
        };
        let following = Following {
            log: Arc::clone(log),
            work,
            sealed: newest,
            ending: Arc::clone(&sealer.ending),
            failing: Arc::clone(&sealer.failing),
        };
        if let Some(error) = failed {
            following.fails(&error);
        }
        *sealer.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(tokio::spawn(following.run()));
        sealer
    }

    /// The newest checkpoint.
    pub fn newest(&self) -> Arc<Sealed> {
        Arc::clone(&self.sealed.borrow())
    }

    /// A watch on the newest checkpoint.
    pub fn watch(&self) -> watch::Receiver<Arc<Sealed>> {
        self.sealed.subscribe()
    }

    /// Adds the cosignature of a witness to the newest checkpoint, if it is still that one's.
    pub fn cosign(&self, size: u64, cosignature: NoteSignature) {
        self.sealed.send_if_modified(|sealed| {
            let theirs = |it: &NoteSignature| (&it.name, it.id) == (&cosignature.name, cosignature.id);
            let known = sealed.signed.note.signatures().iter().any(theirs);
            if sealed.signed.checkpoint.size != size || known {
                return false;
            }
            let mut signed = sealed.signed.clone();
            signed.note.add(cosignature);
            *sealed = Arc::new(Sealed { signed });
            true
        });
    }

    /// The tiles, as far as they are sealed.
    pub fn tiles(&self) -> &TileStore {
        &self.tiles
    }

    /// Every key that checkpoints of this ledger are valid under.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.keyring.verifiers()
    }

    /// Why there are no new checkpoints at the moment, if that is so.
    pub fn failing(&self) -> Option<String> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Seals what the log holds, and ends. The log must still be open.
    pub async fn close(&self) -> Result<(), SealError> {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.ending.notify_one();
        match task {
            Some(task) => task.await.unwrap_or(Err(SealError::Gone)),
            None => Ok(()),
        }
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

/// The task.
struct Following {
    log: Arc<dyn Log>,
    work: Work,
    sealed: watch::Sender<Arc<Sealed>>,
    ending: Arc<Notify>,
    failing: Arc<Mutex<Option<String>>>,
}

impl Following {
    async fn run(mut self) -> Result<(), SealError> {
        let mut entries = self.log.read(log::Position(self.work.size())).ready_chunks(BATCH);
        let mut next_seal = tokio::time::Instant::now();
        loop {
            let due = self.work.is_due(&self.sealed.borrow().signed.checkpoint);
            tokio::select! {
                biased;
                () = self.ending.notified() => break,
                () = tokio::time::sleep_until(next_seal), if due => {
                    self = self.seal().await?;
                    next_seal = tokio::time::Instant::now() + SEAL_EVERY;
                }
                batch = entries.next() => match batch {
                    Some(batch) => self.take(batch)?,
                    // The log was closed.
                    None => break,
                },
            }
        }
        let head = self.log.head().await.map_or(0, |head| head.0);
        while self.work.size() < head {
            let Some(batch) = entries.next().await else { break };
            self.take(batch)?;
        }
        if self.work.is_due(&self.sealed.borrow().signed.checkpoint) {
            self = self.seal().await?;
        }
        let failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner).take();
        failing.map_or(Ok(()), |why| Err(SealError::Write(std::io::Error::other(why))))
    }

    fn take(&mut self, batch: Vec<Result<Entry, ReadError>>) -> Result<(), SealError> {
        for entry in batch {
            let taken = entry.map_err(SealError::from).and_then(|entry| self.work.take(&entry));
            if let Err(error) = taken {
                self.fails(&error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// One checkpoint. What cannot be written now is tried again with the next.
    async fn seal(mut self) -> Result<Self, SealError> {
        let newest = Arc::clone(&self.sealed.borrow());
        let sealing = tokio::task::spawn_blocking(move || {
            let signed = self.work.seal(&newest.signed);
            (self, signed)
        });
        let signed;
        (self, signed) = sealing.await.map_err(|_| SealError::Gone)?;
        match signed {
            Ok(signed) => {
                self.failing.lock().unwrap_or_else(PoisonError::into_inner).take();
                self.sealed.send_replace(Arc::new(Sealed { signed }));
            }
            Err(error) => self.fails(&error),
        }
        Ok(self)
    }

    fn fails(&self, error: &SealError) {
        let cause = std::error::Error::source(error).map_or(String::new(), |source| format!(": {source}"));
        let why = format!("{error}{cause}");
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        if failing.as_ref() != Some(&why) {
            tracing::error!(why, "no checkpoint can be made");
        }
        *failing = Some(why);
    }
}
