//! Reading the events back from NATS, for operators: by position or by time, with a consumer that is gone
//! when it is done.
//!
//! [`read`] hands out events and judges each message by itself: its place, its id, its subject and its headers. That
//! the bytes are those that were recorded, only the signed checkpoints can show.

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, State, Stream};
use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger_schemas::{Instant, LedgerId, subject};
use serde::Deserialize;

use super::Connection;
use super::consumers::fits_events;
use super::message::Envelope;

/// The name that the reader's consumer begins with; the server adds nothing to it, so the caller does.
const NAME: &str = "mfa-ledger-reader";

/// What is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Behind these.
    pub from: From,
    /// Not what is younger than this.
    pub until: Option<Instant>,
    /// Only these subjects.
    pub filter: Option<String>,
    /// Goes on with what is yet to come; otherwise the end is where the stream ends now.
    pub follow: bool,
    /// Whose events they are; where that is not known, the first message tells.
    pub ledger: Option<LedgerId>,
}

/// Where to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// With the first event.
    #[default]
    Begin,
    /// With what is yet to come.
    Now,
    /// At a position.
    Position(u64),
    /// With the first event of this time or later: the time of the record, not of its arrival.
    Time(Instant),
}

/// An event as it lies on the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its position in the log.
    pub position: u64,
    /// Its subject.
    pub subject: String,
    /// Its headers, where it has any.
    pub headers: Option<HeaderMap>,
    /// The leaf, byte for byte: JSON.
    pub leaf: Bytes,
}

impl Published {
    /// What surrounds the leaf.
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope { sequence: self.position, subject: &self.subject, headers: self.headers.as_ref() }
    }

    /// When the record was made.
    pub fn time(&self) -> Result<Instant, ReadFailed> {
        time_of(self.position, &self.leaf)
    }
}

/// Why nothing more can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadFailed {
    /// The filter fits no event.
    #[error("{0:?} is no filter for events: it is like mfa.v1.administrator.>")]
    Filter(String),
    /// There is no stream.
    #[error("there is no stream {0}")]
    NoStream(String),
    /// A message is none of ours.
    #[error("message {0} of the stream is no event of a ledger")]
    Foreign(u64),
    /// A message is not what its place and its event say.
    #[error("message {0} of the stream is not as a ledger publishes it: {1}")]
    Altered(u64, String),
    /// Messages are missing.
    #[error("message {0} of the stream is missing")]
    Gap(u64),
    /// The connection is no more.
    #[error("the connection to the NATS server broke")]
    Broke,
    /// The server does not answer as it should.
    #[error("the stream cannot be read")]
    Failed(#[source] async_nats::Error),
}

#[derive(Deserialize)]
struct Timed {
    specversion: String,
    time: Instant,
}

/// A stream that is there.
pub struct Source {
    stream: Stream,
    name: String,
}

