//! The checkpoints on NATS, in the order in which they were published: by size. One is held in memory at a time.

use mfa_ledger_schemas::{LedgerId, subject};

use super::ended::Ended;
use crate::follow::publish::Connection;
use crate::follow::publish::reading::{Messages, ReadFailed, Source};
use crate::integrity::{Bad, Holding, Kind, Remembered, Tampered, open_checkpoint, same_log};
use crate::tlog::note::NoteError;
use crate::tlog::{Checkpoint, SignedCheckpoint, VerifierKey};

/// The checkpoints of one ledger.
pub(super) struct Checkpoints<'k> {
    stream: String,
    keys: Option<&'k [VerifierKey]>,
    newest: Option<(u64, SignedCheckpoint)>,
    messages: Option<Messages>,
    /// The next one, which covers more than the events so far.
    ahead: Option<Checkpoint>,
    largest: u64,
    /// How many were compared.
    pub compared: u64,
    /// How many were not: signed by none of the keys, or before a loss that an operator accepted.
    pub skipped: u64,
}

impl<'k> Checkpoints<'k> {
    /// Those on the stream with this name, up to the newest one, which a known key must have signed; none where there
    /// is no such stream.
    pub async fn of(
        connection: &Connection,
        stream: &str,
        ledger: LedgerId,
        keys: Option<&'k [VerifierKey]>,
        reader: &str,
    ) -> Result<Self, Ended> {
        let stream = stream.to_owned();
        let none = Self {
            stream: stream.clone(),
            keys,
            newest: None,
            messages: None,
            ahead: None,
            largest: 0,
            compared: 0,
            skipped: 0,
        };
        let source = match Source::of(connection, &stream).await {
            Err(ReadFailed::NoStream(_)) => return Ok(none),
            source => source?,
        };
        let Some((sequence, bytes)) = source.newest_checkpoint(ledger).await? else { return Ok(none) };
        let signed = open_checkpoint(&bytes, keys).map_err(|error| wrong(&stream, sequence, &why(&error)))?;
        let origin = &signed.checkpoint.origin;
        if !same_log(origin, ledger) {
            return Err(wrong(&stream, sequence, &format!("it is that of {origin}")));
        }
        let messages = source.messages(1, Some(&subject::of_checkpoint(ledger)), reader).await?;
        Ok(Self { newest: Some((sequence, signed)), messages: Some(messages), ..none })
    }

    /// The newest one.
    pub fn newest(&self) -> Option<&SignedCheckpoint> {
        self.newest.as_ref().map(|(_, signed)| signed)
    }

    /// The name of a checkpoint here, in reports.
    pub fn source(&self) -> String {
        format!("a checkpoint on the stream {}", self.stream)
    }

    /// Gives those to `holding` that cover this position at most, of which all messages before were seen.
    pub async fn up_to(&mut self, position: u64, holding: &mut Holding) -> Result<(), Ended> {
        loop {
            if self.ahead.is_none() {
                self.ahead = self.read().await?;
            }
            let Some(checkpoint) = self.ahead.take_if(|ahead| ahead.size <= position) else { return Ok(()) };
            self.compared += 1;
            holding.remember(Remembered { source: self.source(), checkpoint });
        }
    }

    /// The next one that counts, before the newest.
    async fn read(&mut self) -> Result<Option<Checkpoint>, Ended> {
        let (Some((last, newest)), Some(messages)) = (&self.newest, &mut self.messages) else {
            return Ok(None);
        };
        loop {
            let message = messages.next().await?;
            if message.position >= *last {
                // The newest one was at hand from the beginning.
                self.compared += u64::from(message.position == *last);
                self.messages = None;
                return Ok(None);
            }
            let wrong = |why: &str| wrong(&self.stream, message.position, why);
            let checkpoint = match open_checkpoint(&message.leaf, self.keys) {
                Ok(signed) => signed.checkpoint,
                Err(NoteError::Unsigned) => {
                    self.skipped += 1;
                    continue;
                }
                Err(error) => return Err(wrong(&why(&error))),
            };
            if checkpoint.origin != newest.checkpoint.origin {
                self.skipped += 1;
                continue;
            }
            if checkpoint.size < self.largest || checkpoint.size > newest.checkpoint.size {
                let (size, largest) = (checkpoint.size, self.largest.max(newest.checkpoint.size));
                return Err(wrong(&format!("it covers {size} records, beside one that covers {largest}")));
            }
            self.largest = checkpoint.size;
            return Ok(Some(checkpoint));
        }
    }
}

fn why(error: &NoteError) -> String {
    match error {
        NoteError::Unsigned => "no known key has signed it".to_owned(),
        other => other.to_string(),
    }
}

fn wrong(stream: &str, sequence: u64, why: &str) -> Ended {
    let detail = format!("message {sequence} of the stream {stream}: {why}");
    Tampered::at(Kind::Signature, Bad::Nowhere, 0, detail).into()
}
