//! Anchors: places out of the reach of whoever runs the log, which remember how far it had come. Every
//! new checkpoint is put there; at a start the log is held against what they remember.
//!
//! | target | what is done there |
//! |---|---|
//! | a directory | `<dir>/<hex SHA-256 of the origin>/checkpoint`, and `origin` beside it |
//! | `http://…` | `GET`, then `PUT <url>/<hex SHA-256 of the origin>/checkpoint` |
//! | a witness | `POST <url>/add-checkpoint` (`c2sp.org/tlog-witness`); its cosignature is handed back |
//!
//! Nothing is ever put over a checkpoint that ours does not go on from: where one of our own keys has signed
//! it, that is a *conflict*, which ends the server. What somebody only claims is told, and stops nothing. All
//! else that goes wrong is tried again, later and later, with the newest checkpoint only.
//!
//! What each target held is remembered here ([`Memory`]). A target that holds less is never filled again by itself:
//! it is a *dispute*, which ends a start, and is told while the log is served.

mod compare;
mod directory;
mod memory;
mod remembered;
mod run;
mod spelling;
mod state;
mod target;
mod web;
mod witness;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::clock::Clock;
use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::VerifierKey;
use mfa_ledger_base::tlog::note::{NoteError, NoteSignature};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::follow::seal::Sealed;

pub use compare::{Kin, compare};
pub use directory::publish_to_directory;
pub use memory::{Forgotten, Held, Memory, MemoryError, Places, Remembering, forget};
pub use remembered::{Answer, Remembered, not_configured, remembered};
pub use spelling::is_same;
pub use state::{DEGRADED_AFTER, TargetState};
pub use target::{MalformedTarget, Target};

use run::Run;
use state::Shared;

/// One attempt at one target takes no longer.
pub const ATTEMPT_WITHIN: Duration = Duration::from_secs(10);

/// Cosignatures that may wait to be taken; more of them are dropped, the next checkpoint brings new ones.
const COSIGNATURES_WAITING: usize = 64;

/// Why a checkpoint is not anchored.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The target has a checkpoint that one of our keys has signed, and that our log does not go on from.
    /// Nothing was put there.
    #[error("{0}")]
    Conflict(String),
    /// The target says that our log does not go on from what it remembers, and shows nothing that we signed.
    #[error("{0}")]
    Disputed(String),
    /// It holds nothing, or less than it held when it was last seen. Nothing was put there.
    #[error("{0}")]
    HoldsLess(String),
    /// The configuration does not name it, and it is remembered. Nothing was asked.
    #[error("the configuration does not name it")]
    NotConfigured,
    /// What lies there was not signed by any key that is known for this log. Nothing was put over it.
    #[error("what lies there is no checkpoint of this log: {0}")]
    Unknown(#[source] NoteError),
    /// It cannot be reached, or does not do what it should. To be tried again.
    #[error("{0}")]
    Failed(String),
}

/// A witness has put its name under a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The size of that checkpoint.
    pub size: u64,
    /// The signature, checked.
    pub signature: NoteSignature,
}

/// What anchoring needs.
pub struct Setup {
    /// Where to.
    pub targets: Vec<Target>,
    /// What is sealed.
    pub sealed: watch::Receiver<Arc<Sealed>>,
    /// The tree, for proofs.
    pub tiles: TileStore,
    /// Every key that a checkpoint of this log may be signed with.
    pub verifiers: Vec<VerifierKey>,
    /// What each target held when it was last seen.
    pub memory: Arc<Memory>,
    /// How directories are written.
    pub disk: Disk,
    /// For the times that are told.
    pub clock: Arc<Clock>,
    /// So that not everyone who failed comes back at once.
    pub chance: Arc<Chance>,
}

/// The tasks, one a target.
#[derive(Debug)]
pub struct Anchors {
    shared: Arc<Shared>,
    memory: Arc<Memory>,
    ending: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Anchors {
    /// Begins to anchor. The receiver gets the cosignatures of witnesses.
    pub fn start(setup: Setup) -> (Self, mpsc::Receiver<Cosigned>) {
        let (cosigned, taken) = mpsc::channel(COSIGNATURES_WAITING);
        let shared = Arc::new(Shared::new(&setup.targets));
        let ending = CancellationToken::new();
        let tasks = setup
            .targets
            .into_iter()
            .enumerate()
            .map(|(index, target)| {
                let run = Run {
                    index,
                    target,
                    sealed: setup.sealed.clone(),
                    tiles: setup.tiles.clone(),
                    verifiers: setup.verifiers.clone(),
                    memory: Arc::clone(&setup.memory),
                    disk: setup.disk.clone(),
                    clock: Arc::clone(&setup.clock),
                    chance: Arc::clone(&setup.chance),
                    shared: Arc::clone(&shared),
                    cosigned: cosigned.clone(),
                    ending: ending.clone(),
                };
                tokio::spawn(run.until_told())
            })
            .collect();
        (Self { shared, memory: setup.memory, ending, tasks: Mutex::new(tasks) }, taken)
    }

    /// How each target fares, in the order of the configuration.
    pub fn states(&self) -> Vec<TargetState> {
        self.shared.states()
    }

    /// Why what they hold cannot be remembered, if that is so.
    pub fn unremembered(&self) -> Option<String> {
        self.memory.failure()
    }

    /// Waits for the first conflict: whose it is, and what; waits for ever when there is none.
    pub async fn conflict(&self) -> (String, String) {
        self.shared.conflict().await
    }

    /// Makes one last attempt at what is not anchored yet, and ends; no later than `within` from now.
    pub async fn close(&self, within: Duration) {
        self.ending.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let aborts: Vec<_> = tasks.iter().map(JoinHandle::abort_handle).collect();
        if tokio::time::timeout(within, futures_util::future::join_all(tasks)).await.is_err() {
            tracing::warn!("the last checkpoint is not at every anchor: there was no time left");
        }
        aborts.iter().for_each(tokio::task::AbortHandle::abort);
    }
}

impl Drop for Anchors {
    fn drop(&mut self) {
        let tasks = self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The name that an origin has in paths: its SHA-256 in lower-case hexadecimal digits.
pub fn origin_hash(origin: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(origin.as_bytes()))
}
