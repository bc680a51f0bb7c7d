//! The task: connect, look, publish; and all of it anew after whatever went wrong.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use mfa_ledger_base::back_off::BackOff;
use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_log::Log;
use mfa_ledger_schemas::LedgerId;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::comparing::Comparison;
use super::connect::{Access, Connection, connect};
use super::state::Shared;
use super::{Setup, Streams};
use crate::follow::seal::Sealed;

/// The wait after failures in a row.
const BACK_OFF: BackOff = BackOff::new(Duration::from_millis(100), LONGEST_PAUSE);

/// The longest wait; also how often a stream with a wrong setting is looked at again.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why an attempt has ended.
#[derive(Debug)]
pub(super) enum Halt {
    /// To be tried again.
    Retry(String),
    /// Somebody has to change a setting; it is looked at again now and then.
    Settings(String),
    /// The log has a record that cannot be published: nothing is published by this process any more.
    Integrity(String),
    /// The stream is not the copy of the log: likewise.
    Differs {
        /// The first position that is known to be wrong, where it is about one.
        position: Option<u64>,
        /// What was found.
        why: String,
    },
}

impl Halt {
    /// Something on the way failed.
    pub fn because(what: &str, error: &dyn std::error::Error) -> Self {
        Self::Retry(format!("{what}: {}", error_chain(error)))
    }
}

/// What the task has.
pub(super) struct Run {
    pub access: Access,
    pub streams: Streams,
    pub window: usize,
    pub ledger: LedgerId,
    pub log: Arc<dyn Log>,
    pub sealed: watch::Receiver<Arc<Sealed>>,
    pub shared: Arc<Shared>,
    pub ending: CancellationToken,
    chance: Arc<Chance>,
}

impl Run {
    pub fn new(setup: Setup, shared: Arc<Shared>, ending: CancellationToken) -> Self {
        let Setup { access, streams, window, ledger, log, sealed, clock: _, chance } = setup;
        Self { access, streams, window, ledger, log, sealed, shared, ending, chance }
    }

    /// Until the end, or until log and stream turn out not to belong together.
    pub async fn until_told(self) {
        loop {
            let pause = match self.attempt().await {
                Ok(()) => return,
                Err(Halt::Retry(why)) => BACK_OFF.jittered(self.shared.failed(&why), &self.chance),
                Err(Halt::Settings(why)) => {
                    self.shared.stopped(&why);
                    LONGEST_PAUSE
                }
                Err(Halt::Integrity(why)) => return self.shared.stopped(&why),
                Err(Halt::Differs { position, why }) => {
                    return self.shared.differs(&self.streams.events, position, &why);
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.ending.cancelled() => return,
            }
        }
    }

    /// One connection, for as long as all goes well.
    async fn attempt(&self) -> Result<(), Halt> {
        let connecting = connect(&self.access);
        let connection = tokio::select! {
            connection = connecting => connection.map_err(|error| Halt::Retry(error_chain(&error)))?,
            () = self.ending.cancelled() => return Ok(()),
        };
        // With room for checkpoints.
        let context = connection.jetstream(self.window + 16);
        let done = tokio::select! {
            done = self.publish(&context) => done,
            () = connection.gone() => Err(Halt::Retry("the connection to the NATS server broke".to_owned())),
        };
        done.map_err(|halt| complained(halt, &connection))
    }

    async fn publish(&self, context: &Context) -> Result<(), Halt> {
        let found = self.resume(context).await?;
        let position = found.last;
        let head = self.log.head().await.map_err(|error| Halt::because("the log cannot be read", &error))?;
        self.shared.found(position, position >= head.0);
        // In a task of its own, so that what is published now waits for nothing of it.
        let comparing = Comparison::new(self, found).run();
        let comparing = AbortOnDropHandle::new(tokio::spawn(comparing));
        tokio::select! {
            done = self.follow_log(context, position) => done?,
            () = self.follow_checkpoints(context) => {}
            halt = comparing => {
                return Err(halt.unwrap_or_else(|error| Halt::because("comparing the stream broke off", &error)));
            }
        }
        // The log has come to its end, and so has its newest checkpoint.
        self.last_checkpoint(context).await;
        Ok(())
    }
}

/// A missing permission is not answered, it is only complained of: whoever waited in vain is told.
fn complained(halt: Halt, connection: &Connection) -> Halt {
    match (halt, connection.said()) {
        (Halt::Retry(why), Some(said)) => Halt::Retry(format!("{why}; the server said: {said}")),
        (halt, _) => halt,
    }
}
