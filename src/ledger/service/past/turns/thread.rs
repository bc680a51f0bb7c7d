//! One of the threads of a fold.

use std::collections::VecDeque;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, TryRecvError};

use mfa_ledger_base::ring::Seat;
use mfa_ledger_log::{self as log, Log};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Position, Record, codec};

use super::FoldPortion;
use crate::service::past::PastError;

/// Portions that a thread decodes before its first turn, while the state to go on from is read. Later it is one: what
/// lies about for longer is no longer near the processor.
const AHEAD: usize = 4;

/// One of the threads.
pub(super) struct Thread {
    pub log: Arc<dyn Log>,
    pub fold: Arc<FoldPortion>,
    pub portions: Vec<RangeInclusive<u64>>,
    /// Where the state comes from the first time, for the first one.
    pub begin: Option<Receiver<State>>,
    pub seat: Seat<State>,
    pub to: u64,
    pub ended: Arc<AtomicBool>,
}

impl Thread {
    /// The state, for the one of them that comes to the end. Whoever leaves early ends the others: they get no turn.
    pub fn run(mut self) -> Result<Option<State>, PastError> {
        let mut portions = std::mem::take(&mut self.portions).into_iter();
        let (mut decoded, mut ahead) = (VecDeque::new(), AHEAD);
        while !self.ended.load(Ordering::Relaxed) {
            if decoded.len() < ahead
                && let Some(portion) = portions.next()
            {
                decoded.push_back((*portion.end(), self.read(&portion)?));
            }
            let Some((end, records)) = decoded.front() else { break };
            let waits = decoded.len() >= ahead || portions.len() == 0;
            let Ok(turn) = self.turn(waits) else { break };
            let Some(mut state) = turn else { continue };
            ahead = 1;
            (self.fold)(&mut state, records)?;
            if *end == self.to {
                return Ok(Some(state));
            }
            if self.seat.next.send(state).is_err() {
                break;
            }
            decoded.pop_front();
        }
        Ok(None)
    }

    /// The state, once it is this one's turn; `None` where it is not, and nobody waits. Without a turn to come, an error.
    fn turn(&mut self, waits: bool) -> Result<Option<State>, RecvError> {
        let turn = self.begin.as_ref().unwrap_or(&self.seat.turn);
        let state = if waits {
            turn.recv()?
        } else {
            match turn.try_recv() {
                Ok(state) => state,
                Err(TryRecvError::Empty) => return Ok(None),
                Err(TryRecvError::Disconnected) => return Err(RecvError),
            }
        };
        self.begin = None;
        Ok(Some(state))
    }

    fn read(&self, portion: &RangeInclusive<u64>) -> Result<Vec<(Position, Record)>, PastError> {
        let (first, last) = (log::Position(*portion.start()), log::Position(*portion.end()));
        let mut records = Vec::with_capacity(usize::try_from(last.0 - first.0 + 1).unwrap_or_default());
        let mut failed = None;
        let read = self.log.pass(first, last, &mut |position, stored| match codec::decode(stored) {
            Ok(record) => {
                records.push((Position(position.0), record));
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(format!("position {position}: {error}"));
                ControlFlow::Break(())
            }
        });
        read.map_err(|error| PastError::Unavailable(error.into()))?;
        failed.map_or(Ok(records), |why| Err(PastError::Unavailable(why.into())))
    }
}
