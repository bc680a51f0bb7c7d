//! The projector: folds the log into the state that decisions and queries read.

mod fitting;
mod past;

use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use mfa_ledger_base::vitals::Since;
use mfa_ledger_log::Log;
use mfa_ledger_projections::State;
use mfa_ledger_projections::activity::Block;
use mfa_ledger_schemas::Position;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::fitting::{ANYWHERE, fits, record, restored, save};
use super::decoded::{Portion, decoded};
use super::snapshot::{Misfit, Place, Remembered, Snapshots};

/// The state, true at a position, and a way to wait for one.
pub struct Projector {
    state: Arc<RwLock<State>>,
    reached: watch::Receiver<Progress>,
    task: JoinHandle<()>,
    log: Arc<dyn Log>,
    snapshots: Option<Arc<Snapshots>>,
}

/// The fold on its way.
struct Folding {
    log: Arc<dyn Log>,
    state: Arc<RwLock<State>>,
    progress: watch::Sender<Progress>,
    snapshots: Option<Arc<Snapshots>>,
    /// Where the newest snapshot that stays was made.
    milestone: Position,
    /// The one that is being written.
    saving: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    position: Position,
    stopped: Option<Arc<str>>,
    stopped_at: Option<Since>,
}

/// The fold has stopped, and will not go on in this process.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the projection has stopped: {0}")]
pub struct Stopped(pub Arc<str>);

impl Projector {
    /// Starts to fold: from the newest snapshot that fits on, where there are any, else from the first record.
    pub fn start(log: &Arc<dyn Log>, snapshots: Option<Arc<Snapshots>>) -> Self {
        let state = Arc::new(RwLock::new(State::default()));
        let (progress, reached) = watch::channel(Progress::default());
        let folding = Folding {
            log: Arc::clone(log),
            state: Arc::clone(&state),
            progress,
            snapshots: snapshots.clone(),
            milestone: Position::default(),
            saving: None,
        };
        let task = tokio::spawn(folding.run());
        Self { state, reached, task, log: Arc::clone(log), snapshots }
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

    /// Since when it has stopped.
    pub fn stopped_at(&self) -> Option<Since> {
        self.reached.borrow().stopped_at
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

    /// Keeps what is folded for the next start. Nothing may be appended any more.
    pub async fn keep(&self) {
        let state = self.state().clone();
        if let Some(snapshots) = &self.snapshots
            && !snapshots.has(state.position())
        {
            save(&self.log, snapshots, state, Place::Latest).await;
        }
    }

    /// Keeps what detection knew behind a position, for the next start.
    pub async fn keep_detection(&self, position: Position, body: Vec<u8>) {
        let Some(snapshots) = self.snapshots.clone() else { return };
        let record = match record(&self.log, position.0).await {
            Ok(Some(record)) => record,
            Ok(None) => return tracing::warn!(%position, "detection is not kept: the log has no such record"),
            Err(error) => return tracing::warn!(%position, %error, "detection is not kept"),
        };
        let remembered = Remembered { position: position.0, record, body };
        let saved = tokio::task::spawn_blocking(move || snapshots.save_detection(&remembered)).await;
        match saved.map_err(io::Error::other) {
            Ok(Ok(())) => tracing::debug!(%position, "what detection knows was written"),
            Ok(Err(error)) => tracing::warn!(%position, %error, "what detection knows could not be written"),
            Err(error) => tracing::warn!(%position, %error, "what detection knows could not be written"),
        }
    }

    /// What detection knew at a position that the log still has.
    pub async fn detection(&self) -> Option<(Position, Vec<u8>)> {
        let snapshots = self.snapshots.clone()?;
        let read = tokio::task::spawn_blocking(move || snapshots.read_detection()).await;
        let remembered = match read.unwrap_or(Err(Misfit::Malformed)) {
            Ok(remembered) => remembered?,
            Err(why) => {
                tracing::warn!(%why, "what detection knew is left out: the log is read again");
                return None;
            }
        };
        let Remembered { position, record, body } = remembered;
        match fits(&self.log, position, record).await {
            Ok(()) => Some((Position(position), body)),
            Err(why) => {
                tracing::warn!(%why, "what detection knew is left out: the log is read again");
                None
            }
        }
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Folding {
    async fn run(mut self) {
        let begin = self.restore().await;
        let mut portions = decoded(&self.log, begin);
        while let Some(portion) = portions.recv().await {
            let outcome = fold_portion(&self.state, portion);
            let stop = outcome.as_ref().err().cloned();
            self.report(stop.clone());
            if let Some(why) = stop {
                tracing::error!(%why, "the projection stops");
                return;
            }
            self.pass_milestone().await;
        }
        self.report(Some("the log was closed".into()));
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, stopped: Option<Arc<str>>) {
        let position = self.read().position();
        let stopped_at = stopped.as_ref().map(|_| Since::now());
        self.progress.send_modify(|progress| *progress = Progress { position, stopped, stopped_at });
    }

    async fn restore(&mut self) -> Position {
        let Some(snapshots) = self.snapshots.clone() else { return Position::default() };
        let found = restored(&self.log, Arc::clone(&snapshots), ANYWHERE, Vec::new()).await;
        let begin = found.as_ref().map_or(Position::default(), |it| it.state.position());
        snapshots.drop_people_beyond(begin);
        let Some(found) = found else { return begin };
        let state = snapshots.adopt(found);
        prepare(state.activity.blocks().to_vec());
        tracing::info!(position = %begin, "a snapshot was read: what follows it is folded");
        self.milestone = begin;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        self.report(None);
        begin
    }

    /// Keeps a snapshot for ever, every so many records, and of where everyone stood more often.
    async fn pass_milestone(&mut self) {
        let Some(snapshots) = self.snapshots.clone() else { return };
        let Some((place, state)) = self.due(&snapshots) else { return };
        self.milestone = state.position();
        // Commands wait for the fold, so the fold does not wait for the disk, but for the one before.
        if let Some(saving) = self.saving.take()
            && let Err(error) = saving.await
        {
            tracing::warn!(%error, "a snapshot could not be written");
        }
        let log = Arc::clone(&self.log);
        self.saving = Some(tokio::spawn(async move { save(&log, &snapshots, state, place).await }));
    }

    /// Which snapshot that stays is due, and what it is of.
    fn due(&self, snapshots: &Snapshots) -> Option<(Place, State)> {
        let (last, state) = (self.milestone, self.read());
        if snapshots.is_due(last, state.position()) {
            return Some((Place::Past, state.clone()));
        }
        let administrators = state.directory.administrators().len();
        snapshots
            .are_people_due(last, state.position(), administrators)
            .then(|| (Place::People, state.everyone()))
    }
}

/// Makes what questions about the activity are answered from, beside everything else.
fn prepare(blocks: Vec<Arc<Block>>) {
    tokio::task::spawn_blocking(move || blocks.iter().rev().for_each(|block| block.prepare()));
}

fn fold_portion(state: &RwLock<State>, portion: Portion) -> Result<(), Arc<str>> {
    let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
    for (position, record) in &portion.records {
        state.apply(*position, record).map_err(|error| Arc::from(error.to_string()))?;
    }
    portion.failed.map_or(Ok(()), |why| Err(Arc::from(why.to_string())))
}
