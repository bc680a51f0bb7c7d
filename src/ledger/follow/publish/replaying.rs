//! The past, sent once more: leaves to subjects of the caller's choice, for testing what listens there. Never to
//! the subjects of a ledger's own streams, and marked so that no one takes them for what happens now.
//!
//! | header | what it holds |
//! |---|---|
//! | `Mfa-Ledger-Replay` | `true` |
//! | `Mfa-Ledger-Position` | where the record stands in the log |
//! | `Mfa-Ledger-Time` | when it was recorded |
//! | `Nats-Msg-Id` | `<ledger>/<position>/replay/<run>`: never the id of the live message, nor of another replay |
//!
//! These are messages of plain NATS, which nobody acknowledges. The server says later, if at all, that one was
//! not allowed: so at the end, and in between, it is asked for an answer that comes behind all such complaints.

use std::str::FromStr;
use std::time::Duration;

use async_nats::HeaderMap;
use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_schemas::{LedgerId, Position, StreamName, subject};

use super::{ANSWER_WITHIN, Connection, Leaf, message_id};

/// Longest prefix, in bytes.
pub const PREFIX_BYTES: usize = 200;

/// So many messages are sent before the server is asked whether it has had them.
const ASK_EVERY: u64 = 1_024;

/// A complaint is noted by another task than the one that hears the answer behind it.
const NOTED_WITHIN: Duration = Duration::from_millis(50);

/// What the subjects of a replay begin with: in place of `mfa.v1`, so that `<prefix>.<kind>.<id>.<event>` is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

/// Why a text is not a prefix to replay to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrefixRefused {
    /// It is no subject.
    #[error("{0:?} is no subject to publish to: words of letters, digits, - and _, with dots between")]
    NoSubject(String),
    /// It is longer than any that is taken.
    #[error("a prefix has at most {PREFIX_BYTES} bytes")]
    TooLong,
    /// The events or checkpoints of ledgers are there.
    #[error("{0} is where ledgers publish what really happens; a replay there could not be told from it")]
    Live(String),
}

impl FromStr for Prefix {
    type Err = PrefixRefused;

