//! The past of a data directory, record by record: read from the journal, without a lock, beside a server or without.
//!
//! One thread reads, some decode, and whoever asked folds, in order. Each record costs as much to decode as to fold, so
//! that no processor waits for another.

mod portion;

use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::thread::available_parallelism;

use mfa_ledger_projections::{Fate, State};
use mfa_ledger_schemas::{LedgerId, Position, codec};

use self::portion::{Decoded, Given, decode, read};
use super::StartError;
use super::meta::Meta;
use crate::config::Config;
use crate::follow::project::Stopped;
use crate::integrity::read_checkpoint;
use crate::log::BoxError;
use crate::log::embedded::raw;

/// Portions that are decoded or wait to be folded.
const AHEAD: usize = 8;

/// Threads that decode, at most: the fold takes one record after the other, and no more of them keep up with it.
const DECODING: usize = 4;

/// A record of the past.
#[derive(Debug)]
pub struct Past<'a> {
    /// Where it stands.
    pub position: Position,
    /// Whether it changed nothing.
    pub void: bool,
    /// All that was true behind it.
    pub state: &'a State,
    stored: &'a [u8],
}

impl Past<'_> {
    /// Its public half.
    ///
    /// # Panics
    /// Never: what was decoded has two halves.
    pub fn leaf(&self) -> &str {
        codec::halves(self.stored).expect("it was decoded").leaf
    }
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
    visit: impl FnMut(Past<'_>) -> ControlFlow<()>,
) -> Result<Position, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let held = raw::is_held(dir).map_err(StartError::io(dir))?;
    let signed = read_checkpoint(&dir.join("checkpoint"), None).ok().map(|it| it.checkpoint.size);
    let end = if held { signed.unwrap_or(u64::MAX) } else { u64::MAX };
    let (in_order, portions) = sync_channel(AHEAD);
    let (hand_out, work) = channel();
    let work = Mutex::new(work);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || read(dir, meta.ledger, end, &Given { in_order, hand_out }));
        for _ in 0..available_parallelism().map_or(1, NonZero::get).min(DECODING) {
            scope.spawn(|| decode(&work));
        }
        let folded = fold(&portions, visit);
        // Whoever has seen enough does not wait for the rest to be read.
        drop(portions);
        reading.join().expect("reading the journal does not panic").map_err(StartError::Log)?;
        folded
    })
}

fn fold(
    portions: &Receiver<Receiver<Decoded>>,
    mut visit: impl FnMut(Past<'_>) -> ControlFlow<()>,
) -> Result<Position, StartError> {
    let stopped = |position: Position, why: BoxError| {
        StartError::Projection(Stopped(format!("position {position}: {why}").into()))
    };
    let mut state = State::default();
    for decoded in portions {
        let Decoded { portion, records, failed } = decoded.recv().expect("decoding does not panic");
        for ((position, range), record) in portion.records.iter().zip(&records) {
            let fate = state.apply(*position, record).map_err(|why| stopped(*position, why.into()))?;
            let stored = &portion.bytes[range.clone()];
            let past = Past { position: *position, void: fate == Fate::Void, state: &state, stored };
            if visit(past).is_break() {
                return Ok(state.position());
            }
        }
        if let Some((why, (position, _))) = failed.zip(portion.records.get(records.len())) {
            return Err(stopped(*position, why.into()));
        }
    }
    Ok(state.position())
}
