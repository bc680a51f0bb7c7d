//! One of the threads that fold.

use std::ops::ControlFlow;
use std::sync::mpsc::Receiver;

use mfa_ledger_projections::{Fate, State};
use mfa_ledger_schemas::Position;

use super::Past;
use super::portion::{Decoded, Portion};
use crate::data_dir::StartError;
use crate::follow::project::Stopped;
use crate::ring::Seat;

/// What goes from one to the next.
pub(super) struct Fold<V> {
    pub state: State,
    pub visit: V,
}

/// One of the threads.
pub(super) struct Thread<V> {
    /// Its portions.
    pub hand: Receiver<Portion>,
    pub seat: Seat<Fold<V>>,
}

impl<V: FnMut(Past<'_>) -> ControlFlow<()>> Thread<V> {
    /// The last position, of the one of them that comes to it.
    pub fn run(self) -> Result<Option<Position>, StartError> {
        for portion in &self.hand {
            let decoded = portion.decoded();
            let Ok(mut fold) = self.seat.turn.recv() else { return Ok(None) };
            if fold.take(&decoded)?.is_break() {
                return Ok(Some(fold.state.position()));
            }
            if self.seat.next.send(fold).is_err() {
                return Ok(None);
            }
        }
        Ok(self.seat.turn.recv().ok().map(|fold| fold.state.position()))
    }
}

impl<V: FnMut(Past<'_>) -> ControlFlow<()>> Fold<V> {
    fn take(
        &mut self,
        Decoded { portion, records, failed }: &Decoded,
    ) -> Result<ControlFlow<()>, StartError> {
        for ((position, range), record) in portion.records.iter().zip(records) {
            let fate = self.state.apply(*position, record).map_err(|why| stopped(*position, &why))?;
            let stored = &portion.bytes[range.clone()];
            let past = Past { position: *position, void: fate == Fate::Void, state: &self.state, stored };
            if (self.visit)(past).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        match failed.as_ref().zip(portion.records.get(records.len())) {
            Some((why, (position, _))) => Err(stopped(*position, why)),
            None => Ok(ControlFlow::Continue(())),
        }
    }
}

fn stopped(position: Position, why: &dyn std::error::Error) -> StartError {
    StartError::Projection(Stopped(format!("position {position}: {why}").into()))
}
