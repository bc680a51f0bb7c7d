//! The stream of the events, compared with the log while new ones are published.
//!
//! | what | when |
//! |---|---|
//! | every message from the first one on: its bytes, id, subject and headers | once after a start, in batches with rests |
//! | when the stream was created, whether messages are missing, whether it ends behind the log | with each look |
//! | the newest message, and the one that the new ones were put behind | with each look |
//!
//! There is a look shortly after something was published, and otherwise every [`LOOK_EVERY`]. An acknowledgement
//! names a stream and a sequence, no more: that the stream is another one than before can be told by the time of its
//! creation alone. What was compared is not read again on the next connection, unless the stream is another one.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use futures_util::{StreamExt, TryStreamExt, stream};
use mfa_ledger_log::{Log, Position};
use mfa_ledger_schemas::{LedgerId, codec};

use super::message::Envelope;
use super::resume::{Found, removed};
use super::run::{Halt, LONGEST_PAUSE, Run};
use super::state::Shared;

/// Messages that are compared in one go.
const BATCH: u64 = 256;

/// Messages that are asked for at once.
const AT_ONCE: usize = 32;

/// The rest after a batch, in which commands and publishing have both processors.
const REST: Duration = Duration::from_millis(5);

/// The least time between two looks, however much is published.
const LOOK_AFTER: Duration = Duration::from_millis(100);

/// The longest time between two looks, where nothing is published.
pub(super) const LOOK_EVERY: Duration = LONGEST_PAUSE;

/// One stream, compared for as long as the connection lasts.
pub(super) struct Comparison {
    stream: Stream,
    name: String,
    created_ns: i128,
    last: u64,
    ledger: LedgerId,
    log: Arc<dyn Log>,
    shared: Arc<Shared>,
    /// Everything up to where the stream ended at first was compared.
    whole: AtomicBool,
}

impl Comparison {
    pub fn new(run: &Run, found: Found) -> Self {
        let Found { stream, created_ns, last } = found;
        let (name, ledger) = (run.streams.events.clone(), run.ledger);
        let (log, shared) = (Arc::clone(&run.log), Arc::clone(&run.shared));
        Self { stream, name, created_ns, last, ledger, log, shared, whole: AtomicBool::new(false) }
    }

    /// Ends only with what is wrong.
    pub async fn run(self) -> Halt {
        match tokio::try_join!(self.compare_whole(), self.look_on()) {
            Ok(((), never)) => match never {},
            Err(halt) => halt,
        }
    }

    /// What was not compared yet, up to where the stream ended when it was found.
    async fn compare_whole(&self) -> Result<(), Halt> {
        let first = self.shared.state().verified + 1;
        let mut next = first;
        while next <= self.last {
            let to = self.last.min(next + BATCH - 1);
            self.compare(next..=to).await?;
            self.shared.verified(to);
            next = to + 1;
            tokio::time::sleep(REST).await;
        }
        self.whole.store(true, Ordering::Relaxed);
        if first <= self.last {
            let (stream, last) = (&self.name, self.last);
            tracing::info!(stream, first, last, "the stream was compared with the log: they are the same");
        }
        Ok(())
    }

    /// Looks at the end of the stream whenever something was published, and now and then.
    async fn look_on(&self) -> Result<Infallible, Halt> {
        let mut state = self.shared.watch();
        let mut before = self.last;
        loop {
            let more = state.wait_for(|state| state.position > before);
            // Either way it is time for a look.
            drop(tokio::time::timeout(LOOK_EVERY, more).await);
            let position = self.shared.state().position;
            self.look(before, position).await?;
            before = position;
            if self.whole.load(Ordering::Relaxed) {
                self.shared.verified(position);
            }
            tokio::time::sleep(LOOK_AFTER).await;
        }
    }

    async fn look(&self, before: u64, position: u64) -> Result<(), Halt> {
        let state = self.still_the_same().await?;
        if let Some(removed) = removed(&self.name, &state) {
            return Err(removed);
        }
        let (last, head) = (state.last_sequence, self.head().await?);
        if last < position {
            return Err(Halt::Retry(format!("the stream ends at {last}, and had message {position} before")));
        }
        if last > head {
            // Looked at from the end, it turns out whose message that is.
            return Err(Halt::Retry(format!("the stream ends at {last}, the log at {head}")));
        }
        let newest = [before, position].into_iter().filter(|neighbour| *neighbour > 0);
        for neighbour in newest.take(if before == position { 1 } else { 2 }) {
            self.compare(neighbour..=neighbour).await?;
        }
        Ok(())
    }

    /// The state of the stream, if it is the one that it was.
    async fn still_the_same(&self) -> Result<async_nats::jetstream::stream::State, Halt> {
        let info = self.stream.get_info().await;
        let info = info.map_err(|error| Halt::because("the stream does not tell its state", &error))?;
        if info.created.unix_timestamp_nanos() == self.created_ns {
            return Ok(info.state);
        }
        Err(Halt::Retry(format!("the stream {} was deleted and created again", self.name)))
    }

    async fn head(&self) -> Result<u64, Halt> {
        let head = self.log.head().await;
        Ok(head.map_err(|error| Halt::because("the log cannot be read", &error))?.0)
    }

    /// Compares messages with their records.
    async fn compare(&self, range: std::ops::RangeInclusive<u64>) -> Result<(), Halt> {
        let positions: Vec<_> = range.clone().map(Position).collect();
        let entries = self.log.entries(&positions).await;
        let entries = entries.map_err(|error| Halt::because("the log cannot be read", &error))?;
        let messages = stream::iter(range).map(|sequence| self.message(sequence)).buffered(AT_ONCE);
        let mut both = std::pin::pin!(messages.zip(stream::iter(entries)).map(|(message, entry)| {
            let message = message?;
            let halves = codec::halves(&entry.record);
            let halves = halves.map_err(|error| Halt::because("a record cannot be decoded", &error))?;
            Ok::<_, Halt>((message, halves.leaf.to_owned()))
        }));
        while let Some((message, leaf)) = both.try_next().await? {
            let Some(why) = self.difference(&message, &leaf) else { continue };
            // A stream that has just been deleted is judged as the one that it is now.
            self.still_the_same().await?;
            let (sequence, name) = (message.sequence, &self.name);
            let why = format!("message {sequence} of the stream {name} is not what was published: {why}");
            return Err(Halt::Differs { position: Some(sequence), why });
        }
        Ok(())
    }

    fn difference(&self, message: &StreamMessage, leaf: &str) -> Option<String> {
        if message.payload != leaf.as_bytes() {
            return Some("its event is not the record at that position".to_owned());
        }
        let headers = Some(&message.headers);
        let envelope = Envelope { sequence: message.sequence, subject: &message.subject, headers };
        envelope.fault(self.ledger, &message.payload)
    }

    async fn message(&self, sequence: u64) -> Result<StreamMessage, Halt> {
        let message = self.stream.get_raw_message(sequence).await;
        message.map_err(|error| match error.kind() {
            RawMessageErrorKind::NoMessageFound => {
                Halt::Retry(format!("message {sequence} is not on the stream any more"))
            }
            _ => Halt::because("a message of the stream cannot be read", &error),
        })
    }
}
