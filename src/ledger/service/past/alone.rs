//! Where one administrator stood, without a fold of everything: from the nearest state that is there, only the
//! records that concern them are read.

use std::sync::Arc;

use mfa_ledger_api::moment::Moment;
use mfa_ledger_log as log;
use mfa_ledger_projections::{ActivityFilter, CONCERN_ALL, Order, State};
use mfa_ledger_schemas::{AdministratorId, Instant, Position, codec};

use super::{Past, PastError, Service};

impl Service {
    /// Where one administrator stood at a moment: [`State::alone`] of [`Service::as_of`], from fewer records.
    ///
    /// # Errors
    /// [`PastError`]; never [`PastError::Reversed`].
    pub async fn as_of_administrator(&self, moment: Moment, id: AdministratorId) -> Result<Past, PastError> {
        let (position, at) = self.place(moment)?;
        let base = self.nearest_alone(position, id).await?;
        let state = self.fold_alone(base, position, id).await?;
        Ok(Past { state: Arc::new(state), at })
    }

    async fn fold_alone(
        &self,
        mut state: State,
        to: Position,
        id: AdministratorId,
    ) -> Result<State, PastError> {
        let unavailable = |error: codec::CodecError| PastError::Unavailable(error.into());
        let (concerned, at, effective_at) = self.concerned(state.position(), to, id);
        let entries =
            self.log.entries(&concerned).await.map_err(|error| PastError::Unavailable(error.into()))?;
        for entry in entries {
            let record = codec::decode(&entry.record).map_err(unavailable)?;
            state.apply_alone(Position(entry.position.0), &record);
        }
        state.pass_alone(to, at, effective_at);
        Ok(state)
    }

    /// The records behind one position, up to another, that concern an administrator and are not void; the time of
    /// the last one of all, and of the last that is not void.
    fn concerned(
        &self,
        after: Position,
        to: Position,
        id: AdministratorId,
    ) -> (Vec<log::Position>, Instant, Instant) {
        let state = self.state();
        let activity = &state.activity;
        let at = |position| activity.at(position).map_or(Instant::default(), |entry| entry.at);
        let until = Some(Instant::from_unix_ms(at(to).unix_ms() + 1));
        let theirs = Some(id.to_string());
        let filters = [
            ActivityFilter { actor: theirs.clone(), until, ..ActivityFilter::default() },
            ActivityFilter { target: theirs, until, ..ActivityFilter::default() },
            ActivityFilter {
                actions: CONCERN_ALL.map(Into::into).into(),
                until,
                ..ActivityFilter::default()
            },
        ];
        let page = |filter| activity.page(filter, Order::Ascending, Some(after), usize::MAX).positions;
        let mut positions: Vec<_> =
            filters.iter().flat_map(page).filter(|position| *position <= to).collect();
        positions.sort_unstable();
        positions.dedup();
        positions.retain(|position| !activity.is_void(*position));
        let positions = positions.into_iter().map(|position| log::Position(position.0)).collect();
        let effective = (1..=to.0).rev().map(Position).find(|position| !activity.is_void(*position));
        (positions, at(to), effective.map_or(Instant::default(), at))
    }
}
