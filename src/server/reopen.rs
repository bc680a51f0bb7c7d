//! After a failed write or sync, log and vault write nothing until they are reopened. A running server does that by
//! itself once the disk takes writes again.
//!
//! Until then reads go on from the files that are open. Then the files are closed and opened anew as at every start,
//! which is where everything that is in doubt is settled. What was unknown to a caller stays so: the log tells after
//! the reopening, under the same key.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_projections::State;
use tokio::time::{sleep, timeout};

use super::ServeError;
use super::epoch::{Epoch, Lasting};
use super::signals::Signals;
use super::watchdog::Watchdog;
use crate::back_off::BackOff;
use crate::data_dir::{Means, Opened, StartError, open_with};
use crate::disk::Disk;
use crate::error_chain::error_chain;
use crate::http::{self, Front};
use crate::vitals::Since;

/// How often log and vault are asked whether they can be written.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Time between two probes of the disk.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// Bytes that a probe writes.
const PROBE_BYTES: usize = 4_096;

/// The wait between attempts to open, and before files are reopened that failed soon after the last time.
const BACK_OFF: BackOff = BackOff::new(Duration::from_secs(1), Duration::from_secs(30));

/// Files that have been written for so long since they were reopened are well.
const WELL_AFTER: Duration = Duration::from_mins(1);

/// What follows the log has so long for what it is at.
const LAST_WITHIN: Duration = Duration::from_secs(1);

/// Files that are not closed by then do not close.
const CLOSE_WITHIN: Duration = Duration::from_mins(1);

/// When files were reopened last, and how often in a row.
#[derive(Debug, Default)]
pub(super) struct Repair {
    last: Option<Since>,
    times: u32,
}

impl Repair {
    /// Waits until a write has failed and the disk takes writes again; for ever where none fails.
    pub async fn is_due(&self, opened: &Opened, watchdog: &Watchdog) {
        let why = loop {
            match opened.broken() {
                Some(why) => break why,
                None => sleep(LOOK_EVERY).await,
            }
        };
        let pause_seconds = self.pause().as_secs();
        tracing::error!(
            why,
            pause_seconds,
            "a write has failed: nothing is recorded until the disk is well and the files are reopened"
        );
        sleep(self.pause()).await;
        let mut told = None;
        while let Err(error) = probe(opened, watchdog).await {
            let error = error.to_string();
            if told.as_ref() != Some(&error) {
                tracing::warn!(error, "the disk does not take writes; it is probed every second");
            }
            told = Some(error);
            sleep(PROBE_EVERY).await;
        }
    }

    /// Files that fail soon after they were reopened would be reopened all the time otherwise.
    fn pause(&self) -> Duration {
        BACK_OFF.after(self.lately())
    }

    /// How often in a row files were reopened that were not well for long.
    fn lately(&self) -> u32 {
        self.last.filter(|last| last.elapsed() < WELL_AFTER).map_or(0, |_| self.times)
    }

    fn reopened(&mut self) {
        self.times = self.lately().saturating_add(1);
        self.last = Some(Since::now());
    }

    /// Closes the files and opens them anew; `None` when a signal came meanwhile.
    ///
    /// # Errors
    /// When the log fails verification, or the files do not close.
    pub async fn reopen(
        &mut self,
        epoch: Epoch,
        lasting: &Lasting<'_>,
        front: &Front,
        signals: &mut Signals,
    ) -> Result<Option<Epoch>, ServeError> {
        front.put(http::reopening(epoch.opened.service.peek(State::position)));
        tracing::warn!("the disk takes writes again: log and vault are reopened");
        let (means, owed) = (epoch.opened.means(), epoch.opened.service.owed());
        match timeout(CLOSE_WITHIN, epoch.close_within(LAST_WITHIN)).await {
            Ok(Ok(())) => {}
            // A log that could not be written does not close in good order: the next start settles that.
            Ok(Err(error)) => tracing::info!(why = error_chain(&error), "closed after a failure"),
            Err(_) => return Err(StartError::Close("the files did not close in time".into()).into()),
        }
        let mut failures = 0_u32;
        loop {
            let opened = tokio::select! {
                opened = open(lasting, &means) => opened,
                name = signals.next() => return Ok(ended_by(name)),
            };
            match opened {
                Ok(epoch) => {
                    epoch.opened.service.was_owed(owed);
                    front.put(epoch.app(lasting));
                    lasting.counted.reopened();
                    self.reopened();
                    tracing::info!("log and vault are open again: commands are taken");
                    return Ok(Some(epoch));
                }
                Err(error) if error.is_integrity() => return Err(error),
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let seconds = BACK_OFF.after(failures).as_secs();
                    tracing::error!(
                        error = error_chain(&error),
                        seconds,
                        "log and vault cannot be reopened yet"
                    );
                }
            }
            tokio::select! {
                () = sleep(BACK_OFF.after(failures)) => {}
                name = signals.next() => return Ok(ended_by(name)),
            }
        }
    }
}

fn ended_by(signal: &'static str) -> Option<Epoch> {
    tracing::info!(signal, "ending: the files are closed");
    None
}

async fn open(lasting: &Lasting<'_>, means: &Means) -> Result<Epoch, ServeError> {
    let opened = Box::pin(open_with(lasting.config, means)).await?;
    Epoch::begin(opened, lasting).await
}

/// Writes a small file, syncs it and removes it.
async fn probe(opened: &Opened, watchdog: &Watchdog) -> io::Result<()> {
    let (disk, file) = (opened.means().disk, opened.data_dir().join(".probe"));
    let vitals = Arc::clone(&watchdog.probe);
    let probe = move || vitals.track("a probe of the disk", || write_and_remove(&disk, &file));
    tokio::task::spawn_blocking(probe).await.map_err(io::Error::other)?
}

fn write_and_remove(disk: &Disk, path: &Path) -> io::Result<()> {
    // A probe that failed may have left it.
    if path.exists() {
        disk.remove(path)?;
    }
    let file = disk.create_new(path)?;
    file.write_all_at(&[0; PROBE_BYTES], 0)?;
    file.sync_data()?;
    disk.sync_dir(crate::disk::parent(path))?;
    disk.remove(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Fate;

    #[test]
    fn a_probe_leaves_nothing_and_fails_as_the_disk_does() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(".probe");
        write_and_remove(&Disk::real(), &file).unwrap();
        assert!(!file.exists());
        let (disk, recorded) = Disk::recorded();
        write_and_remove(&disk, &file).unwrap();
        for (step, fate) in (1..=recorded.taken()).flat_map(|step| Fate::ALL.map(|fate| (step, fate))) {
            let (disk, faults) = Disk::faulty_once(step, fate);
            let failed = write_and_remove(&disk, &file).is_err();
            assert_eq!(failed, faults.failed().is_some(), "{step} {fate:?}");
            write_and_remove(&disk, &file).unwrap();
        }
    }

    #[test]
    fn files_that_fail_soon_after_they_were_reopened_wait_longer_each_time() {
        let mut repair = Repair::default();
        let mut pauses = Vec::new();
        for _ in 0..7 {
            pauses.push(repair.pause().as_secs());
            repair.reopened();
        }
        assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 30]);
    }
}
