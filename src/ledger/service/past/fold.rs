//! From the nearest state that is there to the one that is asked for.

use std::sync::{Arc, Mutex, PoisonError};

use mfa_ledger_projections::State;
use mfa_ledger_schemas::Position;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use super::kept::Kept;
use super::turns::{FoldPortion, Turns};
use super::{PastError, Service};

/// Questions that wait while a fold goes on; more are answered 503.
pub const WAITING: usize = 16;

/// Folds at the same time: each takes a processor, and as much memory as the state.
const AT_ONCE: usize = 1;

/// With fewer records than this to fold, no snapshot is looked for.
pub(super) const NEAR: u64 = 2_000;

/// The folds that go on, and what they came to.
pub(in crate::service) struct Folds {
    pub(super) kept: Mutex<Kept>,
    /// Moments of which no more is folded than where everyone stood.
    pub(super) everyone: Mutex<Kept>,
    /// Whoever folds or waits holds a place.
    places: Semaphore,
    turn: Semaphore,
}

impl Default for Folds {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            everyone: Mutex::default(),
            places: Semaphore::new(AT_ONCE + WAITING),
            turn: Semaphore::new(AT_ONCE),
        }
    }
}

impl Service {
    /// The state as of a position that the log holds.
    pub(super) async fn folded(&self, position: Position) -> Result<Arc<State>, PastError> {
        let _turn = self.folds.turn().await?;
        let base = self.base_for(position).await;
        if base.position() == position {
            return Ok(base);
        }
        let turns = Turns::begin(&self.log, base.position(), position, &whole());
        let base = aside(move || Ok(State::clone(&base))).await?;
        let state = Arc::new(turns.from(base).await?);
        keep(&self.folds.kept, &state);
        Ok(state)
    }

    /// The nearest state at or before a position that is there already, remembered or in a snapshot: where the
    /// fold begins.
    pub(super) async fn base_for(&self, position: Position) -> Arc<State> {
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
        keep(&self.folds.kept, &snapshot);
        snapshot
    }

    /// The nearest state at or before a position that stays folded; else the one before all records.
    fn remembered(&self, position: Position) -> Arc<State> {
        nearest(&self.folds.kept, position).unwrap_or_default()
    }
}

/// All of a state, which finds out by itself what is void.
fn whole() -> Arc<FoldPortion> {
    Arc::new(|state, records| {
        for (position, record) in records {
            state.apply(*position, record).map_err(|error| PastError::Unavailable(error.into()))?;
        }
        Ok(())
    })
}

impl Folds {
    /// Waits until no other fold goes on, unless too many wait already.
    pub(super) async fn turn(&self) -> Result<(SemaphorePermit<'_>, SemaphorePermit<'_>), PastError> {
        let place = self.places.try_acquire().map_err(|_| PastError::Busy)?;
        let turn = self.turn.acquire().await.map_err(|error| PastError::Unavailable(error.into()))?;
        Ok((place, turn))
    }
}

/// The one of the later position.
pub(super) fn later(one: Arc<State>, other: Arc<State>) -> Arc<State> {
    if one.position() > other.position() { one } else { other }
}

pub(super) fn nearest(kept: &Mutex<Kept>, position: Position) -> Option<Arc<State>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).nearest(position)
}

pub(super) fn keep(kept: &Mutex<Kept>, state: &Arc<State>) {
    let gone = kept.lock().unwrap_or_else(PoisonError::into_inner).keep(state.position(), state);
    // Nobody waits for that.
    spawn_blocking(move || drop(gone));
}

/// Works off the threads that answer.
pub(super) async fn aside(
    work: impl FnOnce() -> Result<State, PastError> + Send + 'static,
) -> Result<State, PastError> {
    spawn_blocking(work).await.map_err(|error| PastError::Unavailable(error.into()))?
}
