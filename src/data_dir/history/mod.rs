//! The past of a data directory, record by record: read from the journal, without a lock, beside a server or without.
//!
//! One thread reads. The others decode a portion each, and fold it when it is their turn, in the order of the log: what
//! a thread has decoded is near its processor then, and it gives back the memory itself that it took.

mod portion;
mod turn;

use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{LedgerId, Position, codec};

use self::portion::read;
use self::turn::{Fold, Thread};
use crate::config::Config;
use crate::data_dir::StartError;
use crate::data_dir::meta::Meta;
use crate::integrity::read_checkpoint;
use crate::log;
use crate::log::embedded::raw;
use crate::ring;

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
    let seats = ring::seats(ring::threads());
    let (dealt, hands): (Vec<_>, Vec<_>) = seats.iter().map(|_| sync_channel(AHEAD)).unzip();
    let last = seats.last().expect("there is a processor");
    last.next.send(Fold { state: State::default(), visit }).expect("the first one is here");
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || read(dir, meta.ledger, (end, edge), &dealt));
        let threads = hands.into_iter().zip(seats).map(|(hand, seat)| Thread { hand, seat });
        let threads: Vec<_> = threads.map(|thread| scope.spawn(|| thread.run())).collect();
        let mut reached = None;
        for thread in threads {
            reached = thread.join().expect("folding does not panic").transpose().or(reached);
        }
        reading.join().expect("reading the journal does not panic").map_err(StartError::Log)?;
        reached.expect("one of them comes to the end")
    })
}
