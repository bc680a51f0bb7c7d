//! The publisher: every record of the log goes to NATS, so that **stream sequence = position**.
//!
//! The log is the outbox, and the stream itself says where to go on: nothing is remembered beside them.
//!
//! | found | done |
//! |---|---|
//! | the stream ends before the log does | it is filled up, in order, with a bounded number in flight |
//! | the stream ends at a record that is ours | publishing goes on behind it |
//! | it ends behind the end of the log | *ahead*: the log has lost records; publishing stops |
//! | what lies at its end is not our record | *diverged*: publishing stops |
//! | any other message of it is not our record | the same: all are compared once after a start, in the background |
//! | it was deleted and created again while we publish | an alert; it is filled up and compared anew |
//! | a setting of the stream is not what it must be | publishing stops until it is; nothing is altered |
//! | anything else goes wrong | what is in flight is forgotten, and after a pause all of this begins anew |
//!
//! The message is the leaf, byte for byte. Each one names the sequence that it follows, so that none can be
//! stored twice or out of order, however often either side restarts. Signed checkpoints go to a stream of
//! their own. Commands never wait for any of this.

mod checkpoints;
mod comparing;
mod connect;
pub mod consumers;
mod events;
pub mod message;
pub mod reading;
pub mod replaying;
mod resume;
mod run;
mod settings;
mod state;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::clock::Clock;
use mfa_ledger_log::{Log, Position};
use mfa_ledger_schemas::{LedgerId, codec};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::follow::seal::Sealed;

pub use connect::{Access, ConnectFailed, Connection, INBOX_PREFIX, SignIn, connect};
pub use state::{Finding, PublishState};

use resume::find;
use run::Run;
use state::Shared;

/// A request, or the acknowledgement of a message, that takes longer has failed.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What the streams are called, and how they are made where they are not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streams {
    /// The stream of the events.
    pub events: String,
    /// The stream of the checkpoints.
    pub checkpoints: String,
    /// Whether they are made where they are not there.
    pub create: bool,
    /// On so many servers, at least.
    pub replicas: usize,
}

/// What publishing needs.
pub struct Setup {
    /// The server, and how it is spoken to.
    pub access: Access,
    /// The streams.
    pub streams: Streams,
    /// Messages in flight at the most, at least 1. A few hundred: more of them gain nothing, and all of them are
    /// sent anew after a failure.
    pub window: usize,
    /// Whose log it is.
    pub ledger: LedgerId,
    /// The log.
    pub log: Arc<dyn Log>,
    /// What is sealed.
    pub sealed: watch::Receiver<Arc<Sealed>>,
    /// For the age of what waits.
    pub clock: Arc<Clock>,
    /// So that not everyone who failed comes back at once.
    pub chance: Arc<Chance>,
}

/// The task, and how it fares.
#[derive(Debug)]
pub struct Publisher {
    shared: Arc<Shared>,
    log: LogHandle,
    clock: Arc<Clock>,
    ending: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What is in the log and not on the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Records.
    pub records: u64,
    /// The age of the oldest of them, in milliseconds; 0 where there is none.
    pub age_ms: u64,
}

impl Publisher {
    /// Begins to publish.
    pub fn start(setup: Setup) -> Self {
        let (shared, ending) = (Arc::new(Shared::default()), CancellationToken::new());
        let (log, clock) = (LogHandle(Arc::clone(&setup.log)), Arc::clone(&setup.clock));
        let run = Run::new(setup, Arc::clone(&shared), ending.clone());
        let task = Mutex::new(Some(tokio::spawn(run.until_told())));
        Self { shared, log, clock, ending, task }
    }

    /// How it fares.
    pub fn state(&self) -> PublishState {
        self.shared.state()
    }

    /// The same, as it changes.
    pub fn watch(&self) -> watch::Receiver<PublishState> {
        self.shared.watch()
    }

    /// What is not published yet; before the server was reached for the first time, that is everything. None
    /// where the log cannot be read.
    pub async fn lag(&self) -> Option<Lag> {
        let published = self.state().position;
        let head = self.log.0.head().await.ok()?.0;
        let records = head.saturating_sub(published);
        if records == 0 {
            return Some(Lag::default());
        }
        let oldest = self.log.0.entries(&[Position(published + 1)]).await.ok()?;
        let at = Leaf::of(&oldest.first()?.record)?.1.time.unix_ms();
        let age_ms = u64::try_from(self.clock.unix_ms().saturating_sub(at)).unwrap_or(0);
        Some(Lag { records, age_ms })
    }

    /// Publishes what the log holds by now, with the newest checkpoint, and ends; no later than `within` from
    /// now. The log must still be open.
    pub async fn close(&self, within: Duration) {
        self.ending.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut task) = task else { return };
        if tokio::time::timeout(within, &mut task).await.is_err() {
            tracing::warn!("not everything is published: there was no time left; the next start goes on");
            task.abort();
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

struct LogHandle(Arc<dyn Log>);

impl std::fmt::Debug for LogHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}

/// What is read of a leaf.
#[derive(Deserialize)]
struct Leaf<'a> {
    #[serde(borrow)]
    subject: std::borrow::Cow<'a, str>,
    time: mfa_ledger_schemas::Instant,
    #[serde(borrow)]
    data: LeafData<'a>,
}

#[derive(Deserialize)]
struct LeafData<'a> {
    #[serde(borrow)]
    action: std::borrow::Cow<'a, str>,
}

impl<'a> Leaf<'a> {
    /// The leaf in stored bytes, as it was written, and what is read of it.
    fn of(stored: &'a [u8]) -> Option<(&'a str, Self)> {
        let leaf = codec::halves(stored).ok()?.leaf;
        Some((leaf, serde_json::from_str(leaf).ok()?))
    }
}

/// What names a record among all messages of all ledgers: `<ledger>/<position>`.
fn message_id(ledger: LedgerId, position: u64) -> String {
    format!("{ledger}/{position}")
}
