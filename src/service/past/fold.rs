//! From the nearest state that is there to the one that is asked for.

use std::sync::{Arc, Mutex, PoisonError};

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, Position};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::kept::Kept;
use super::{PastError, Service};
use crate::follow::decoded::{Portion, decoded};

/// Questions that wait while a fold goes on; more are answered 503.
pub const WAITING: usize = 16;

/// Folds at the same time: each takes a processor, and as much memory as the state.
const AT_ONCE: usize = 1;

/// With fewer records than this to fold, no snapshot is looked for.
const NEAR: u64 = 2_000;

/// The folds that go on, and what they came to.
pub(in crate::service) struct Folds {
    kept: Mutex<Kept>,
    /// Whoever folds or waits holds a place.
    places: Semaphore,
    turn: Semaphore,
}

impl Default for Folds {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            places: Semaphore::new(AT_ONCE + WAITING),
            turn: Semaphore::new(AT_ONCE),
        }
    }
}

impl Service {
    /// The state as of a position that the log holds.
    pub(super) async fn folded(&self, position: Position) -> Result<Arc<State>, PastError> {
        let _place = self.folds.places.try_acquire().map_err(|_| PastError::Busy)?;
        let _turn = self.folds.turn.acquire().await.map_err(|error| PastError::Unavailable(error.into()))?;
        let base = self.base_for(position).await;
        if base.position() == position {
            return Ok(base);
        }
        let state = Arc::new(self.fold(base, position).await?);
        self.folds.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(position, &state);
        Ok(state)
    }

    /// [`State::alone`] of a state at or before a position, to go on from: of one that is remembered near by, or read
    /// without the rest of it, which nobody has to wait for; else of the whole.
    pub(super) async fn nearest_alone(
        &self,
        position: Position,
        id: AdministratorId,
    ) -> Result<State, PastError> {
        let remembered = self.remembered(position);
        if position.0 - remembered.position().0 < NEAR {
            return Ok(remembered.alone(id));
        }
        match self.projector.base_alone(remembered.position(), position, id).await {
            Some(state) => Ok(state),
            None => Ok(self.nearest(position).await?.alone(id)),
        }
    }

    async fn nearest(&self, position: Position) -> Result<Arc<State>, PastError> {
        let _place = self.folds.places.try_acquire().map_err(|_| PastError::Busy)?;
        let _turn = self.folds.turn.acquire().await.map_err(|error| PastError::Unavailable(error.into()))?;
        Ok(self.base_for(position).await)
    }

    /// The nearest state at or before a position that is there already, remembered or in a snapshot: where the
    /// fold begins.
    async fn base_for(&self, position: Position) -> Arc<State> {
        let remembered = self.remembered(position);
        // A snapshot is read and checked: a few records are folded faster.
        if position.0 - remembered.position().0 < NEAR {
            return remembered;
        }
        let Some(snapshot) = self.projector.base(remembered.position(), position).await else {
            return remembered;
        };
        // The next question is likely to be of a moment near by.
        let snapshot = Arc::new(snapshot);
        self.folds.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(snapshot.position(), &snapshot);
        snapshot
    }

    /// The nearest state at or before a position that stays folded; else the one before all records.
    fn remembered(&self, position: Position) -> Arc<State> {
        let mut kept = self.folds.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.nearest(position).unwrap_or_default()
    }

    async fn fold(&self, base: Arc<State>, to: Position) -> Result<State, PastError> {
        let mut portions = decoded(&self.log, base.position());
        let mut state = aside(move || Ok(State::clone(&base))).await?;
        while state.position() < to {
            let Some(mut portion) = portions.recv().await else {
                return Err(PastError::Unavailable("the log was closed".into()));
            };
            portion.records.retain(|(position, _)| *position <= to);
            state = aside(move || fold_portion(state, portion, to)).await?;
        }
        Ok(state)
    }
}

/// Works off the threads that answer.
async fn aside(work: impl FnOnce() -> Result<State, PastError> + Send + 'static) -> Result<State, PastError> {
    spawn_blocking(work).await.map_err(|error| PastError::Unavailable(error.into()))?
}

/// A failure counts only before the moment is reached.
fn fold_portion(mut state: State, portion: Portion, to: Position) -> Result<State, PastError> {
    for (position, record) in &portion.records {
        state.apply(*position, record).map_err(|error| PastError::Unavailable(error.into()))?;
    }
    match portion.failed {
        Some(why) if state.position() < to => Err(PastError::Unavailable(why)),
        _ => Ok(state),
    }
}
