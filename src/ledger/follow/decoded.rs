//! The log, decoded in portions, while the one before is worked on: reading and decoding take as long as folding.

use std::sync::Arc;

use futures_util::StreamExt;
use mfa_ledger_log::{self as log, BoxError, Entry, Log};
use mfa_ledger_schemas::{Position, Record, codec};
use tokio::sync::mpsc;

/// Records in a portion, at most.
pub const PORTION: usize = 512;

/// Portions that wait to be worked on.
const AHEAD: usize = 4;

/// Portions that are decoded at the same time.
const AT_ONCE: usize = 2;

/// Records that are worth another thread.
const MANY: usize = 128;

/// Records, oldest first, and why there are no more, if that is known.
#[derive(Debug, Default)]
pub struct Portion {
    /// They, with their positions.
    pub records: Vec<(Position, Record)>,
    /// The record behind them cannot be had.
    pub failed: Option<BoxError>,
}

/// The records after a position, then those to come. Ends when the log is closed, after a failure, and when the
/// receiver is dropped.
pub fn decoded(log: &Arc<dyn Log>, after: Position) -> mpsc::Receiver<Portion> {
    let (portions, decoded) = mpsc::channel(AHEAD);
    let entries = log.read(log::Position(after.0)).ready_chunks(PORTION);
    let mut in_order = entries.map(decode_somewhere).buffered(AT_ONCE).boxed();
    tokio::spawn(async move {
        while let Some(Some(portion)) = either(&portions, in_order.next()).await {
            let failed = portion.failed.is_some();
            if portions.send(portion).await.is_err() || failed {
                return;
            }
        }
    });
    decoded
}

/// Few records are decoded at once; many take a processor for a while, and another one what comes behind them.
async fn decode_somewhere(entries: Vec<Result<Entry, log::ReadError>>) -> Portion {
    if entries.len() < MANY {
        return decode(entries);
    }
    let decoded = tokio::task::spawn_blocking(move || decode(entries)).await;
    decoded.unwrap_or_else(|error| Portion { records: Vec::new(), failed: Some(error.into()) })
}

/// What comes, unless nobody waits for it any more.
async fn either<T>(portions: &mpsc::Sender<Portion>, next: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        () = portions.closed() => None,
        next = next => Some(next),
    }
}

fn decode(entries: Vec<Result<Entry, log::ReadError>>) -> Portion {
    let mut portion = Portion { records: Vec::with_capacity(entries.len()), failed: None };
    for entry in entries {
        let record = entry.map_err(BoxError::from).and_then(|entry| {
            let position = Position(entry.position.0);
            let record = codec::decode(&entry.record);
            record
                .map(|record| (position, record))
                .map_err(|error| format!("position {position}: {error}").into())
        });
        match record {
            Ok(record) => portion.records.push(record),
            Err(error) => {
                portion.failed = Some(error);
                break;
            }
        }
    }
    portion
}
