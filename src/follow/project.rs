//! The projector: folds the log into the state that decisions and queries read.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use futures_util::StreamExt;
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Position, codec};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::log::{self, Entry, Log, ReadError};

/// Records folded under one lock.
const BATCH: usize = 512;

/// The state, true at a position, and a way to wait for one.
pub struct Projector {
    state: Arc<RwLock<State>>,
    reached: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    position: Position,
    stopped: Option<Arc<str>>,
}

/// The fold has stopped, and will not go on in this process.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the projection has stopped: {0}")]
pub struct Stopped(pub Arc<str>);

impl Projector {
    /// Starts to fold from the first record on.
    pub fn start(log: &Arc<dyn Log>) -> Self {
        let state = Arc::new(RwLock::new(State::default()));
        let (progress, reached) = watch::channel(Progress::default());
        let folding = fold(Arc::clone(log), Arc::clone(&state), progress);
        Self { state, reached, task: tokio::spawn(folding) }
    }

    /// The state as far as it is folded. Short sections only: the fold waits meanwhile.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        // A fold that panicked has said so through `wait`; what it left is still true of its position.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a position is folded.
    pub async fn wait(&self, position: Position) -> Result<(), Stopped> {
        let mut reached = self.reached.clone();
        let progress = reached
            .wait_for(|progress| progress.position >= position || progress.stopped.is_some())
            .await
            .map_err(|_| Stopped("it was shut down".into()))?;
        match &progress.stopped {
            Some(why) if progress.position < position => Err(Stopped(Arc::clone(why))),
            _ => Ok(()),
        }
    }

    /// Whether it has stopped, and why.
    pub fn stopped(&self) -> Option<Stopped> {
        self.reached.borrow().stopped.clone().map(Stopped)
    }

    /// A watch on the position: changes whenever more is folded.
    pub fn watch(&self) -> impl Fn() -> Position + use<> {
        let reached = self.reached.clone();
        move || reached.borrow().position
    }

    /// Waits until more than a position is folded.
    pub async fn wait_beyond(&self, position: Position) -> Result<Position, Stopped> {
        self.wait(Position(position.0 + 1)).await?;
        Ok(self.reached.borrow().position)
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn fold(log: Arc<dyn Log>, state: Arc<RwLock<State>>, progress: watch::Sender<Progress>) {
    let mut entries = log.read(log::Position::START).ready_chunks(BATCH);
    while let Some(batch) = entries.next().await {
        let outcome = fold_batch(&state, batch);
        let stop = outcome.as_ref().err().cloned();
        progress.send_modify(|progress| {
            progress.position = state.read().unwrap_or_else(PoisonError::into_inner).position();
            progress.stopped.clone_from(&stop);
        });
        if let Some(why) = stop {
            tracing::error!(%why, "the projection stops");
            return;
        }
    }
    progress.send_modify(|progress| progress.stopped = Some("the log was closed".into()));
}

fn fold_batch(state: &RwLock<State>, batch: Vec<Result<Entry, ReadError>>) -> Result<(), Arc<str>> {
    let mut decoded = Vec::with_capacity(batch.len());
    let mut failure = None;
    for entry in batch {
        let next = entry.map_err(|error| error.to_string()).and_then(|entry| {
            let record = codec::decode(&entry.record);
            record
                .map(|record| (entry.position, record))
                .map_err(|error| format!("position {}: {error}", entry.position))
        });
        match next {
            Ok(next) => decoded.push(next),
            Err(why) => {
                failure = Some(why);
                break;
            }
        }
    }
    let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
    for (position, record) in &decoded {
        state.apply(Position(position.0), record).map_err(|error| Arc::from(error.to_string()))?;
    }
    failure.map_or(Ok(()), |why| Err(Arc::from(why)))
}
