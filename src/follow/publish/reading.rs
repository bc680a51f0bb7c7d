//! Reading the events back from NATS, for operators: by position or by time, with a consumer that is gone
//! when it is done.

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger_schemas::Instant;
use serde::Deserialize;

use super::Connection;
use super::consumers::fits_events;

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
    /// The leaf, byte for byte: JSON.
    pub leaf: Bytes,
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

/// Hands out the events of a range in order, until its end or until `take` wants no more. What was handed out
/// is taken off the range, so that whoever lost the connection can go on. `reader` tells this reader from others
/// at the same time.
pub async fn read<E: std::convert::From<ReadFailed>>(
    connection: &Connection,
    stream: &str,
    range: &mut Range,
    reader: &str,
    mut take: impl FnMut(Published) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(filter) = range.filter.as_ref().filter(|filter| !fits_events(filter)) {
        return Err(ReadFailed::Filter(filter.clone()).into());
    }
    let context = connection.jetstream(1);
    let found = super::find(&context, stream).await.map_err(failed)?;
    let found = found.ok_or_else(|| ReadFailed::NoStream(stream.to_owned()))?;
    let last = found.cached_info().state.last_sequence;
    let first = first(&found, range.from, last).await?;
    range.from = From::Position(first);
    if !range.follow && first > last {
        return Ok(());
    }
    let config = OrderedConfig {
        // Without a name the filter is no part of the request, and permissions by filter refuse it.
        name: Some(format!("{NAME}-{reader}")),
        filter_subject: range.filter.clone().unwrap_or_default(),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: first },
        ..OrderedConfig::default()
    };
    let consumer = found.create_consumer(config).await.map_err(failed)?;
    if !range.follow && consumer.cached_info().num_pending == 0 {
        return Ok(());
    }
    let mut messages = consumer.messages().await.map_err(failed)?;
    let mut next = first;
    loop {
        let message = messages.next().await.transpose().map_err(failed)?;
        let message = message.ok_or(ReadFailed::Broke)?;
        let info = message.info().map_err(ReadFailed::Failed)?;
        let (position, pending) = (info.stream_sequence, info.pending);
        if range.filter.is_none() && position != next {
            return Err(ReadFailed::Gap(next).into());
        }
        next = position + 1;
        if !range.follow && position > last {
            return Ok(());
        }
        let time = time_of(position, &message.payload)?;
        if range.until.is_some_and(|until| time > until) {
            return Ok(());
        }
        take(Published { position, subject: message.subject.to_string(), leaf: message.payload.clone() })?;
        range.from = From::Position(next);
        if !range.follow && (position >= last || pending == 0) {
            return Ok(());
        }
    }
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
