//! Durables that others read the events with. They are made here and not by who reads: whoever may make
//! consumers can have messages delivered onto any subject, so nobody else is granted that.

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::{ConsumerErrorKind, Stream};
use async_nats::jetstream::{Context, ErrorCode};
use futures_util::TryStreamExt;
use mfa_ledger_schemas::subject;

use super::Connection;

/// Longest name of a consumer.
pub const NAME_CHARS: usize = 64;

/// Messages that a consumer may have in hand without having acknowledged them.
const ACK_PENDING: i64 = 1_000;

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// Its name.
    pub name: String,
    /// The subjects it gets; all where there is none.
    pub filter: Option<String>,
    /// The position up to which everything is acknowledged.
    pub acknowledged: u64,
    /// Messages that were delivered and not acknowledged yet.
    pub unacknowledged: usize,
    /// Messages that were not delivered yet.
    pub waiting: u64,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerFailed {
    /// The name is none.
    #[error("{0:?} is no name for a consumer: it has 1 to {NAME_CHARS} letters, digits, - and _")]
    Name(String),
    /// The filter fits no event.
    #[error("{0:?} is no filter for events: it is like mfa.v1.administrator.>")]
    Filter(String),
    /// There is one with this name.
    #[error("there is a consumer {0} already")]
    Exists(String),
    /// There is none with this name.
    #[error("there is no consumer {0}")]
    Unknown(String),
    /// There is no stream yet.
    #[error("there is no stream {0} yet: a server that publishes makes it")]
    NoStream(String),
    /// The server does not do it.
    #[error("the NATS server does not do it")]
    Failed(#[source] async_nats::Error),
}

/// The consumers of one stream.
pub struct Consumers {
    stream: Stream,
    name: String,
}

impl Consumers {
    /// Those of the stream with this name.
    pub async fn of(connection: &Connection, stream: &str) -> Result<Self, ConsumerFailed> {
        let context: Context = connection.jetstream(1);
        let found = super::find(&context, stream).await.map_err(failed)?;
        let found = found.ok_or_else(|| ConsumerFailed::NoStream(stream.to_owned()))?;
        Ok(Self { stream: found, name: stream.to_owned() })
    }

    /// Makes one that begins at the first event, or at this position.
    pub async fn add(
        &self,
        name: &str,
        filter: Option<&str>,
        from: Option<u64>,
    ) -> Result<(), ConsumerFailed> {
        if !fits_name(name) {
            return Err(ConsumerFailed::Name(name.to_owned()));
        }
        if let Some(filter) = filter.filter(|filter| !fits_events(filter)) {
            return Err(ConsumerFailed::Filter(filter.to_owned()));
        }
        // The server takes it for the same one, whatever its settings, or complains of something else.
        if self.stream.consumer_info(name).await.is_ok() {
            return Err(ConsumerFailed::Exists(name.to_owned()));
        }
        let start = from.filter(|from| *from > 1);
        let config = pull::Config {
            durable_name: Some(name.to_owned()),
            name: Some(name.to_owned()),
            filter_subject: filter.unwrap_or_default().to_owned(),
            ack_policy: AckPolicy::Explicit,
            max_ack_pending: ACK_PENDING,
            deliver_policy: start.map_or(DeliverPolicy::All, |start_sequence| {
                DeliverPolicy::ByStartSequence { start_sequence }
            }),
            ..pull::Config::default()
        };
        let made: Result<PullConsumer, _> = self.stream.create_consumer_strict(config).await;
        made.map(drop).map_err(failed)
    }

    /// All of them that last.
    pub async fn list(&self) -> Result<Vec<Consumer>, ConsumerFailed> {
        let all: Vec<_> = self.stream.consumers().try_collect().await.map_err(failed)?;
        let lasting = all.into_iter().filter(|it| it.config.durable_name.is_some());
        let mut consumers: Vec<_> = lasting
            .map(|it| Consumer {
                name: it.name,
                filter: Some(it.config.filter_subject).filter(|filter| !filter.is_empty()),
                acknowledged: it.ack_floor.stream_sequence,
                unacknowledged: it.num_ack_pending,
                waiting: it.num_pending,
            })
            .collect();
        consumers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(consumers)
    }

    /// Takes one away, with what it remembers.
    pub async fn remove(&self, name: &str) -> Result<(), ConsumerFailed> {
        let removed = self.stream.delete_consumer(name).await;
        removed.map(drop).map_err(|error| match error.kind() {
            ConsumerErrorKind::JetStream(it) if it.error_code() == ErrorCode::CONSUMER_NOT_FOUND => {
                ConsumerFailed::Unknown(name.to_owned())
            }
            _ => failed(error),
        })
    }

    /// What the user of a consumer must be allowed, and nothing more, as the configuration of a NATS server has
    /// it. Its answers come to a prefix of its own, so that nobody else's can be listened to.
    pub fn permissions(&self, name: &str) -> String {
        let stream = &self.name;
        format!(
            "# For the user of the consumer {name}, whose client sets the inbox prefix {inbox}\n\
             permissions: {{\n  \
               publish: {{ allow: [\n    \
                 \"$JS.API.CONSUMER.INFO.{stream}.{name}\"\n    \
                 \"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}\"\n    \
                 \"$JS.ACK.{stream}.{name}.>\"\n    \
                 \"$JS.ACK.*.*.{stream}.{name}.>\"\n  \
               ] }}\n  \
               subscribe: {{ allow: [\"{inbox}.>\"] }}\n\
             }}\n",
            inbox = inbox(name),
        )
    }
}

/// The inbox prefix of a consumer's client.
pub fn inbox(name: &str) -> String {
    format!("_INBOX_{name}")
}

/// Whether a name fits wherever NATS puts it: into subjects and file names.
fn fits_name(name: &str) -> bool {
    let letters = |it: char| it.is_ascii_alphanumeric() || ['-', '_'].contains(&it);
    (1..=NAME_CHARS).contains(&name.len()) && name.chars().all(letters)
}

/// Whether a filter can match an event: tokens without blanks, `*` alone in one, `>` alone in the last.
pub(super) fn fits_events(filter: &str) -> bool {
    let Some(rest) = filter.strip_prefix(subject::EVENTS).and_then(|rest| rest.strip_prefix('.')) else {
        return false;
    };
    let tokens: Vec<_> = rest.split('.').collect();
    let plain = |token: &str| !token.is_empty() && token.bytes().all(|it| it.is_ascii_graphic());
    let whole = |token: &str| token.len() == 1 || !token.contains(['*', '>']);
    let last = tokens.len() - 1;
    let good = |(at, token): (usize, &&str)| plain(token) && whole(token) && (*token != ">" || at == last);
    // Three more parts make an event; with fewer, the last one stands for the rest.
    let fits = tokens.len() == 3 || (tokens.len() < 3 && tokens[last] == ">");
    fits && tokens.iter().enumerate().all(good)
}

fn failed(error: impl Into<async_nats::Error>) -> ConsumerFailed {
    ConsumerFailed::Failed(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_up_to_64_plain_characters() {
        assert!(fits_name("a") && fits_name("Audit_2-b") && fits_name(&"a".repeat(64)));
        for name in ["", "a.b", "a b", "a*", "a>", "\u{e9}", "a/b", &"a".repeat(65)] {
            assert!(!fits_name(name), "{name}");
        }
    }

    #[test]
    fn a_filter_fits_events_or_is_refused() {
        for filter in ["mfa.v1.>", "mfa.v1.administrator.>", "mfa.v1.*.*.mfa_reset", "mfa.v1.alert.x.>"] {
            assert!(fits_events(filter), "{filter}");
        }
        let none = [
            "",
            ">",
            "mfa.v1",
            "mfa.v1.",
            "mfa.v2.>",
            "mfa.v1.*",
            "mfa.v1.a.b.c.d",
            "mfa.v1.>.x",
            "mfa.v1.a*.b.c",
            "mfa.v1.a b.c.d",
            "mfa.v1.a..c",
        ];
        for filter in none {
            assert!(!fits_events(filter), "{filter}");
        }
    }
}
