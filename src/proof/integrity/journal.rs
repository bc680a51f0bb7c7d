//! The journal of a data directory, held record by record: one thread reads, several look at records, one
//! keeps the tree. All of them together hold a segment and a few batches in memory.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;

use mfa_ledger_base::ordered::Feed;
use mfa_ledger_log::embedded::OpenError;
use mfa_ledger_log::embedded::raw::{self, Edge, Scan};
use mfa_ledger_schemas::LedgerId;

use super::pipeline;
use super::{Bad, Examined, Holding, Kind, TELL_EVERY, Tampered};

/// Which records are read, and which of them are looked at closely. All that are read are in the tree.
#[derive(Clone, Debug)]
pub struct Extent {
    /// Where the journal must end.
    pub edge: Edge,
    /// Nothing behind this position is read; beside a running server the end may be half written.
    pub until: Option<u64>,
    /// Records here are decoded and rendered anew.
    pub close: RangeInclusive<u64>,
}

/// Why a journal was not held.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Its files are damaged.
    #[error("{0}")]
    Tampered(Box<Tampered>),
    /// It cannot be read.
    #[error("the journal cannot be read")]
    Open(#[source] OpenError),
}

impl JournalError {
    pub(crate) fn of(error: OpenError, seen: u64) -> Self {
        match error {
            OpenError::Integrity { file, offset, position, why } => {
                let detail = format!("{} at byte {offset}: {why}", file.display());
                let bad = Bad::At(position.0.max(1));
                Self::Tampered(Box::new(Tampered::at(Kind::Damaged, bad, seen, detail)))
            }
            OpenError::MarkRemoved { closed_at } => {
                let detail = OpenError::MarkRemoved { closed_at }.to_string();
                Self::Tampered(Box::new(Tampered::at(
                    Kind::Damaged,
                    Bad::Nowhere,
                    closed_at.map_or(0, |it| it.0),
                    detail,
                )))
            }
            error => Self::Open(error),
        }
    }
}

/// Holds the journal of a data directory; `seen` is told how far the tree is. Takes no lock, changes nothing. Whether the
/// journal may end there is for the caller to ask, who knows first whether records are missing.
pub fn hold(
    data_dir: &Path,
    mut holding: Holding,
    extent: &Extent,
    mut seen: impl FnMut(u64) + Send,
) -> Result<(Holding, Scan), JournalError> {
    let bytes = raw::ledger(data_dir).map_err(|error| JournalError::of(error, 0))?;
    let ledger = LedgerId::from_bytes(bytes);
    let mut head = 0;
    let scanned = pipeline::run(
        |position, body| {
            if extent.close.contains(&position) {
                Examined::of_body(body, ledger)
            } else {
                Examined::of_body_hashed(body)
            }
        },
        |feed| read(data_dir, bytes, extent, feed, &mut head),
        |position, examined| {
            holding.add(position, examined);
            if position % TELL_EVERY == 0 {
                seen(position);
            }
        },
    );
    Ok((holding, scanned.map_err(|error| JournalError::of(error, head))?))
}

/// Hands the records on.
fn read(
    data_dir: &Path,
    ledger: [u8; 16],
    extent: &Extent,
    feed: &mut Feed<'_>,
    head: &mut u64,
) -> Result<Scan, OpenError> {
    if extent.until == Some(0) {
        return Ok(Scan { ledger, head: mfa_ledger_log::Position::START, torn: None, end: None });
    }
    raw::scan_before_end(data_dir, Some(ledger), extent.edge.clone(), |frame| {
        *head = frame.position.0;
        let on = feed.give(*head, frame.body);
        if on && extent.until != Some(*head) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
}
