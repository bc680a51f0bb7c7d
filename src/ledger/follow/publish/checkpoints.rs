//! The newest signed checkpoint, each time there is one, on a stream of their own: on that of the events they
//! would take sequences away. A checkpoint follows the events that it covers: a reader who has it finds all of them.

use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use mfa_ledger_schemas::subject;
use sha2::{Digest, Sha256};

use super::run::{Halt, LONGEST_PAUSE, Run};
use super::settings;

impl Run {
    /// For as long as events are published. What goes wrong here is told, and holds up nothing.
    pub(super) async fn follow_checkpoints(&self, context: &Context) {
        loop {
            if let Err(why) = self.put_checkpoints(context).await {
                self.shared.checkpoint_failed(&why);
            }
            tokio::time::sleep(LONGEST_PAUSE).await;
        }
    }

    /// The newest one, if it is not there yet.
    pub(super) async fn last_checkpoint(&self, context: &Context) {
        let size = self.sealed.borrow().signed.checkpoint.size;
        let state = self.shared.state();
        if state.checkpoint == size || state.checkpoint_failure.is_some() || state.position < size {
            return;
        }
        if let Err(why) = self.put_checkpoint(context).await {
            self.shared.checkpoint_failed(&why);
        }
    }

    async fn put_checkpoints(&self, context: &Context) -> Result<(), String> {
        let must = settings::checkpoints(&self.streams);
        let stream = self.find(context, must).await.map_err(|halt| match halt {
            Halt::Retry(why) | Halt::Settings(why) | Halt::Integrity(why) | Halt::Differs { why, .. } => why,
        })?;
        let mut sealed = self.sealed.clone();
        sealed.mark_unchanged();
        let there = stream.get_last_raw_message_by_subject(&subject::of_checkpoint(self.ledger)).await;
        let newest = self.note();
        match there {
            Ok(there) if there.payload == newest.1.as_bytes() => self.shared.checkpoint(newest.0),
            Err(error) if error.kind() != LastRawMessageErrorKind::NoMessageFound => {
                return Err(error.to_string());
            }
            Ok(_) | Err(_) => self.put_checkpoint(context).await?,
        }
        while sealed.changed().await.is_ok() {
            self.put_checkpoint(context).await?;
        }
        // No more of them are made; the last one is there.
        std::future::pending().await
    }

    async fn put_checkpoint(&self, context: &Context) -> Result<(), String> {
        let (size, note) = self.note();
        self.shared.reached(size).await;
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(note.as_bytes()));
        let message = PublishMessage::build()
            .payload(note.into())
            .message_id(format!("{}/checkpoint/{hash}", self.ledger))
            .expected_stream(&self.streams.checkpoints);
        let refused = |error: async_nats::jetstream::context::PublishError| error.to_string();
        let sent =
            context.send_publish(subject::of_checkpoint(self.ledger), message).await.map_err(refused)?;
        sent.await.map_err(refused)?;
        self.shared.checkpoint(size);
        Ok(())
    }

    /// The newest checkpoint: how many records it covers, and its text with all signatures.
    fn note(&self) -> (u64, String) {
        let signed = &self.sealed.borrow().signed;
        (signed.checkpoint.size, signed.note.to_string())
    }
}
