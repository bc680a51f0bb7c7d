//! The past of a data directory, leaf by leaf: read from the journal, without a lock, beside a server or without.

use std::ops::ControlFlow;

use mfa_ledger_projections::{Fate, State};
use mfa_ledger_schemas::{LedgerId, Position, codec};

use super::StartError;
use super::meta::Meta;
use crate::config::Config;
use crate::follow::project::Stopped;
use crate::integrity::read_checkpoint;
use crate::log::embedded::raw;

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
/// running server, it goes up to the newest checkpoint: what follows may be half written.
pub fn history(
    config: &Config,
    mut visit: impl FnMut(Past<'_>) -> ControlFlow<()>,
) -> Result<Position, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let held = raw::is_held(dir).map_err(StartError::io(dir))?;
    let signed = read_checkpoint(&dir.join("checkpoint"), None).ok().map(|it| it.checkpoint.size);
    let end = if held { signed.unwrap_or(u64::MAX) } else { u64::MAX };
    let mut state = State::default();
    let mut broken = None;
    let scanned = raw::scan(dir, Some(meta.ledger.bytes()), |frame| {
        if frame.position.0 > end {
            return ControlFlow::Break(());
        }
        match show(&mut state, frame, &mut visit) {
            Ok(flow) => flow,
            Err(why) => {
                broken = Some(Stopped(format!("position {}: {why}", frame.position).into()));
                ControlFlow::Break(())
            }
        }
    });
    scanned.map_err(StartError::Log)?;
    broken.map_or(Ok(state.position()), |why| Err(StartError::Projection(why)))
}

fn show(
    state: &mut State,
    frame: &raw::Frame<'_>,
    visit: &mut impl FnMut(Past<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Box<dyn std::error::Error>> {
    let record = codec::decode(frame.record())?;
    let leaf = codec::split(frame.record())?.leaf;
    let position = Position(frame.position.0);
    let void = state.apply(position, &record)? == Fate::Void;
    Ok(visit(Past { position, leaf: &leaf, void, state }))
}
