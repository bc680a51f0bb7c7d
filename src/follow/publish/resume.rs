//! Where to go on: the streams are found or made, held against what they must be, and the end of the one with
//! the events is held against the log.

use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, Stream};
use async_nats::jetstream::{Context, ErrorCode};

use super::run::{Halt, Run};
use super::{message_id, settings};
use crate::log::Position;
use mfa_ledger_schemas::codec;

/// Another stream has taken some of these subjects.
const SUBJECTS_OVERLAP: u64 = 10_065;

impl Run {
    /// The last position that is on the stream of the events.
    pub(super) async fn resume(&self, context: &Context) -> Result<u64, Halt> {
        let stream = self.find(context, settings::events(&self.streams)).await?;
        // From the leader: a follower may be behind.
        let info = stream.get_info().await;
        let state = info.map_err(|error| Halt::because("the stream does not tell its state", &error))?.state;
        let (name, last) = (&self.streams.events, state.last_sequence);
        if last == 0 {
            return Ok(0);
        }
        if state.messages != last || state.first_sequence != 1 {
            return Err(Halt::Integrity(format!(
                "messages were removed from the stream {name}: its last_seq is {last}, and it holds {} (first_seq {})",
                state.messages, state.first_sequence
            )));
        }
        let message = stream.get_raw_message(last).await;
        let message =
            message.map_err(|error| Halt::because("the end of the stream cannot be read", &error))?;
        let ours = message_id(self.ledger, last);
        let id = message.headers.get("Nats-Msg-Id").map_or("", |id| id.as_str());
        if id != ours {
            let whose = if id.is_empty() { "none".to_owned() } else { format!("{id:?}") };
            return Err(Halt::Integrity(format!(
                "message {last} of the stream {name} is not of this log: its Nats-Msg-Id is {whose}, not {ours:?}"
            )));
        }
        self.compare(last, &message.payload).await
    }

    /// Whether the record at this position is the one that was published.
    async fn compare(&self, last: u64, published: &[u8]) -> Result<u64, Halt> {
        let name = &self.streams.events;
        let unreadable = |error| Halt::because("the log cannot be read", &error);
        let head = self.log.head().await.map_err(unreadable)?.0;
        if last > head {
            return Err(Halt::Integrity(format!(
                "the log is behind its copy: it ends at position {head}, the stream {name} at {last}; \
                 records were lost here"
            )));
        }
        let entries = self.log.entries(&[Position(last)]).await.map_err(unreadable)?;
        let same = entries.first().and_then(|entry| {
            let halves = codec::halves(&entry.record).ok()?;
            Some(halves.leaf.as_bytes() == published)
        });
        if same == Some(true) {
            return Ok(last);
        }
        Err(Halt::Integrity(format!(
            "the log and its copy have parted: message {last} of the stream {name} is not the record at that position"
        )))
    }

    /// The stream, made where it is not there, and held against what it must be; never altered.
    pub(super) async fn find(&self, context: &Context, must: Config) -> Result<Stream, Halt> {
        let name = must.name.clone();
        let lost = |error| Halt::because("the stream cannot be found", &error);
        let stream = if let Some(stream) = find(context, &name).await.map_err(lost)? {
            stream
        } else if self.streams.create {
            self.make(context, &must).await?;
            // What was asked for is not always what was made.
            context.get_stream(&name).await.map_err(lost)?
        } else {
            let why = format!("there is no stream {name}, and nats.create_stream is false");
            return Err(Halt::Settings(why));
        };
        let found = settings::difference(&must, &stream.cached_info().config);
        found.map_or(Ok(stream), |it| {
            Err(Halt::Settings(format!(
                "the setting {} of the stream {name} is {}, and must be {}; nothing was changed",
                it.field, it.is, it.must_be
            )))
        })
    }

    async fn make(&self, context: &Context, must: &Config) -> Result<(), Halt> {
        let Err(error) = context.create_stream(must).await else {
            tracing::info!(stream = must.name, "the stream was made");
            return Ok(());
        };
        match error.kind() {
            CreateStreamErrorKind::JetStream(refused) if refused.error_code().0 == SUBJECTS_OVERLAP => {
                Err(Halt::Settings(format!(
                    "the stream {} cannot be made: another one has some of its subjects ({})",
                    must.name,
                    must.subjects.join(" ")
                )))
            }
            // Somebody else was faster: it is looked at as any other.
            CreateStreamErrorKind::JetStream(refused)
                if refused.error_code() == ErrorCode::STREAM_NAME_EXIST =>
            {
                Ok(())
            }
            _ => Err(Halt::because("the stream cannot be made", &error)),
        }
    }
}

/// The stream, if the server says that there is one or none. No answer at all, as during an election, is an
/// error.
pub(super) async fn find(context: &Context, name: &str) -> Result<Option<Stream>, GetStreamError> {
    match context.get_stream(name).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(it) if it.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            _ => Err(error),
        },
    }
}
