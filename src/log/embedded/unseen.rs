//! The part of the journal that a start does not read: files that were looked over while callers were served the last
//! time, and that lie behind its newest ones. They are looked over again while callers are served.
//!
//! A start may leave them unread only behind a log that was closed in good order, with a reading copy that ends
//! where the mark says, and only when whoever inspects the log knows their records by other means.

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::edge::Edge;
use super::frame::Frame;
use super::journal::{self, Before};
use super::mark::Tips;
use super::open::{OpenError, note_tip};
use super::segment::{HEADER, Header};

/// Files that were not read.
#[derive(Debug)]
pub(super) struct Unseen {
    /// They, and the one behind them, whose header tells what the last of them should be.
    files: Vec<PathBuf>,
    ledger: [u8; 16],
    /// What the first file that is read has before it.
    pub before: Before,
    /// The tips as the mark tells them.
    tips: Tips,
}

impl Unseen {
    /// All files but the newest ones, which have at most `newest` bytes, or are one; `None` when none is left.
    pub fn of(
        files: &[PathBuf],
        ledger: [u8; 16],
        newest: u64,
        tips: Option<&Tips>,
    ) -> Result<Option<Self>, OpenError> {
        let Some(tips) = tips else { return Ok(None) };
        let (mut first, mut bytes) = (files.len(), 0);
        while let Some(file) = first.checked_sub(1).map(|index| &files[index]) {
            bytes += std::fs::metadata(file).map_err(|error| OpenError::io(file, error))?.len();
            if bytes > newest && first < files.len() {
                break;
            }
            first -= 1;
        }
        if first == 0 {
            return Ok(None);
        }
        let header = Header::read(&files[first], Some(ledger))?;
        let files = files[..=first].to_vec();
        Ok(Some(Self { files, ledger, before: Before::of(&header), tips: tips.clone() }))
    }

    /// How many files they are.
    pub fn count(&self) -> usize {
        self.files.len() - 1
    }

    /// The tips of the streams that have no record behind these files.
    pub fn tips(&self) -> Tips {
        let last = self.before.head;
        self.tips.iter().filter(|(_, at)| **at <= last).map(|(stream, at)| (stream.clone(), *at)).collect()
    }

    /// Reads them, checks all of them as a start does, and shows every frame to `visit`; `false` when that has
    /// stopped it.
    pub fn look_over(&self, mut visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>) -> Result<bool, OpenError> {
        let (mut tips, last, mut stopped) = (Tips::new(), self.before.head, false);
        let scanned =
            journal::scan_aside(&self.files, self.ledger, Before::NOTHING, Edge::none(), |frame| {
                if frame.position > last {
                    return ControlFlow::Break(());
                }
                note_tip(&mut tips, frame);
                let going = visit(frame);
                stopped = going.is_break();
                going
            })?;
        if stopped {
            return Ok(false);
        }
        let whole = scanned.is_break() || scanned.continue_value().is_some_and(|end| end.head == last);
        // A stream that goes on behind them has its tip there.
        let told = |(stream, at)| self.tips.get(stream).is_some_and(|told| told == at || *told > last);
        if whole
            && tips.iter().all(told)
            && self.tips().iter().all(|(stream, at)| tips.get(stream) == Some(at))
        {
            return Ok(true);
        }
        let file = &self.files[self.files.len() - 1];
        Err(OpenError::integrity(file, HEADER as u64, last.next(), "the log was closed after other records"))
    }
}
