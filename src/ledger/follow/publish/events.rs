//! The records themselves: sent in order, a bounded number in flight, acknowledged in order.

use std::collections::VecDeque;
use std::pin::Pin;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use futures_util::StreamExt;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_log::{Entry, Position};
use mfa_ledger_schemas::{StreamName, subject};

use super::run::{Halt, Run};
use super::{Leaf, message_id};

/// A message that is not acknowledged yet.
struct InFlight {
    position: u64,
    ack: Pin<Box<dyn Future<Output = Result<PublishAck, PublishError>> + Send>>,
}

impl Run {
    /// Publishes what is behind a position, and goes on until the end. What is in flight when something goes
    /// wrong is forgotten: the stream itself tells afterwards how much of it has arrived.
    pub(super) async fn follow_log(&self, context: &Context, from: u64) -> Result<(), Halt> {
        let mut entries = self.log.read(Position(from));
        let mut window: VecDeque<InFlight> = VecDeque::with_capacity(self.window);
        let (mut published, mut last) = (from, None);
        loop {
            if last.is_some_and(|last| published >= last) {
                return Ok(());
            }
            let (waiting, room) = (!window.is_empty(), window.len() < self.window);
            tokio::select! {
                biased;
                acknowledged = oldest(&mut window), if waiting => {
                    window.pop_front();
                    published = self.check(acknowledged)?;
                    self.shared.published(published);
                }
                entry = entries.next(), if room => match entry {
                    Some(Ok(entry)) => window.push_back(self.send(context, &entry).await?),
                    Some(Err(error)) => return Err(Halt::because("the log cannot be read", &error)),
                    None => return Ok(()),
                },
                () = self.ending.cancelled(), if last.is_none() => {
                    let head = self.log.head().await;
                    last = Some(head.map_err(|error| Halt::because("the log cannot be read", &error))?.0);
                }
            }
        }
    }

    async fn send(&self, context: &Context, entry: &Entry) -> Result<InFlight, Halt> {
        let position = entry.position.0;
        let unreadable = || Halt::Integrity(format!("the record at position {position} has no leaf"));
        let (text, leaf) = Leaf::of(&entry.record).ok_or_else(unreadable)?;
        let stream: StreamName = leaf.subject.parse().map_err(|_| unreadable())?;
        let message = PublishMessage::build()
            // The very bytes that are stored; not even copied.
            .payload(entry.record.slice_ref(text.as_bytes()))
            .message_id(message_id(self.ledger, position))
            .expected_stream(&self.streams.events)
            .expected_last_sequence(position - 1);
        let sent = context.send_publish(subject::of_event(&stream, &leaf.data.action), message).await;
        let ack = sent.map_err(|error| Halt::because("a message cannot be sent", &error))?.into_future();
        Ok(InFlight { position, ack })
    }

    /// The position that is acknowledged.
    fn check(&self, (position, answer): (u64, Result<PublishAck, PublishError>)) -> Result<u64, Halt> {
        let ack = answer.map_err(|error| {
            Halt::Retry(format!("message {position} was not acknowledged: {}", error_chain(&error)))
        })?;
        if ack.stream == self.streams.events && ack.sequence == position {
            return Ok(position);
        }
        // Begun anew, the end of the stream tells whose message that is.
        let (stream, sequence) = (ack.stream, ack.sequence);
        Err(Halt::Retry(format!("message {position} was acknowledged as {sequence} of the stream {stream}")))
    }
}

/// The answer to the oldest message in flight. The time that it may take runs from here on.
async fn oldest(window: &mut VecDeque<InFlight>) -> (u64, Result<PublishAck, PublishError>) {
    match window.front_mut() {
        Some(first) => (first.position, first.ack.as_mut().await),
        None => std::future::pending().await,
    }
}
