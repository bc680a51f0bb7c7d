//! The whole log is verified while it is served, whenever somebody wants that: from its first record to the newest
//! checkpoint, by one reader that takes no lock, so that no command waits for it.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_schemas::{Instant, LedgerId};
use tokio::task::JoinError;

use super::{against, tiles};
use crate::clock::Clock;
use crate::data_dir::StartError;
use crate::follow::seal::Sealer;
use crate::follow::verified::{Occasion, Verification, Verified};
use crate::integrity::{CheckpointError, Examined, Holding, Remembered, TELL_EVERY, read_checkpoint};
use crate::log::BoxError;
use crate::log::embedded::{OpenError, raw};
use crate::tiles::CHECKPOINT;

/// How often one that waits for another looks whether that has ended.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Verifies the log.
#[derive(Clone)]
pub(crate) struct OnDemand {
    pub verified: Arc<Verified>,
    pub sealer: Arc<Sealer>,
    pub ledger: LedgerId,
    pub data_dir: PathBuf,
    pub clock: Arc<Clock>,
}

/// Why a verification came to no end.
enum Broken {
    /// The log failed verification.
    Tampered(StartError),
    /// A file cannot be read.
    Unread(BoxError),
    /// The server ends.
    Ending,
}

impl From<OpenError> for Broken {
    fn from(error: OpenError) -> Self {
        match StartError::from(error) {
            error if error.is_integrity() => Self::Tampered(error),
            error => Self::Unread(error.into()),
        }
    }
}

impl OnDemand {
    /// Verifies whenever that is wanted, until the log fails verification, or verifying it panics.
    pub async fn tampered(&self) -> Result<StartError, JoinError> {
        loop {
            self.verified.wanted().await;
            // What a start had not read comes first.
            while self.verified.known().running.is_some() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            let verifying = self.clone();
            if let Some(error) = tokio::task::spawn_blocking(move || verifying.once()).await? {
                return Ok(error);
            }
        }
    }

    /// Once; what is wrong with the log, if that is so.
    fn once(&self) -> Option<StartError> {
        match self.verify() {
            Ok(verification) => {
                let (records, root) = (verification.last, verification.root.to_string());
                tracing::info!(records, root, "the whole log was verified: it is what was signed for");
                self.verified.done(verification);
                None
            }
            Err(Broken::Tampered(error)) => Some(error),
            Err(Broken::Unread(error)) => {
                tracing::error!(error, "the log could not be verified");
                self.verified.broken_off(self.now());
                None
            }
            Err(Broken::Ending) => None,
        }
    }

    fn verify(&self) -> Result<Verification, Broken> {
        let (occasion, began) = (Occasion::OnDemand, self.now());
        // The wish is granted also where it comes to nothing.
        self.verified.begin(occasion, began, 0);
        let remembered = self.remembered()?;
        let last = remembered.iter().map(|it| it.checkpoint.size).max().unwrap_or(0);
        self.verified.reaches(last);
        let against = against(&remembered);
        let mut holding = Holding::new(remembered, Some(self.sealer.tiles().clone()));
        let head = self.read(&mut holding, last)?;
        let sound = holding.judge(head).map_err(|tampered| Broken::Tampered(tampered.into()))?;
        if !sound.tiles_fit {
            tracing::warn!("{}", tiles::DIFFER);
        }
        let (ended, root) = (self.now(), sound.root);
        Ok(Verification { occasion, began, ended, first: 1, last: sound.size, root, against })
    }

    /// What the disk says was signed, and what this process remembers to have signed.
    fn remembered(&self) -> Result<Vec<Remembered>, Broken> {
        let newest = self.sealer.newest().signed.checkpoint.clone();
        let file = self.data_dir.join(CHECKPOINT);
        let own = match read_checkpoint(&file, Some(&self.sealer.verifiers())) {
            Ok(signed) => signed.checkpoint,
            Err(CheckpointError::Note(_, source)) => {
                return Err(Broken::Tampered(StartError::Checkpoint { file, source }));
            }
            Err(error) => return Err(Broken::Unread(error.into())),
        };
        let of = |source: &str, checkpoint| Remembered { source: source.to_owned(), checkpoint };
        Ok(vec![of(CHECKPOINT, own), of("memory", newest)])
    }

    /// Shows all records up to the last; behind it the journal may be half written. The last that there was.
    fn read(&self, holding: &mut Holding, last: u64) -> Result<u64, Broken> {
        if last == 0 {
            return Ok(0);
        }
        let (mut head, mut ending) = (0, false);
        raw::scan_aside(&self.data_dir, Some(self.ledger.bytes()), |frame| {
            head = frame.position.0;
            holding.add(head, Examined::of_body(frame.body, self.ledger));
            ending = head.is_multiple_of(TELL_EVERY) && !self.verified.sees(head);
            if ending || head == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if ending { Err(Broken::Ending) } else { Ok(head) }
    }

    fn now(&self) -> Instant {
        Instant::from_unix_ms(self.clock.unix_ms())
    }
}
