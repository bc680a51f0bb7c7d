//! The past: the state as of any position or time, folded from the log.
//!
//! A fold takes a processor for a while, so that one goes on at a time, a few wait, and more are turned away. The
//! last moments stay folded: a question about one of them, or about a later one, starts from there.

mod alone;
mod difference;
mod everyone;
mod explain;
mod fold;
mod kept;
mod turns;

use std::error::Error;
use std::sync::Arc;

use futures_util::future::try_join;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Instant, Position};

use super::Service;

pub use difference::difference;
pub use explain::{Deed, Question};
pub(super) use fold::Folds;
pub use fold::WAITING;
pub use kept::MOMENTS;

/// What was true at a moment.
#[derive(Clone, Debug)]
pub struct Past {
    /// What was true; of its position.
    pub state: Arc<State>,
    /// The moment: the time that was asked for, or that of the record.
    pub at: Instant,
}

impl Past {
    /// The last record up to the moment.
    pub fn position(&self) -> Position {
        self.state.position()
    }
}

/// The past was not told.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// There was no record yet.
    #[error("the log begins later{}", .first.map(|at| format!(", at {at}")).unwrap_or_default())]
    BeforeFirst {
        /// When the first record was made, if there is one.
        first: Option<Instant>,
    },
    /// The time is to come, or there is no such record yet.
    #[error("that moment has not come: the newest record is {head}, and it is {now}")]
    NotYet {
        /// The newest record.
        head: Position,
        /// The time.
        now: Instant,
    },
    /// The first moment of the two is the later one.
    #[error("the first moment is later than the second")]
    Reversed,
    /// Too many ask at once.
    #[error("too many questions about the past are waiting")]
    Busy,
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

impl Service {
    /// What was true at a moment.
    ///
    /// # Errors
    /// [`PastError`]; never [`PastError::Reversed`].
    pub async fn as_of(&self, moment: Moment) -> Result<Past, PastError> {
        let (position, at) = self.place(moment)?;
        Ok(Past { state: self.folded(position).await?, at })
    }

    /// Where everyone stood at a moment: [`State::everyone`] of [`Service::as_of`], without the rest of the fold.
    ///
    /// # Errors
    /// [`PastError`]; never [`PastError::Reversed`].
    pub async fn as_of_everyone(&self, moment: Moment) -> Result<Past, PastError> {
        let place = self.place(moment)?;
        let _turn = self.folds.turn().await?;
        self.everyone(place).await
    }

    /// What is true now, as far as decisions read it: without the activity log, and so without a fold.
    pub fn present(&self) -> Past {
        let state = self.state();
        let now = self.now_in(&state);
        Past { state: Arc::new(state.supposing(None)), at: now.max(state.at()) }
    }

    /// Where everyone stood at two moments, the first not later than the second.
    ///
    /// # Errors
    /// [`PastError`].
    pub async fn between(&self, from: Moment, to: Moment) -> Result<(Past, Past), PastError> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        if from > to {
            return Err(PastError::Reversed);
        }
        let _turn = self.folds.turn().await?;
        // Far apart, neither goes on from the other.
        if self.projector.nearest_people(from.0, to.0).is_some() {
            return try_join(self.everyone(from), self.everyone(to)).await;
        }
        let before = self.everyone(from).await?;
        Ok((before, self.everyone(to).await?))
    }

    /// For whoever has the turn.
    async fn everyone(&self, (position, at): (Position, Instant)) -> Result<Past, PastError> {
        let made = self.peek(|state| state.activity.at(position).map_or(at, |entry| entry.at));
        Ok(Past { state: self.folded_everyone(position, made).await?, at })
    }

    /// The last record up to a moment, and its time.
    fn place(&self, moment: Moment) -> Result<(Position, Instant), PastError> {
        let state = self.state();
        let (head, now) = (state.position(), self.now_in(&state).max(state.at()));
        let at = |position| state.activity.at(position).map(|entry| entry.at);
        let before = || PastError::BeforeFirst { first: at(Position(1)) };
        match moment {
            Moment::Position(Position(0)) => Err(before()),
            Moment::Position(position) => {
                at(position).map(|at| (position, at)).ok_or(PastError::NotYet { head, now })
            }
            Moment::At(time) if time > now => Err(PastError::NotYet { head, now }),
            Moment::At(time) => {
                match last_up_to(head, |position| at(position).is_some_and(|it| it <= time)) {
                    Position(0) => Err(before()),
                    position => Ok((position, time)),
                }
            }
        }
    }
}

/// The last position that `is_past` holds for, when it holds for none behind one that it does not hold for: times
/// of records never go back.
fn last_up_to(head: Position, is_past: impl Fn(Position) -> bool) -> Position {
    let (mut past, mut beyond) = (0, head.0.saturating_add(1));
    while beyond - past > 1 {
        let middle = past + (beyond - past) / 2;
        if is_past(Position(middle)) { past = middle } else { beyond = middle }
    }
    Position(past)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_record_up_to_a_time_is_found_wherever_it_stands() {
        for head in 0..20 {
            for last in 0..=head {
                assert_eq!(last_up_to(Position(head), |position| position.0 <= last), Position(last));
            }
        }
    }
}