    fn from_str(text: &str) -> Result<Self, PrefixRefused> {
        if text.len() > PREFIX_BYTES {
            return Err(PrefixRefused::TooLong);
        }
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
        };
        if !text.split('.').all(word) || text.to_uppercase().contains("_INBOX") {
            return Err(PrefixRefused::NoSubject(text.to_owned()));
        }
        if is_live(text) {
            return Err(PrefixRefused::Live(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Of any version: the next one begins with other subjects, and has listeners as well.
fn is_live(prefix: &str) -> bool {
    let mut words = prefix.split('.');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let ours = [subject::EVENTS, subject::CHECKPOINTS].map(|it| it.split('.').next().unwrap_or_default());
    let version = second.strip_prefix(['v', 'V']).unwrap_or_default();
    ours.iter().any(|own| own.eq_ignore_ascii_case(first))
        && !version.is_empty()
        && version.bytes().all(|digit| digit.is_ascii_digit())
}

/// Why a replay did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplayFailed {
    /// The server does not let us publish there.
    #[error("the NATS server did not allow it: {0}")]
    NotAllowed(String),
    /// The connection is gone.
    #[error("the connection to the NATS server was lost")]
    Lost,
    /// A message cannot be sent.
    #[error("a message cannot be sent: {0}")]
    Send(String),
    /// What should be a leaf is none.
    #[error("position {0} holds no event")]
    NoLeaf(Position),
}

/// A replay that goes on.
pub struct Replaying<'c> {
    connection: &'c Connection,
    prefix: Prefix,
    ledger: LedgerId,
    run: String,
    sent: u64,
}

impl<'c> Replaying<'c> {
    /// Begins one.
    pub fn new(connection: &'c Connection, prefix: Prefix, ledger: LedgerId, chance: &Chance) -> Self {
        let run = data_encoding::HEXLOWER.encode(&chance.bytes::<8>());
        Self { connection, prefix, ledger, run, sent: 0 }
    }

    /// Sends a leaf, byte for byte.
    pub async fn send(&mut self, position: Position, leaf: &str) -> Result<(), ReplayFailed> {
        let read: Leaf<'_> = serde_json::from_str(leaf).map_err(|_| ReplayFailed::NoLeaf(position))?;
        let stream: StreamName = read.subject.parse().map_err(|_| ReplayFailed::NoLeaf(position))?;
        let live = subject::of_event(&stream, &read.data.action);
        let rest = live.strip_prefix(subject::EVENTS).ok_or(ReplayFailed::NoLeaf(position))?;
        let mut headers = HeaderMap::new();
        headers.insert("Mfa-Ledger-Replay", "true");
        headers.insert("Mfa-Ledger-Position", position.to_string());
        headers.insert("Mfa-Ledger-Time", read.time.to_string());
        let id = format!("{}/replay/{}", message_id(self.ledger, position.0), self.run);
        headers.insert(async_nats::header::NATS_MESSAGE_ID, id);
        let payload = Bytes::copy_from_slice(leaf.as_bytes());
        self.check()?;
        let sent =
            self.connection.client.publish_with_headers(format!("{}{rest}", self.prefix.0), headers, payload);
        sent.await.map_err(|error| ReplayFailed::Send(error_chain(&error)))?;
        self.sent += 1;
        // After the first, so that what is not allowed is told before hours have passed.
        if self.sent == 1 || self.sent.is_multiple_of(ASK_EVERY) { self.settle().await } else { Ok(()) }
    }

    /// Waits, unless the connection is lost before.
    pub async fn wait(&self, pause: Duration) -> Result<(), ReplayFailed> {
        tokio::select! {
            () = self.connection.gone() => Err(ReplayFailed::Lost),
            () = tokio::time::sleep(pause) => self.check(),
        }
    }

    /// Waits until the server has had everything that was sent, and has complained of what it did not allow.
    pub async fn settle(&self) -> Result<(), ReplayFailed> {
        let client = &self.connection.client;
        let inbox = client.new_inbox();
        let failed = |error: &dyn std::error::Error| ReplayFailed::Send(error_chain(error));
        let mut answers = client.subscribe(inbox.clone()).await.map_err(|error| failed(&error))?;
        client.publish(inbox.clone(), Bytes::new()).await.map_err(|error| failed(&error))?;
        client.flush().await.map_err(|error| failed(&error))?;
        // Whoever may not publish to its own inbox is told so, and that comes behind all else as well.
        let answered = async {
            tokio::select! {
                answer = answers.next() => answer.is_some(),
                said = self.connection.says(&inbox) => said,
            }
        };
        let answered = tokio::select! {
            () = self.connection.gone() => return Err(ReplayFailed::Lost),
            answered = tokio::time::timeout(ANSWER_WITHIN, answered) => answered.unwrap_or(false),
        };
        tokio::time::sleep(NOTED_WITHIN).await;
        self.check()?;
        if answered { Ok(()) } else { Err(ReplayFailed::Lost) }
    }

    fn check(&self) -> Result<(), ReplayFailed> {
        match self.connection.complaint() {
            Some(complaint) => Err(ReplayFailed::NotAllowed(complaint)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> PrefixRefused {
        text.parse::<Prefix>().unwrap_err()
    }

    #[test]
    fn the_subjects_of_ledgers_are_refused_in_every_version() {
        for text in
            ["mfa.v1", "mfa.v1.administrator", "mfa.v2", "MFA.v1", "mfa.V1", "mfa-cp.v1", "mfa-cp.v1.led_x"]
        {
            assert_eq!(refused(text), PrefixRefused::Live(text.to_owned()));
        }
        for text in ["test", "replay.mfa.v1", "mfa.test", "mfa", "mfa.v", "mfa.vx", "mfa-cp2.v1"] {
            assert!(text.parse::<Prefix>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_subject_is_refused() {
        for text in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a.*",
            "a.>",
            "a b",
            "$JS.API",
            "_INBOX.x",
            "a._inbox_b",
            "ä",
            "a\r\nb",
        ] {
            assert_eq!(refused(text), PrefixRefused::NoSubject(text.to_owned()));
        }
        assert!("x".repeat(PREFIX_BYTES).parse::<Prefix>().is_ok());
        assert_eq!(refused(&"x".repeat(PREFIX_BYTES + 1)), PrefixRefused::TooLong);
    }
}