impl Source {
    /// The stream with this name.
    pub async fn of(connection: &Connection, name: &str) -> Result<Self, ReadFailed> {
        let found = super::find(&connection.jetstream(1), name).await.map_err(failed)?;
        let stream = found.ok_or_else(|| ReadFailed::NoStream(name.to_owned()))?;
        Ok(Self { stream, name: name.to_owned() })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its first and its last sequence now.
    pub async fn bounds(&self) -> Result<(u64, u64), ReadFailed> {
        let State { first_sequence, last_sequence, .. } = self.stream.get_info().await.map_err(failed)?.state;
        Ok((first_sequence, last_sequence))
    }

    /// The newest checkpoint of a ledger, as it lies there, with its sequence.
    pub async fn newest_checkpoint(&self, ledger: LedgerId) -> Result<Option<(u64, Bytes)>, ReadFailed> {
        match self.stream.get_last_raw_message_by_subject(&subject::of_checkpoint(ledger)).await {
            Ok(message) => Ok(Some((message.sequence, message.payload))),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Its messages from a sequence on, all or those of one subject; `reader` tells this reader from others at the
    /// same time.
    pub async fn messages(
        &self,
        first: u64,
        filter: Option<&str>,
        reader: &str,
    ) -> Result<Messages, ReadFailed> {
        let config = OrderedConfig {
            // Without a name the filter is no part of the request, and permissions by filter refuse it.
            name: Some(format!("{NAME}-{reader}")),
            filter_subject: filter.unwrap_or_default().to_owned(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: first },
            ..OrderedConfig::default()
        };
        let consumer = self.stream.create_consumer(config).await.map_err(failed)?;
        let pending = consumer.cached_info().num_pending;
        let ordered = consumer.messages().await.map_err(failed)?;
        Ok(Messages { ordered, next: first, gapless: filter.is_none(), pending })
    }
}

/// Messages, in order.
pub struct Messages {
    ordered: Ordered,
    next: u64,
    gapless: bool,
    pending: u64,
}

impl Messages {
    /// So many were there, behind the one that came last.
    pub fn pending(&self) -> u64 {
        self.pending
    }

    /// The next one; waits for it where it is not there yet.
    pub async fn next(&mut self) -> Result<Published, ReadFailed> {
        let message = self.ordered.next().await.transpose().map_err(failed)?.ok_or(ReadFailed::Broke)?;
        let info = message.info().map_err(ReadFailed::Failed)?;
        let position = info.stream_sequence;
        self.pending = info.pending;
        if self.gapless && position != self.next {
            return Err(ReadFailed::Gap(self.next));
        }
        self.next = position + 1;
        let subject = message.subject.to_string();
        let (headers, leaf) = (message.headers.clone(), message.payload.clone());
        Ok(Published { position, subject, headers, leaf })
    }
}

/// Hands out the events of a range in order, until its end or until `take` wants no more. What was handed out
/// is taken off the range, so that whoever lost the connection can go on. `reader` tells this reader from others
/// at the same time.
pub async fn read<E: std::convert::From<ReadFailed>>(
    connection: &Connection,
    stream: &str,
    range: &mut Range,
    reader: &str,
    mut take: impl AsyncFnMut(Published) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(filter) = range.filter.as_ref().filter(|filter| !fits_events(filter)) {
        return Err(ReadFailed::Filter(filter.clone()).into());
    }
    let source = Source::of(connection, stream).await?;
    let last = source.stream.cached_info().state.last_sequence;
    let first = first(&source.stream, range.from, last).await?;
    range.from = From::Position(first);
    if !range.follow && first > last {
        return Ok(());
    }
    let mut messages = source.messages(first, range.filter.as_deref(), reader).await?;
    if !range.follow && messages.pending() == 0 {
        return Ok(());
    }
    loop {
        let event = messages.next().await?;
        let (position, pending) = (event.position, messages.pending());
        if !range.follow && position > last {
            return Ok(());
        }
        let time = event.time()?;
        judge(&event, &mut range.ledger)?;
        if range.until.is_some_and(|until| time > until) {
            return Ok(());
        }
        take(event).await?;
        range.from = From::Position(position + 1);
        if !range.follow && (position >= last || pending == 0) {
            return Ok(());
        }
    }
}

/// Whether a message is what its place and its event say, of the ledger that the messages before it are of.
fn judge(event: &Published, ledger: &mut Option<LedgerId>) -> Result<(), ReadFailed> {
    let (position, envelope) = (event.position, event.envelope());
    let altered = |why: String| ReadFailed::Altered(position, why);
    let named = ledger.or_else(|| envelope.ledger());
    let named =
        named.ok_or_else(|| altered("its Nats-Msg-Id names no ledger and this position".to_owned()))?;
    *ledger = Some(named);
    envelope.fault(named, &event.leaf).map_or(Ok(()), |why| Err(altered(why)))
}

/// The sequence to begin with: that of the first record which is not older, found by halving, since records
/// are never older than the one before them.
async fn first(stream: &Stream, from: From, last: u64) -> Result<u64, ReadFailed> {
    let since = match from {
        From::Begin => return Ok(1),
        From::Now => return Ok(last + 1),
        From::Position(position) => return Ok(position.max(1)),
        From::Time(since) => since,
    };
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let message = stream.get_raw_message(middle).await.map_err(failed)?;
        if time_of(middle, &message.payload)? < since {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn time_of(position: u64, payload: &[u8]) -> Result<Instant, ReadFailed> {
    let event: Result<Timed, _> = serde_json::from_slice(payload);
    match event {
        Ok(event) if event.specversion == "1.0" => Ok(event.time),
        _ => Err(ReadFailed::Foreign(position)),
    }
}

fn failed(error: impl Into<async_nats::Error>) -> ReadFailed {
    ReadFailed::Failed(error.into())
}
