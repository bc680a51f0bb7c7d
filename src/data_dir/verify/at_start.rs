//! The log is held against what is remembered of it while it is opened, before anything is changed.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use mfa_ledger_schemas::codec;

use crate::data_dir::keys::signing::Signing;
use crate::data_dir::{Heard, StartError};
use crate::follow::seal::Unwritten;
use crate::follow::verified::{Against, Verified};
use crate::integrity::{Holding, Remembered, Rest, Sound, TELL_EVERY};
use crate::log::embedded::{Inspect, OpenError, raw};
use crate::log::{BoxError, Position};
use crate::tiles::TileStore;
use crate::tlog::{Hash, TileBuilder, leaf_hash};

/// What others remember of the log that is signed for with these keys.
type Elsewhere<'a> = Box<dyn FnMut(&Signing) -> Result<Heard, StartError> + 'a>;

/// Looks every record over, and keeps what came of it. What it is held against is asked for once the
/// directory is ours.
pub(in crate::data_dir) struct Looking<'a> {
    remember: Box<dyn FnMut() -> Result<Signing, StartError> + 'a>,
    elsewhere: Elsewhere<'a>,
    tiles: TileStore,
    holding: Option<Holding>,
    found: Option<(Signing, Sound)>,
    signing: Option<Signing>,
    dispute: Option<StartError>,
    against: Vec<Against>,
    rest: Option<Rest>,
}

/// What came of it.
pub(in crate::data_dir) struct Found {
    /// The keys.
    pub signing: Signing,
    /// The tree of the log.
    pub sound: Sound,
    /// What it was held against.
    pub against: Vec<Against>,
    /// What the part of it that was not read is to be held against.
    pub rest: Option<Rest>,
}

/// What is remembered, as it is told.
pub(in crate::data_dir) fn against(remembered: &[Remembered]) -> Vec<Against> {
    let told = |it: &Remembered| Against { source: it.source.clone(), checkpoint: it.checkpoint.clone() };
    remembered.iter().map(told).collect()
}

impl<'a> Looking<'a> {
    pub fn new(
        tiles: TileStore,
        remember: impl FnMut() -> Result<Signing, StartError> + 'a,
        elsewhere: impl FnMut(&Signing) -> Result<Heard, StartError> + 'a,
    ) -> Self {
        let (remember, elsewhere) = (Box::new(remember), Box::new(elsewhere));
        let (holding, found, signing, dispute, against, rest) = (None, None, None, None, Vec::new(), None);
        Self { remember, elsewhere, tiles, holding, found, signing, dispute, against, rest }
    }

    /// What came of it.
    ///
    /// # Panics
    /// When the log was not opened.
    pub fn found(self) -> Found {
        let (signing, sound) = self.found.expect("a log that was opened was judged");
        Found { signing, sound, against: self.against, rest: self.rest }
    }
}

impl Inspect for Looking<'_> {
    fn begin(&mut self) -> Result<(), BoxError> {
        let signing = (self.remember)()?;
        let Heard { mut remembered, dispute } = (self.elsewhere)(&signing)?;
        self.dispute = dispute;
        remembered.push(signing.remembered());
        self.against = against(&remembered);
        self.holding = Some(Holding::new(remembered, Some(self.tiles.clone())));
        self.signing = Some(signing);
        Ok(())
    }

    fn signed(&self) -> Option<Position> {
        self.signing.as_ref().map(|signing| Position(signing.last.checkpoint.size))
    }

    fn resume(&mut self, after: Position) -> bool {
        self.rest = self.holding.as_mut().and_then(|holding| holding.resume(after.0));
        self.rest.is_some()
    }

    fn record(&mut self, position: Position, record: &[u8]) {
        if let Some(holding) = &mut self.holding {
            holding.record(position.0, record);
        }
    }

    fn judge(&mut self, head: Position) -> Result<(), BoxError> {
        let (Some(holding), Some(signing)) = (self.holding.take(), self.signing.take()) else {
            return Err("a log is judged once".into());
        };
        let sound = holding.judge(head.0).map_err(|tampered| StartError::Tampered(Box::new(tampered)))?;
        if let Some(dispute) = self.dispute.take() {
            return Err(dispute.into());
        }
        self.found = Some((signing, sound));
        Ok(())
    }
}

/// Looks over the part of a log that its start did not read.
pub(in crate::data_dir) struct Later {
    holding: Option<Holding>,
    verified: Arc<Verified>,
    /// The last record and the root over all up to it, where they are what was signed for.
    pub sound: Option<(u64, Hash)>,
}

impl Later {
    pub fn new(rest: Rest, verified: Arc<Verified>) -> Self {
        Self { holding: Some(rest.holding()), verified, sound: None }
    }
}

impl Inspect for Later {
    fn begin(&mut self) -> Result<(), BoxError> {
        Ok(())
    }

    fn record(&mut self, position: Position, record: &[u8]) {
        if let Some(holding) = &mut self.holding {
            holding.record(position.0, record);
        }
        if position.0.is_multiple_of(TELL_EVERY) {
            // Whether it is to go on is asked elsewhere.
            self.verified.sees(position.0);
        }
    }

    fn judge(&mut self, head: Position) -> Result<(), BoxError> {
        let holding = self.holding.take().ok_or("a log is judged once")?;
        let sound = holding.judge(head.0).map_err(|tampered| StartError::Tampered(Box::new(tampered)))?;
        self.sound = Some((sound.size, sound.root));
        // The sealer has the tiles: a start makes them anew.
        if sound.tiles_fit { Ok(()) } else { Err(TilesDiffer.into()) }
    }
}

/// Tiles are copies: nothing is lost.
#[derive(Debug, thiserror::Error)]
#[error(
    "tiles of the log are not there, or differ from it: the next start reads all of it, and makes them anew"
)]
pub(in crate::data_dir) struct TilesDiffer;

/// What was found, where the log was refused.
pub(in crate::data_dir) fn refusal(error: OpenError) -> StartError {
    match error {
        OpenError::Refused(cause) => match cause.downcast::<StartError>() {
            Ok(error) => *error,
            Err(cause) => StartError::Log(OpenError::Refused(cause)),
        },
        error => error.into(),
    }
}

/// Makes all full tiles anew, from the log; also those that could not be written, most likely for want of
/// room: the sealer tries them again.
pub(in crate::data_dir) fn rebuild_tiles(
    data_dir: &Path,
    tiles: &TileStore,
) -> Result<(TileBuilder, Unwritten), StartError> {
    let (mut builder, mut unwritten, mut failed) = (TileBuilder::default(), Unwritten::new(), tiles.clear());
    raw::scan(data_dir, None, |frame| {
        let Ok(halves) = codec::halves(frame.record()) else { return ControlFlow::Break(()) };
        builder.push(leaf_hash(halves.leaf.as_bytes()), |tile, hashes| {
            if failed.is_ok() {
                failed = tiles.write(tile, hashes);
            }
            if failed.is_err() {
                unwritten.push((tile, hashes.to_vec()));
            }
        });
        ControlFlow::Continue(())
    })?;
    if let Err(error) = failed {
        tracing::warn!(%error, "the tiles of the log cannot be written; the checkpoints wait for them");
    }
    Ok((builder, unwritten))
}
