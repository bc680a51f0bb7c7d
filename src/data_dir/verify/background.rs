//! The part of a long log that a start did not read is looked over while callers are served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mfa_ledger_schemas::Instant;
use tokio::task::JoinHandle;

use super::at_start::{self, Later, TilesDiffer, against};
use crate::clock::Clock;
use crate::data_dir::StartError;
use crate::follow::verified::{Occasion, Verification, Verified};
use crate::integrity::Rest;
use crate::log::embedded::{Embedded, OpenError};

/// Looks a log over, once.
#[derive(Debug)]
pub(crate) struct LookingOver {
    task: Option<JoinHandle<Result<bool, OpenError>>>,
    ending: Arc<AtomicBool>,
}

impl LookingOver {
    /// Begins, if there is anything that was not read when the log was opened.
    pub fn start(log: Arc<Embedded>, rest: Option<Rest>, verified: Arc<Verified>, clock: Arc<Clock>) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let task = rest.map(|rest| {
            let last = rest.remembered.iter().map(|it| it.checkpoint.size).max().unwrap_or(0);
            let began = Instant::from_unix_ms(clock.unix_ms());
            verified.begin(Occasion::LookedOver, began, last);
            let ending = Arc::clone(&ending);
            tokio::task::spawn_blocking(move || look_over(&log, rest, &verified, &clock, began, &ending))
        });
        Self { task, ending }
    }

    /// Waits until the log turns out not to be what it was; for ever where it is.
    pub async fn tampered(&mut self) -> StartError {
        let outcome = match &mut self.task {
            Some(task) => task.await,
            None => std::future::pending().await,
        };
        self.task = None;
        match outcome {
            Ok(Ok(true)) => tracing::info!("the log was looked over from its beginning: it is what it was"),
            Ok(Ok(false)) => {}
            Ok(Err(OpenError::Refused(why))) if why.is::<TilesDiffer>() => tracing::warn!("{why}"),
            Ok(Err(error)) => return at_start::refusal(error),
            Err(panic) => return StartError::Serve(std::io::Error::other(panic)),
        }
        std::future::pending().await
    }
}

fn look_over(
    log: &Embedded,
    rest: Rest,
    verified: &Arc<Verified>,
    clock: &Clock,
    began: Instant,
    ending: &AtomicBool,
) -> Result<bool, OpenError> {
    let against = against(&rest.remembered);
    let mut later = Later::new(rest, Arc::clone(verified));
    let outcome = log.look_over(&mut later, ending);
    let ended = Instant::from_unix_ms(clock.unix_ms());
    match later.sound {
        Some((last, root)) => {
            let occasion = Occasion::LookedOver;
            verified.done(Verification { occasion, began, ended, first: 1, last, root, against });
        }
        None => verified.broken_off(ended),
    }
    outcome
}

impl Drop for LookingOver {
    /// The process does not wait for what is not at its end.
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
    }
}
