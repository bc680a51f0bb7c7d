//! The engine of the tests: all of it in memory, nothing survives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use mfa_ledger_base::vitals::ANSWER_WITHIN;
use tokio::sync::watch;

use super::{AppendError, Entry, Log, MAX_RECORD, Position, ReadError, Receipt, Stream, Visit};

/// A log in memory. Its records are as durable as the process.
#[derive(Debug)]
pub struct Memory {
    records: Arc<Mutex<Records>>,
    head: watch::Sender<Position>,
}

#[derive(Debug, Default)]
struct Records {
    entries: Vec<Entry>,
    tips: HashMap<Stream, Position>,
}

impl Records {
    fn at(&self, position: Position) -> Option<&Entry> {
        self.entries.get(usize::try_from(position.0.checked_sub(1)?).ok()?)
    }
}

impl Memory {
    /// An empty log.
    pub fn new() -> Self {
        Self { records: Arc::default(), head: watch::Sender::new(Position::START) }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Log for Memory {
    fn submit(
        &self,
        stream: Stream,
        reads: Vec<(Stream, Position)>,
        record: Bytes,
    ) -> Result<Receipt, AppendError> {
        if record.len() > MAX_RECORD {
            return Err(AppendError::TooLarge { len: record.len(), limit: MAX_RECORD });
        }
        let (answer, receipt) = Receipt::new(ANSWER_WITHIN);
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let tip = |of: &Stream| records.tips.get(of).copied().unwrap_or_default();
        if reads.iter().any(|(of, at)| tip(of) != *at) {
            return Err(AppendError::Conflict);
        }
        let position = Position(records.entries.len() as u64 + 1);
        records.tips.insert(stream.clone(), position);
        records.entries.push(Entry { position, stream, record });
        self.head.send_replace(position);
        let _gone = answer.send(Ok(position));
        Ok(receipt)
    }

    fn read(&self, after: Position) -> BoxStream<'static, Result<Entry, ReadError>> {
        let (records, head) = (Arc::clone(&self.records), self.head.subscribe());
        stream::unfold((records, head, after.next()), async |(records, mut head, next)| {
            // The log closes when its `head` is dropped: what is there is read to the end even then.
            let _closed = head.wait_for(|head| *head >= next).await.is_err();
            let entry = records.lock().unwrap_or_else(PoisonError::into_inner).at(next).cloned()?;
            Some((Ok(entry), (records, head, next.next())))
        })
        .boxed()
    }

    async fn entries(&self, positions: &[Position]) -> Result<Vec<Entry>, ReadError> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        positions.iter().map(|at| records.at(*at).cloned().ok_or(ReadError::Missing(*at))).collect()
    }

    fn pass(&self, first: Position, last: Position, visit: Visit<'_>) -> Result<(), ReadError> {
        ReadError::missing(first, last, *self.head.borrow())?;
        for position in (first.0..=last.0).map(Position) {
            let entry = self.records.lock().unwrap_or_else(PoisonError::into_inner).at(position).cloned();
            let entry = entry.ok_or(ReadError::Missing(position))?;
            if visit(position, &entry.record).is_break() {
                break;
            }
        }
        Ok(())
    }

    async fn head(&self) -> Result<Position, ReadError> {
        Ok(*self.head.borrow())
    }
}
