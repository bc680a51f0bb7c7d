//! The past of a data directory, record by record: read from the journal, without a lock, beside a server or without.
//!
//! One thread reads. The others decode a portion each, and fold it when it is their turn, in the order of the log: what
//! a thread has decoded is near its processor then, and it gives back the memory itself that it took.

use std::ops::ControlFlow;

use mfa_ledger_projections::{Fate, State};
use mfa_ledger_schemas::{LedgerId, Position, Record, codec};

use crate::config::Config;
use crate::data_dir::StartError;
use crate::data_dir::meta::Meta;
use crate::follow::project::Stopped;
use crate::integrity::read_checkpoint;
use crate::log;
use crate::log::embedded::raw;
use crate::ordered::{self, Feed, Limits, Portion};
use crate::ring;

/// Records that are handed on at once: what they take stays near the processors.
const PORTION: usize = 256;

/// Portions that wait for each thread: they have something to do while a whole file of the journal is read and its digest
/// awaited.
const AHEAD: usize = 48;

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
    visit: impl FnMut(Past<'_>) -> ControlFlow<()> + Send,
) -> Result<Position, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let held = raw::is_held(dir).map_err(StartError::io(dir))?;
    let edge = raw::Edge::read(dir)?;
    let signed = read_checkpoint(&dir.join("checkpoint"), None).ok().map(|it| it.checkpoint.size);
    let edge = edge.signed_to(signed.map(log::Position));
    let end = if held { signed.unwrap_or(u64::MAX) } else { u64::MAX };
    let limits = Limits { threads: ring::threads(), records: PORTION, waiting: AHEAD };
    let give = |feed: &mut Feed<'_>| {
        raw::scan_to(dir, Some(meta.ledger.bytes()), edge, |frame| {
            let goes_on = frame.position.0 <= end && feed.give(frame.position.0, frame.record());
            if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    };
    let fold = Fold { state: State::default(), visit };
    let (read, folded) = ordered::run(limits, fold, give, decode, Fold::take);
    read.map_err(StartError::Log)?;
    Ok(folded?.state.position())
}

/// The records of a portion, up to the first one that is none.
type Decoded = (Vec<Record>, Result<(), StartError>);

fn decode(portion: &Portion) -> Decoded {
    let mut records = Vec::with_capacity(portion.len());
    for (position, stored) in portion.records() {
        match codec::decode(stored) {
            Ok(record) => records.push(record),
            Err(why) => return (records, Err(stopped(Position(position), &why))),
        }
    }
    (records, Ok(()))
}

/// What goes from one thread to the next.
struct Fold<V> {
    state: State,
    visit: V,
}

impl<V: FnMut(Past<'_>) -> ControlFlow<()>> Fold<V> {
    fn take(
        &mut self,
        portion: &Portion,
        (records, decoded): &mut Decoded,
    ) -> Result<ControlFlow<()>, StartError> {
        for ((position, stored), record) in portion.records().zip(&*records) {
            let position = Position(position);
            let fate = self.state.apply(position, record).map_err(|why| stopped(position, &why))?;
            let past = Past { position, void: fate == Fate::Void, state: &self.state, stored };
            if (self.visit)(past).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        std::mem::replace(decoded, Ok(())).map(ControlFlow::Continue)
    }
}

fn stopped(position: Position, why: &dyn std::error::Error) -> StartError {
    StartError::Projection(Stopped(format!("position {position}: {why}").into()))
}
