//! The part of a long log that a start did not read is looked over while callers are served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;

use super::StartError;
use super::held::{self, Later, TilesDiffer};
use crate::integrity::Rest;
use crate::log::embedded::{Embedded, OpenError};

/// Looks a log over, once.
#[derive(Debug)]
pub(super) struct LookingOver {
    task: Option<JoinHandle<Result<bool, OpenError>>>,
    ending: Arc<AtomicBool>,
    /// Whether it goes on.
    pub going_on: Arc<AtomicBool>,
}

impl LookingOver {
    /// Begins, if there is anything that was not read when the log was opened.
    pub fn start(log: Arc<Embedded>, rest: Option<Rest>) -> Self {
        let going_on = Arc::new(AtomicBool::new(rest.is_some()));
        let ending = Arc::new(AtomicBool::new(false));
        let task = rest.map(|rest| {
            let (going_on, ending) = (Arc::clone(&going_on), Arc::clone(&ending));
            tokio::task::spawn_blocking(move || {
                let outcome = log.look_over(&mut Later::new(rest), &ending);
                going_on.store(false, Ordering::Relaxed);
                outcome
            })
        });
        Self { task, ending, going_on }
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
            Ok(Err(error)) => return held::refusal(error),
            Err(panic) => return StartError::Serve(std::io::Error::other(panic)),
        }
        std::future::pending().await
    }
}

impl Drop for LookingOver {
    /// The process does not wait for what is not at its end.
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
    }
}
