//! Where everyone stood: a fold without all that tells of something else.

use std::sync::Arc;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, Instant, Position};

use super::fold::{NEAR, aside, keep, later, nearest};
use super::turns::{FoldPortion, Turns};
use super::{PastError, Service};

impl Service {
    /// [`State::everyone`] as of a position that the log holds, and of `at`; for whoever has the turn.
    pub(super) async fn folded_everyone(
        &self,
        position: Position,
        at: Instant,
    ) -> Result<Arc<State>, PastError> {
        let remembered = self.remembered_people(position);
        if remembered.position() == position {
            return Ok(remembered);
        }
        // Records are read while the snapshot before them is.
        let nearest = self.projector.nearest_people(remembered.position(), position);
        let fold = self.standing();
        let begin = |after| Turns::begin(&self.log, after, position, &fold);
        let ahead = nearest.map(|at| (at, begin(at)));
        let base = self.projector.base_everyone(remembered.position(), position).await;
        let base = if let Some(base) = base {
            base
        } else {
            let base = later(remembered, self.base_for(position).await);
            aside(move || Ok(base.everyone())).await?
        };
        let ahead = ahead.filter(|(at, _)| *at == base.position()).map(|(_, turns)| turns);
        let turns = ahead.unwrap_or_else(|| begin(base.position()));
        let mut state = turns.from(base).await?;
        // The last ones may be void.
        state.pass_alone(position, at, Instant::default());
        let state = Arc::new(state);
        keep(&self.folds.everyone, &state);
        Ok(state)
    }

    /// No more than where everyone stands, which void records have no part in.
    fn standing(&self) -> Arc<FoldPortion> {
        let void_among = self.projector.void_among();
        Arc::new(move |state, records| {
            let void = void_among(records);
            for (position, record) in records.iter().filter(|(position, _)| !void.contains(position)) {
                state.apply_alone(*position, record);
            }
            Ok(())
        })
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

    /// The nearest state at or before a position that stays folded, where no more is needed than where people stood.
    fn remembered_people(&self, position: Position) -> Arc<State> {
        let all = [&self.folds.everyone, &self.folds.kept].map(|kept| nearest(kept, position));
        all.into_iter().flatten().max_by_key(|state| state.position()).unwrap_or_default()
    }
}
