//! Webhooks: events, signed, to endpoints on the net (Standard Webhooks 1.0).
//!
//! A follower of the log with a task for each endpoint, so that one that hangs holds up no other. The log is
//! the queue: an endpoint has a cursor in it and at most [`outbox::WAITING`] records before the cursor that
//! have not arrived. Deliveries are no records, or the log would feed itself; what people do with endpoints is.
//!
//! 1. **At least once.** What an endpoint asked for arrives, or is tried until the end of the schedule
//!    ([`schedule::WAITS`]). A receiver may get a record twice, always under the same `webhook-id`, which comes
//!    from ledger, position and endpoint alone.
//! 2. **No order is promised**: what fails is overtaken.
//! 3. **Nothing waits for a delivery**: commands do not, and endpoints do not for each other.
//! 4. **Nowhere else**: to the address that was looked at (`network`), over TLS, following nothing.
//! 5. What becomes of the attempts is kept in bounded files ([`store`]), which are no evidence.

pub mod attempts;
mod courier;
mod network;
pub mod outbox;
pub mod schedule;
pub mod send;
mod shared;
pub mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::clock::Clock;
use mfa_ledger_base::disk::Disk;
use mfa_ledger_ledger::service::Service;
use mfa_ledger_schemas::{LedgerId, Position, WebhookId};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use attempts::{Attempt, Outcome};
pub use send::{Reach, SendError};
pub use shared::EndpointState;

use courier::Courier;
use send::Sender;
use shared::Shared;

/// Between two looks at which endpoints there are.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// What delivering needs.
pub struct Setup {
    /// The log, and who signs.
    pub service: Arc<Service>,
    /// Where the files of the endpoints lie.
    pub dir: PathBuf,
    /// How they are written.
    pub disk: Disk,
    /// For the schedule.
    pub clock: Arc<Clock>,
    /// So that not everything that failed comes back at once.
    pub chance: Arc<Chance>,
    /// Where deliveries may go.
    pub reach: Reach,
}

/// The tasks, one an endpoint.
#[derive(Debug)]
pub struct Deliveries {
    shared: Arc<Shared>,
    reach: Reach,
    ending: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Deliveries {
    /// Begins to deliver.
    ///
    /// # Errors
    /// [`SendError`] when there can be no client.
    pub fn start(setup: Setup) -> Result<Self, SendError> {
        let reach = setup.reach.clone();
        let sender = Sender::new(setup.reach.clone())?;
        let (shared, ending) = (Arc::new(Shared::default()), CancellationToken::new());
        let task = tokio::spawn(supervise(setup, sender, Arc::clone(&shared), ending.clone()));
        Ok(Self { shared, reach, ending, task: Mutex::new(Some(task)) })
    }

    /// Why nothing would be delivered to an address, as far as its text tells.
    pub fn refusal(&self, url: &str) -> Option<String> {
        send::check(url, &self.reach).err()
    }

    /// How each endpoint fares, by id.
    pub fn states(&self) -> Vec<EndpointState> {
        self.shared.states()
    }

    /// Attempts that arrived and that failed, of all endpoints, in this process.
    pub fn attempts_made(&self) -> (u64, u64) {
        self.shared.counts()
    }

    /// What became of the last attempts at an endpoint, newest first.
    pub fn attempts(&self, webhook: WebhookId) -> Vec<Attempt> {
        self.shared.attempts(webhook)
    }

    /// Ends: what is under way is broken off, to be sent again after the next start; no later than `within`.
    pub async fn close(&self, within: Duration) {
        self.ending.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(task) = task else { return };
        let abort = task.abort_handle();
        if tokio::time::timeout(within, task).await.is_err() {
            tracing::warn!("what was delivered last is not on the disk: some of it goes out again");
            abort.abort();
        }
    }
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

/// Sees to it that every endpoint has a task.
async fn supervise(setup: Setup, sender: Sender, shared: Arc<Shared>, ending: CancellationToken) {
    let mut tasks: BTreeMap<WebhookId, JoinHandle<()>> = BTreeMap::new();
    loop {
        tasks.retain(|_, task| !task.is_finished());
        let look = |state: &mfa_ledger_projections::State| {
            let ids: Vec<_> = state.webhooks.iter().map(|webhook| (webhook.id, webhook.position)).collect();
            (state.position(), ids)
        };
        let (seen, ids) = setup.service.peek(look);
        for (id, created) in ids {
            tasks.entry(id).or_insert_with(|| {
                let courier = Courier::new(&setup, id, sender.clone(), Arc::clone(&shared), ending.clone());
                tokio::spawn(courier.until_told(created))
            });
        }
        tokio::select! {
            () = ending.cancelled() => break,
            more = setup.service.wait_beyond(seen) => if more.is_err() { ending.cancelled().await },
        }
        tokio::select! {
            () = ending.cancelled() => break,
            () = tokio::time::sleep(LOOK_PAUSE) => {}
        }
    }
    for task in tasks.into_values() {
        if let Err(error) = task.await {
            tracing::error!(%error, "a task of a webhook broke off");
        }
    }
}

/// `webhook-id` of a record's deliveries to an endpoint: the same every time, and telling nothing.
pub fn delivery_id(ledger: LedgerId, position: Position, webhook: WebhookId) -> String {
    let mut hash = Sha256::new();
    hash.update(b"mfa-ledger webhook-id v1\n");
    hash.update(ledger.bytes());
    hash.update(position.0.to_be_bytes());
    hash.update(webhook.bytes());
    format!("msg_{}", data_encoding::HEXLOWER.encode(&hash.finalize()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_ledger_position_and_endpoint() {
        let id = |ledger, position, webhook| {
            let (ledger, webhook) =
                (LedgerId::from_bytes([ledger; 16]), WebhookId::from_bytes([webhook; 16]));
            delivery_id(ledger, Position(position), webhook)
        };
        assert_eq!(id(1, 2, 3), id(1, 2, 3));
        assert_eq!(id(1, 2, 3).len(), "msg_".len() + 32);
        let others = [id(2, 2, 3), id(1, 3, 3), id(1, 2, 4)];
        assert!(others.iter().all(|other| *other != id(1, 2, 3)));
    }
}
