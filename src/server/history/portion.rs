//! Portions of the journal: read by one, decoded by several, handed on in order.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use mfa_ledger_schemas::codec::CodecError;
use mfa_ledger_schemas::{LedgerId, Position, Record, codec};

use crate::log::embedded::{OpenError, raw};

/// Records that are handed on at once: what they take stays near the processors.
const PORTION: usize = 256;

/// Records that stand one behind the other, as they are stored.
#[derive(Default)]
pub(super) struct Portion {
    pub bytes: Vec<u8>,
    pub records: Vec<(Position, Range<usize>)>,
}

/// The same, decoded.
pub(super) struct Decoded {
    pub portion: Portion,
    pub records: Vec<Record>,
    /// Why the one behind them is none.
    pub failed: Option<CodecError>,
}

impl Portion {
    /// Takes one more, and tells whether another can follow.
    fn takes(&mut self, position: Position, stored: &[u8]) -> bool {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(stored);
        self.records.push((position, begin..self.bytes.len()));
        self.records.len() < PORTION
    }

    fn decoded(self) -> Decoded {
        let (mut records, mut failed) = (Vec::with_capacity(self.records.len()), None);
        for (_, range) in &self.records {
            match codec::decode(&self.bytes[range.clone()]) {
                Ok(record) => records.push(record),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        Decoded { portion: self, records, failed }
    }
}

/// A portion, and where it goes once it is decoded.
pub(super) type Work = (Portion, SyncSender<Decoded>);

/// What was read, on its way.
pub(super) struct Given {
    /// To whoever folds: where each portion will come from. It is what limits how many are on their way.
    pub in_order: SyncSender<Receiver<Decoded>>,
    /// To whoever decodes.
    pub hand_out: Sender<Work>,
}

impl Given {
    /// Whether anybody still takes it.
    fn take(&self, portion: Portion) -> bool {
        let (done, decoded) = sync_channel(1);
        self.in_order.send(decoded).is_ok() && self.hand_out.send((portion, done)).is_ok()
    }
}

/// Reads up to a position, or until nobody takes what was read any more.
pub(super) fn read(dir: &Path, ledger: LedgerId, end: u64, given: &Given) -> Result<(), OpenError> {
    let mut portion = Portion::default();
    raw::scan(dir, Some(ledger.bytes()), |frame| {
        if frame.position.0 > end {
            return ControlFlow::Break(());
        }
        let goes_on = portion.takes(Position(frame.position.0), frame.record())
            || given.take(std::mem::take(&mut portion));
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    // Nobody hears of it who has seen enough.
    let _unheard = given.take(portion);
    Ok(())
}

/// Decodes whatever portion is next, as long as there are more.
pub(super) fn decode(work: &Mutex<Receiver<Work>>) {
    let next = || work.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok((portion, done)) = next() {
        // Nobody hears of it who has seen enough.
        let _unheard = done.send(portion.decoded());
    }
}
