//! From the nearest state that is there to the one that is asked for.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, Instant, Position};
use tokio::sync::mpsc::Receiver;
use tokio::sync::{Semaphore, SemaphorePermit};
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
    /// Moments of which no more is folded than where everyone stood.
    everyone: Mutex<Kept>,
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
        let portions = decoded(&self.log, base.position());
        let base = aside(move || Ok(State::clone(&base))).await?;
        let state = Arc::new(self.fold(base, portions, position, whole).await?);
        keep(&self.folds.kept, &state);
        Ok(state)
    }

    /// [`State::everyone`] as of a position that the log holds, and of `at`.
    pub(super) async fn folded_everyone(
        &self,
        position: Position,
        at: Instant,
    ) -> Result<Arc<State>, PastError> {
        let _turn = self.folds.turn().await?;
        let remembered = self.remembered_people(position);
        if remembered.position() == position {
            return Ok(remembered);
        }
        // Records are read while the snapshot before them is.
        let nearest = self.projector.nearest_people(remembered.position(), position);
        let ahead = nearest.map(|at| (at, decoded(&self.log, at)));
        let base = match self.projector.base_everyone(remembered.position(), position).await {
            Some(base) => base,
            None => {
                let base = later(remembered, self.base_for(position).await);
                aside(move || Ok(State::clone(&base))).await?
            }
        };
        let ahead = ahead.filter(|(at, _)| *at == base.position()).map(|(_, portions)| portions);
        let portions = ahead.unwrap_or_else(|| decoded(&self.log, base.position()));
        let mut state = self.fold(base, portions, position, effective).await?;
        // The last ones may be void.
        state.pass_alone(position, at, Instant::default());
        let state = Arc::new(state);
        keep(&self.folds.everyone, &state);
        Ok(state)
    }

    /// [`State::alone`] of a state at or before a position, to go on from: of one that is remembered near by, or read
    /// without the rest of it, which nobody has to wait for; else of the whole.
    pub(super) async fn nearest_alone(
        &self,
        position: Position,
        id: AdministratorId,
    ) -> Result<State, PastError> {
        let remembered = self.remembered_people(position);
        if position.0 - remembered.position().0 < NEAR {
            return Ok(remembered.alone(id));
        }
        if let Some(base) = self.projector.base_alone(remembered.position(), position, id).await {
            return Ok(base);
        }
        let _turn = self.folds.turn().await?;
        Ok(later(remembered, self.base_for(position).await).alone(id))
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
        keep(&self.folds.kept, &snapshot);
        snapshot
    }

    /// The nearest state at or before a position that stays folded; else the one before all records.
    fn remembered(&self, position: Position) -> Arc<State> {
        nearest(&self.folds.kept, position).unwrap_or_default()
    }

    /// The same, where no more is needed than where people stood.
    fn remembered_people(&self, position: Position) -> Arc<State> {
        let all = [&self.folds.everyone, &self.folds.kept].map(|kept| nearest(kept, position));
        all.into_iter().flatten().max_by_key(|state| state.position()).unwrap_or_default()
    }

    async fn fold(
        &self,
        mut state: State,
        mut portions: Receiver<Portion>,
        to: Position,
        take: Take,
    ) -> Result<State, PastError> {
        let mut reached = state.position();
        while reached < to {
            let Some(mut portion) = portions.recv().await else {
                return Err(PastError::Unavailable("the log was closed".into()));
            };
            portion.records.retain(|(position, _)| *position <= to);
            reached = portion.records.last().map_or(reached, |(position, _)| *position);
            // A failure counts only before the moment is reached.
            let failed = portion.failed.take().filter(|_| reached < to);
            let voids = self.voids(&portion);
            state = aside(move || take(state, &portion, &voids)).await?;
            if let Some(why) = failed {
                return Err(PastError::Unavailable(why));
            }
        }
        Ok(state)
    }

    /// Which records of a portion changed nothing.
    fn voids(&self, portion: &Portion) -> BTreeSet<Position> {
        let state = self.state();
        let positions = portion.records.iter().map(|(position, _)| *position);
        positions.filter(|position| state.activity.is_void(*position)).collect()
    }
}

impl Folds {
    /// Waits until no other fold goes on, unless too many wait already.
    async fn turn(&self) -> Result<(SemaphorePermit<'_>, SemaphorePermit<'_>), PastError> {
        let place = self.places.try_acquire().map_err(|_| PastError::Busy)?;
        let turn = self.turn.acquire().await.map_err(|error| PastError::Unavailable(error.into()))?;
        Ok((place, turn))
    }
}

fn later(one: Arc<State>, other: Arc<State>) -> Arc<State> {
    if one.position() > other.position() { one } else { other }
}

fn nearest(kept: &Mutex<Kept>, position: Position) -> Option<Arc<State>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).nearest(position)
}

fn keep(kept: &Mutex<Kept>, state: &Arc<State>) {
    kept.lock().unwrap_or_else(PoisonError::into_inner).keep(state.position(), state);
}

/// Takes the records of a portion, of which some are void.
type Take = fn(State, &Portion, &BTreeSet<Position>) -> Result<State, PastError>;

/// All of the state; it finds out by itself what is void.
fn whole(mut state: State, portion: &Portion, _: &BTreeSet<Position>) -> Result<State, PastError> {
    for (position, record) in &portion.records {
        state.apply(*position, record).map_err(|error| PastError::Unavailable(error.into()))?;
    }
    Ok(state)
}

/// No more than where everyone stands, which void records have no part in.
fn effective(mut state: State, portion: &Portion, voids: &BTreeSet<Position>) -> Result<State, PastError> {
    for (position, record) in portion.records.iter().filter(|(position, _)| !voids.contains(position)) {
        state.apply_alone(*position, record);
    }
    Ok(state)
}

/// Works off the threads that answer.
async fn aside(work: impl FnOnce() -> Result<State, PastError> + Send + 'static) -> Result<State, PastError> {
    spawn_blocking(work).await.map_err(|error| PastError::Unavailable(error.into()))?
}
