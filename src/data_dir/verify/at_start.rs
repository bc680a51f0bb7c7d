//! The log is held against what is remembered of it while it is opened, before anything is changed.

use super::against;
use crate::data_dir::keys::signing::Signing;
use crate::data_dir::log::Beside;
use crate::data_dir::{Heard, StartError};
use crate::follow::verified::Against;
use crate::integrity::{Holding, Rest, Sound};
use crate::log::Position;
use crate::log::embedded::{Inspect, InspectError};
use crate::tiles::TileStore;

/// A log that is being opened: what is remembered of it is known, its records are looked at one by one.
pub(in crate::data_dir) struct AtStart {
    signing: Signing,
    holding: Holding,
    against: Vec<Against>,
    /// Told once the log is known to be whole.
    dispute: Option<StartError>,
    rest: Option<Rest>,
    beside: Beside,
}

/// A log that passed verification.
pub(in crate::data_dir) struct Found {
    /// The keys.
    pub signing: Signing,
    /// The tree of the log.
    pub sound: Sound,
    /// What it was compared with.
    pub against: Vec<Against>,
    /// What the part of it that was not read is to be held against.
    pub rest: Option<Rest>,
    /// What was begun beside it.
    pub beside: Beside,
}

impl AtStart {
    /// Holds the log that is signed for with these keys against its checkpoint, and against what others have said.
    pub fn new(signing: Signing, heard: Heard, tiles: TileStore, beside: Beside) -> Self {
        let Heard { mut remembered, dispute } = heard;
        remembered.push(signing.remembered());
        let against = against(&remembered);
        let holding = Holding::new(remembered, Some(tiles));
        Self { signing, holding, against, dispute, rest: None, beside }
    }
}

impl Inspect for AtStart {
    type Findings = Found;
    type Error = StartError;

    fn signed(&self) -> Option<Position> {
        Some(Position(self.signing.last.checkpoint.size))
    }

    fn resume(&mut self, after: Position) -> bool {
        self.rest = self.holding.resume(after.0);
        self.rest.is_some()
    }

    fn record(&mut self, position: Position, record: &[u8]) {
        self.holding.record(position.0, record);
    }

    fn judge(self, head: Position) -> Result<Found, StartError> {
        let Self { signing, holding, against, dispute, rest, beside } = self;
        let sound = holding.judge(head.0)?;
        match dispute {
            Some(dispute) => Err(dispute),
            None => Ok(Found { signing, sound, against, rest, beside }),
        }
    }
}

impl From<InspectError<Self>> for StartError {
    fn from(error: InspectError<Self>) -> Self {
        match error {
            InspectError::Open(error) => error.into(),
            InspectError::Refused(error) => error,
        }
    }
}
