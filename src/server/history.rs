//! The past of a data directory, leaf by leaf: read from the journal, without a lock, beside a server or without.

use std::ops::{ControlFlow, Range};
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

/// Records that stand one behind the other, decoded, and their public halves.
#[derive(Default)]
struct Portion {
    leaves: String,
    read: Vec<Read>,
    /// Why the record behind them is none.
    failed: Option<(Position, CodecError)>,
}

struct Read {
    position: Position,
    /// Where its public half lies among the leaves.
    leaf: Range<usize>,
    record: Record,
}

impl Portion {
    /// Takes one more, and tells whether another can follow.
    fn takes(&mut self, position: Position, stored: &[u8]) -> bool {
        let decoded = codec::halves(stored).and_then(|halves| {
            let (record, begin) = (codec::decode_record(halves.record)?, self.leaves.len());
            self.leaves.push_str(halves.leaf);
            Ok(Read { position, leaf: begin..self.leaves.len(), record })
        });
        match decoded {
            Ok(read) => self.read.push(read),
            Err(error) => self.failed = Some((position, error)),
        }
        self.failed.is_none() && self.read.len() < PORTION
    }
}

/// Reads and decodes up to a position, or until nobody takes what was read any more.
fn read(dir: &Path, ledger: LedgerId, end: u64, give: &SyncSender<Portion>) -> Result<(), OpenError> {
    let mut portion = Portion::default();
    raw::scan(dir, Some(ledger.bytes()), |frame| {
        if frame.position.0 > end {
            return ControlFlow::Break(());
        }
        if portion.takes(Position(frame.position.0), frame.record()) {
            return ControlFlow::Continue(());
        }
        let full = std::mem::take(&mut portion);
        let ends = full.failed.is_some();
        let taken = give.send(full).is_ok();
        if taken && !ends { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    // Nobody hears of it who has seen enough.
    let _unheard = give.send(portion);
    Ok(())
}

fn fold(
    portions: &Receiver<Portion>,
    mut visit: impl FnMut(Past<'_>) -> ControlFlow<()>,
) -> Result<Position, StartError> {
    let stopped = |position: Position, why: BoxError| {
        StartError::Projection(Stopped(format!("position {position}: {why}").into()))
    };
    let mut state = State::default();
    for Portion { leaves, read, failed } in portions {
        for Read { position, leaf, record } in &read {
            let fate = state.apply(*position, record).map_err(|why| stopped(*position, why.into()))?;
            let leaf = &leaves[leaf.clone()];
            let past = Past { position: *position, leaf, void: fate == Fate::Void, state: &state };
            if visit(past).is_break() {
                return Ok(state.position());
            }
        }
        if let Some((position, why)) = failed {
            return Err(stopped(position, why.into()));
        }
    }
    Ok(state.position())
}
