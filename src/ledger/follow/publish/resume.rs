//! Where to go on: the streams are found or made, held against what they must be, and the end of the one with
//! the events is held against the log. The rest of it is compared while new events are published.

use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, State, Stream};
use async_nats::jetstream::{Context, ErrorCode};
use mfa_ledger_log::Position;
use mfa_ledger_schemas::codec;

use super::run::{Halt, Run};
use super::{message_id, settings};

/// Another stream has taken some of these subjects.
const SUBJECTS_OVERLAP: u64 = 10_065;

/// The stream of the events, as it was found.
pub(super) struct Found {
    /// The stream.
    pub stream: Stream,
    /// When it was created, in nanoseconds since 1970.
    pub created_ns: i128,
    /// The last position that is on it.
    pub last: u64,
}

impl Run {
    /// The stream of the events, and the last position that is on it.
    pub(super) async fn resume(&self, context: &Context) -> Result<Found, Halt> {
        let stream = self.find(context, settings::events(&self.streams)).await?;
        // From the leader: a follower may be behind.
        let info = stream.get_info().await;
        let info = info.map_err(|error| Halt::because("the stream does not tell its state", &error))?;
        let (name, last) = (&self.streams.events, info.state.last_sequence);
        let created_ns = info.created.unix_timestamp_nanos();
        self.shared.opened(name, created_ns);
        if last == 0 {
            return Ok(Found { stream, created_ns, last });
        }
        if let Some(removed) = removed(name, &info.state) {
            return Err(removed);
        }
        let message = stream.get_raw_message(last).await;
        let message =
            message.map_err(|error| Halt::because("the end of the stream cannot be read", &error))?;
        let ours = message_id(self.ledger, last);
        let id = message.headers.get("Nats-Msg-Id").map_or("", |id| id.as_str());
        if id != ours {
            let whose = if id.is_empty() { "none".to_owned() } else { format!("{id:?}") };
            let why = format!(
                "message {last} of the stream {name} is not of this log: its Nats-Msg-Id is {whose}, not {ours:?}"
            );
            return Err(Halt::Differs { position: Some(last), why });
        }
        self.compare(last, &message.payload).await?;
        Ok(Found { stream, created_ns, last })
    }

    /// Whether the record at this position is the one that was published.
    async fn compare(&self, last: u64, published: &[u8]) -> Result<(), Halt> {
        let name = &self.streams.events;
        let unreadable = |error| Halt::because("the log cannot be read", &error);
        let head = self.log.head().await.map_err(unreadable)?.0;
        if last > head {
            let why = format!(
                "the log is behind its copy: it ends at position {head}, the stream {name} at {last}; \
                 records were lost here"
            );
            return Err(Halt::Differs { position: Some(head + 1), why });
        }
        let entries = self.log.entries(&[Position(last)]).await.map_err(unreadable)?;
        let same = entries.first().and_then(|entry| {
            let halves = codec::halves(&entry.record).ok()?;
            Some(halves.leaf.as_bytes() == published)
        });
        if same == Some(true) {
            return Ok(());
        }
        let why = format!(
            "the log and its copy have parted: message {last} of the stream {name} is not the record at that position"
        );
        Err(Halt::Differs { position: Some(last), why })
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

/// Whether messages are missing on a stream that loses none.
pub(super) fn removed(name: &str, state: &State) -> Option<Halt> {
    let State { messages, first_sequence, last_sequence: last, .. } = state;
    if messages == last && (*last == 0 || *first_sequence == 1) {
        return None;
    }
    let why = format!(
        "messages were removed from the stream {name}: its last_seq is {last}, and it holds {messages} (first_seq \
         {first_sequence})"
    );
    Some(Halt::Differs { position: (*first_sequence > 1).then_some(1), why })
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
