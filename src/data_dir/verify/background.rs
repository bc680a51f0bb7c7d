//! Verifies, in the background, the part of a long log that a start did not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mfa_ledger_schemas::Instant;
use tokio::task::{JoinError, JoinHandle};

use super::{against, tiles};
use crate::clock::Clock;
use crate::data_dir::StartError;
use crate::follow::verified::{Occasion, Verification, Verified};
use crate::integrity::{Holding, Rest, Sound, TELL_EVERY, Tampered};
use crate::log::Position;
use crate::log::embedded::{Embedded, Inspect, InspectError};

/// Looks a log over, once.
#[derive(Debug)]
pub(crate) struct Background {
    task: Option<JoinHandle<Result<(), StartError>>>,
    ending: Arc<AtomicBool>,
}

impl Background {
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

    /// Waits until the log fails verification, or verifying it panics; for ever otherwise.
    pub async fn tampered(&mut self) -> Result<StartError, JoinError> {
        if let Some(task) = &mut self.task {
            let outcome = task.await;
            self.task = None;
            if let Err(error) = outcome? {
                return Ok(error);
            }
        }
        std::future::pending().await
    }
}

impl Drop for Background {
    /// The process does not wait for what is not at its end.
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
    }
}

fn look_over(
    log: &Embedded,
    rest: Rest,
    verified: &Verified,
    clock: &Clock,
    began: Instant,
    ending: &AtomicBool,
) -> Result<(), StartError> {
    let against = against(&rest.remembered);
    let looked = log.look_over(Looking { holding: rest.holding(), verified }, ending);
    let ended = Instant::from_unix_ms(clock.unix_ms());
    let broken_off = |outcome| {
        verified.broken_off(ended);
        outcome
    };
    let sound = match looked {
        Ok(Some(sound)) => {
            tracing::info!("the log was looked over from its beginning: it is what it was");
            sound
        }
        Err(InspectError::Refused(Unfit::Tiles(sound))) => {
            tracing::warn!("{}", tiles::DIFFER);
            sound
        }
        Ok(None) => return broken_off(Ok(())),
        Err(InspectError::Refused(Unfit::Tampered(tampered))) => return broken_off(Err(tampered.into())),
        Err(InspectError::Open(error)) => return broken_off(Err(error.into())),
    };
    let (occasion, last, root) = (Occasion::LookedOver, sound.size, sound.root);
    verified.done(Verification { occasion, began, ended, first: 1, last, root, against });
    Ok(())
}

/// The part that a start did not read.
struct Looking<'v> {
    holding: Holding,
    verified: &'v Verified,
}

/// Why the next start is to read all of the log.
enum Unfit {
    /// It failed verification.
    Tampered(Tampered),
    /// It is, and its tiles differ from it.
    Tiles(Sound),
}

impl Inspect for Looking<'_> {
    type Findings = Sound;
    type Error = Unfit;

    fn record(&mut self, position: Position, record: &[u8]) {
        self.holding.record(position.0, record);
        if position.0.is_multiple_of(TELL_EVERY) {
            // Whether it is to go on is asked elsewhere.
            self.verified.sees(position.0);
        }
    }

    fn judge(self, head: Position) -> Result<Sound, Unfit> {
        let sound = self.holding.judge(head.0).map_err(Unfit::Tampered)?;
        if sound.tiles_fit { Ok(sound) } else { Err(Unfit::Tiles(sound)) }
    }
}
