//! The task of one target: the newest checkpoint, again and again until it is there.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_base::back_off::BackOff;
use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::clock::Clock;
use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};
use mfa_ledger_schemas::Instant;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::directory::publish_to_directory;
use super::state::Shared;
use super::web::{Web, blocking, client};
use super::witness::Witness;
use super::{ATTEMPT_WITHIN, AnchorError, Cosigned, Held, Memory, Target};
use crate::follow::seal::Sealed;

/// The wait after failures in a row.
const BACK_OFF: BackOff = BackOff::new(Duration::from_millis(500), Duration::from_mins(1));

pub(super) struct Run {
    pub index: usize,
    pub target: Target,
    pub sealed: watch::Receiver<Arc<Sealed>>,
    pub tiles: TileStore,
    pub verifiers: Vec<VerifierKey>,
    pub memory: Arc<Memory>,
    pub disk: Disk,
    pub clock: Arc<Clock>,
    pub chance: Arc<Chance>,
    pub shared: Arc<Shared>,
    pub cosigned: mpsc::Sender<Cosigned>,
    pub ending: CancellationToken,
}

impl Run {
    /// Until the end, the end of the sealer, or a conflict.
    pub async fn until_told(mut self) {
        let client = match client() {
            Ok(client) => client,
            Err(error) => return self.shared.failed(self.index, &error_chain(&error), self.clock.unix_ms()),
        };
        self.adopt().await;
        let (mut anchored, mut failures) = (None, 0);
        loop {
            let last = self.ending.is_cancelled();
            let newest = Arc::clone(&self.sealed.borrow_and_update());
            let size = newest.signed.checkpoint.size;
            if anchored != Some(size) {
                match self.attempt(&client, &newest.signed, anchored.unwrap_or(0)).await {
                    Ok(()) => {
                        (anchored, failures) = (Some(size), 0);
                        self.remember(&newest.signed).await;
                        self.shared.succeeded(self.index, size, self.clock.unix_ms());
                    }
                    Err(AnchorError::Conflict(why)) => return self.shared.conflicts(self.index, &why),
                    Err(AnchorError::Disputed(why)) => {
                        failures += 1;
                        self.shared.disputed(self.index, &why, self.clock.unix_ms());
                    }
                    Err(AnchorError::HoldsLess(why)) => {
                        failures += 1;
                        self.shared.holds_less(self.index, &why, self.clock.unix_ms());
                    }
                    Err(error) => {
                        failures += 1;
                        self.shared.failed(self.index, &error_chain(&error), self.clock.unix_ms());
                    }
                }
            }
            if last {
                return;
            }
            let ending = self.ending.clone();
            if failures == 0 {
                tokio::select! {
                    changed = self.sealed.changed() => if changed.is_err() { return },
                    () = ending.cancelled() => {}
                }
            } else {
                tokio::select! {
                    () = tokio::time::sleep(BACK_OFF.jittered(failures, &self.chance)) => {}
                    () = ending.cancelled() => {}
                }
            }
        }
    }

    async fn attempt(
        &self,
        client: &reqwest::Client,
        signed: &SignedCheckpoint,
        known: u64,
    ) -> Result<(), AnchorError> {
        let (tiles, verifiers) = (&self.tiles, &self.verifiers);
        let held = self.memory.held(&self.target.named(), &signed.checkpoint.origin);
        match &self.target {
            Target::Directory(dir) => self.write(dir, signed, held).await,
            Target::Web { url, token } => {
                let token = token.as_ref().map(|token| token.as_str());
                within(Web { client, url, token }.publish(signed, tiles, verifiers, held.as_ref())).await
            }
            Target::Witness { url, key } => {
                let witness = Witness { client, url, key, verifiers };
                let cosigned = within(witness.publish(signed, tiles, known, held.as_ref())).await?;
                if self.cosigned.try_send(cosigned).is_err() {
                    tracing::debug!(anchor = %self.target, "nobody took the cosignature");
                }
                Ok(())
            }
        }
    }

    /// Another path of the same directory, or another spelling of the address, is the same target.
    async fn adopt(&self) {
        let origin = self.sealed.borrow().signed.checkpoint.origin.clone();
        let (memory, target) = (Arc::clone(&self.memory), self.target.named());
        let adopted = blocking(move || {
            memory.adopt(&target, &origin);
            Ok(())
        });
        let adopted = tokio::time::timeout(ATTEMPT_WITHIN, adopted).await;
        if !matches!(adopted, Ok(Ok(()))) {
            tracing::warn!(anchor = %self.target, "a directory hangs: other names of this anchor are not known");
        }
    }

    /// What is there now is remembered, before it is told.
    async fn remember(&self, signed: &SignedCheckpoint) {
        let (memory, target, signed) = (Arc::clone(&self.memory), self.target.named(), signed.clone());
        let seen = Instant::from_unix_ms(self.clock.unix_ms());
        let work = tokio::task::spawn_blocking(move || memory.holds(&target, &signed, seen));
        let mut work = std::pin::pin!(work);
        let mut done = tokio::time::timeout(ATTEMPT_WITHIN, &mut work).await.ok();
        if done.is_none() {
            let why = "what it holds cannot be remembered in time";
            self.shared.failed(self.index, why, self.clock.unix_ms());
            done = Some(work.await);
        }
        if let Some(Err(error)) = done {
            tracing::warn!(anchor = %self.target, %error, "what it holds is not remembered");
        }
    }

    /// A directory may be a share that hangs. That is told; but no second write begins before the first
    /// one is over.
    async fn write(
        &self,
        dir: &Path,
        signed: &SignedCheckpoint,
        held: Option<Held>,
    ) -> Result<(), AnchorError> {
        let (dir, signed, disk) = (dir.to_owned(), signed.clone(), self.disk.clone());
        let (tiles, verifiers) = (self.tiles.clone(), self.verifiers.clone());
        let publish = move || publish_to_directory(&dir, &signed, &tiles, &verifiers, held.as_ref(), &disk);
        let work = blocking(publish);
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(ATTEMPT_WITHIN, &mut work).await {
            return done;
        }
        self.shared.failed(self.index, "it does not answer in time", self.clock.unix_ms());
        work.await
    }
}

async fn within<T>(work: impl Future<Output = Result<T, AnchorError>>) -> Result<T, AnchorError> {
    let late = |_| Err(AnchorError::Failed("it does not answer in time".to_owned()));
    tokio::time::timeout(ATTEMPT_WITHIN, work).await.unwrap_or_else(late)
}
