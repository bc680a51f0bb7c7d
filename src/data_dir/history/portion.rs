//! Portions of the journal: read by one, and dealt out to those who decode them.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::mpsc::SyncSender;

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
    /// Gives away what it holds, and makes room for as much again.
    fn hand_over(&mut self) -> Self {
        let (bytes, records) = (self.bytes.len() + self.bytes.len() / 8, self.records.len());
        let next = Self { bytes: Vec::with_capacity(bytes), records: Vec::with_capacity(records) };
        std::mem::replace(self, next)
    }

    /// Takes one more, and tells whether another can follow.
    fn takes(&mut self, position: Position, stored: &[u8]) -> bool {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(stored);
        self.records.push((position, begin..self.bytes.len()));
        self.records.len() < PORTION
    }

    /// Decodes its records, up to the first one that is none.
    pub fn decoded(self) -> Decoded {
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

/// Reads up to a position and no further than the log may go, or until nobody takes what was read any more. Each gets every nth portion.
pub(super) fn read(
    dir: &Path,
    ledger: LedgerId,
    (end, edge): (u64, raw::Edge),
    dealt: &[SyncSender<Portion>],
) -> Result<(), OpenError> {
    let (mut portion, mut whose) = (Portion::default(), dealt.iter().cycle());
    let mut deal = |portion| whose.next().is_some_and(|who| who.send(portion).is_ok());
    raw::scan_to(dir, Some(ledger.bytes()), edge, |frame| {
        if frame.position.0 > end {
            return ControlFlow::Break(());
        }
        let goes_on = portion.takes(Position(frame.position.0), frame.record()) || deal(portion.hand_over());
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    // Nobody hears of it who has seen enough.
    let _unheard = deal(portion);
    Ok(())
}
