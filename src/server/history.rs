//! The past of a data directory, leaf by leaf: read from the journal, without a lock, beside a server or without.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use mfa_ledger_projections::{Fate, State};
use mfa_ledger_schemas::codec::CodecError;
use mfa_ledger_schemas::{LedgerId, Position, Record, codec};

use super::StartError;
use super::meta::Meta;
use crate::config::Config;
use crate::follow::project::Stopped;
use crate::integrity::read_checkpoint;
use crate::log::BoxError;
use crate::log::embedded::{OpenError, raw};

/// Records that are read at once.
const PORTION: usize = 512;

/// Portions that wait to be folded.
const AHEAD: usize = 4;

/// A record of the past.
#[derive(Debug)]
pub struct Past<'a> {
    /// Where it stands.
    pub position: Position,
    /// Its public half.
    pub leaf: &'a str,
    /// Whether it changed nothing.
    pub void: bool,
    /// All that was true behind it.
    pub state: &'a State,
}

/// Whose past it is.
pub fn ledger(config: &Config) -> Result<LedgerId, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    Ok(meta.ledger)
}

/// Shows every record to `visit` until that has seen enough, and tells the last position shown. Beside a
/// running server, it goes up to the newest checkpoint: what follows may be half written. Reading and decoding go on
/// beside the fold.
pub fn history(
    config: &Config,
    visit: impl FnMut(Past<'_>) -> ControlFlow<()>,
) -> Result<Position, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let held = raw::is_held(dir).map_err(StartError::io(dir))?;
    let signed = read_checkpoint(&dir.join("checkpoint"), None).ok().map(|it| it.checkpoint.size);
    let end = if held { signed.unwrap_or(u64::MAX) } else { u64::MAX };
    let (give, portions) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || read(dir, meta.ledger, end, &give));
        let folded = fold(&portions, visit);
        // Whoever has seen enough does not wait for the rest to be read.
        drop(portions);
        reading.join().expect("reading the journal does not panic").map_err(StartError::Log)?;
        folded
    })
}

/// A record as it was read, or why it is none.
struct Read {
    position: Position,
    stored: Vec<u8>,
    record: Result<Record, CodecError>,
}

/// Reads and decodes up to a position, or until nobody takes what was read any more.
fn read(dir: &Path, ledger: LedgerId, end: u64, give: &SyncSender<Vec<Read>>) -> Result<(), OpenError> {
    let mut portion = Vec::with_capacity(PORTION);
    raw::scan(dir, Some(ledger.bytes()), |frame| {
        if frame.position.0 > end {
            return ControlFlow::Break(());
        }
        let (position, record) = (Position(frame.position.0), codec::decode(frame.record()));
        portion.push(Read { position, stored: frame.record().to_vec(), record });
        if portion.len() == PORTION && give.send(std::mem::take(&mut portion)).is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    // Nobody hears of it who has seen enough.
    let _unheard = give.send(portion);
    Ok(())
}

fn fold(
    portions: &Receiver<Vec<Read>>,
    mut visit: impl FnMut(Past<'_>) -> ControlFlow<()>,
) -> Result<Position, StartError> {
    let mut state = State::default();
    for Read { position, stored, record } in portions.iter().flatten() {
        let shown = record.map_err(Into::into).and_then(|record| {
            let leaf = codec::halves(&stored)?.leaf;
            let void = state.apply(position, &record)? == Fate::Void;
            Ok(visit(Past { position, leaf, void, state: &state }))
        });
        let stopped =
            |why: BoxError| StartError::Projection(Stopped(format!("position {position}: {why}").into()));
        if shown.map_err(stopped)?.is_break() {
            break;
        }
    }
    Ok(state.position())
}
