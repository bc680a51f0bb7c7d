//! Opening a data directory: meta, log (which takes the lock), key, vault, fold, sweep.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfa_ledger_schemas::LedgerId;

use super::log::{Beside, Held, open_log, reserve};
use super::meta::Meta;
use super::recover::{Pending, put_on_record};
use super::verify::{Background, OnDemand};
use super::{Means, StartError, vault};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::follow::project::Stopped;
use crate::follow::seal::{Begin, Sealer};
use crate::follow::verified::Verified;
use crate::integrity::Rest;
use crate::log::embedded::{Closed, Embedded, Opening};
use crate::log::{Log, Position};
use crate::service::{Call, Caller, Done, Failure, Guard, Parts, Service, UseCase};
use crate::vault::hashing::{HashCost, Hashing};
use crate::vitals::Vitals;

/// A data directory with a service on it.
pub struct Opened {
    /// The service.
    pub service: Arc<Service>,
    /// Its checkpoints and proofs.
    pub sealer: Arc<Sealer>,
    /// What was found when the log was opened.
    pub opening: Opening,
    /// What of the log was verified, and is while it is served.
    pub verified: Arc<Verified>,
    /// What the part of it that was not read then is to be held against.
    rest: Option<Rest>,
    ledger: LedgerId,
    log: Arc<Embedded>,
    data_dir: PathBuf,
    means: Means,
}

/// Opens a ledger that was initialised.
pub async fn open(config: &Config, clock: Arc<Clock>, chance: Arc<Chance>) -> Result<Opened, StartError> {
    open_with(config, &Means::of(clock, chance)).await
}

/// The same on a disk of choice.
pub async fn open_with(config: &Config, means: &Means) -> Result<Opened, StartError> {
    Pending::require_none(&config.data_dir)?;
    vault::require_recorded(&config.data_dir)?;
    put_on_record(open_initialised(config, means).await?, means).await
}

/// The same, whatever an operator was about to accept.
pub(super) async fn open_initialised(config: &Config, means: &Means) -> Result<Opened, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let opened = open_ledger(config, &meta, means).await?;
    if !opened.has_administrators() {
        opened.close().await?;
        return Err(StartError::NotInitialised(dir.clone()));
    }
    Ok(opened)
}

/// Opens the ledger of this meta file, whatever it holds.
pub(super) async fn open_ledger(config: &Config, meta: &Meta, means: &Means) -> Result<Opened, StartError> {
    let data_dir = config.data_dir.clone();
    let Held { log, opening, sealing, verified, rest, beside } = open_log(config, meta, means).await?;
    tell(&opening, &data_dir);
    let known = Arc::new(Verified::default());
    known.done(verified);
    let (signed, second) = (Position(sealing.last.checkpoint.size), opening.second);
    let log = Arc::new(log);
    let begun = begin(config, meta, &log, sealing, means, beside).await;
    match begun {
        Ok((service, sealer)) => {
            let (sealer, ledger, means) = (Arc::new(sealer), meta.ledger, means.clone());
            Ok(Opened { service, sealer, opening, verified: known, rest, ledger, log, data_dir, means })
        }
        Err(error) => {
            // The reason why nothing starts matters more than how the log closed.
            if let (Ok(Some(closed)), true) = (log.close_signed(signed).await, second) {
                leave_second(closed, Closed::put_second_back).await;
            }
            Err(error)
        }
    }
}

async fn begin(
    config: &Config,
    meta: &Meta,
    log: &Arc<Embedded>,
    sealing: Begin,
    means: &Means,
    Beside { master, snapshots }: Beside,
) -> Result<(Arc<Service>, Sealer), StartError> {
    let master = master?;
    let cost = HashCost {
        memory_kib: config.hashing.memory_kib,
        passes: config.hashing.passes,
        lanes: config.hashing.lanes,
    };
    let hashing = Arc::new(Hashing::start(cost).map_err(StartError::Hashing)?);
    let head = log.head().await.map_err(|error| StartError::Projection(Stopped(error.to_string().into())))?;
    let as_found = vault::AsFound::of(&config.data_dir);
    let vault = vault::open(&config.data_dir, head, &master, means).await?;
    let Means { disk, clock, chance } = means.clone();
    let guard = Guard::start(disk.clone(), &config.data_dir, reserve(config)).await;
    let (log, ledger) = (Arc::clone(log) as Arc<dyn Log>, meta.ledger);
    let sealer = Sealer::start(&log, sealing);
    let service =
        Service::start(Parts { log, vault, master, hashing, clock, chance, ledger, guard, snapshots });
    service.catch_up().await.map_err(StartError::Projection)?;
    // Before the sweep: it destroys what the log does not name.
    if let Err(refused) = vault::require_own(&config.data_dir, &service, &disk) {
        // It is left as it was: a vault that was closed in good order says so.
        if service.close_vault().await.is_ok() {
            as_found.put_back(&disk);
        }
        return Err(refused);
    }
    match service.sweep().await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "vault entries that nothing names any more were destroyed"),
        Err(Failure::ReadOnly(_)) => {
            tracing::warn!(
                "what nothing in the vault names any more is left to a start with room on the disk"
            );
        }
        Err(failure) => return Err(StartError::Failed(failure)),
    }
    Ok((service, sealer))
}

fn tell(opening: &Opening, dir: &Path) {
    let Opening { head, segments, clean, second: _, unseen, caught_up, rebuilt, cut } = opening;
    tracing::info!(dir = %dir.display(), %head, segments, clean, "the log is open");
    if *unseen > Position::START {
        tracing::info!(up_to = %unseen, "older records were looked over in the last run, and are so again in this one");
    }
    if *caught_up > 0 {
        tracing::info!(records = caught_up, "the reading copy was behind and was caught up from the journal");
    }
    if let Some(rebuilt) = rebuilt {
        let aside = rebuilt.aside.as_ref().map(|path| path.display().to_string());
        let (why, records) = (&rebuilt.why, rebuilt.records);
        tracing::warn!(why, records, aside, "the reading copy was rebuilt from the journal; nothing is lost");
    }
    if let Some(cut) = cut {
        let (file, position, bytes) = (cut.file.display(), cut.position, cut.bytes);
        if cut.stray {
            tracing::warn!(%file, bytes, "a bit behind the last record had changed, where nothing was written; it was cut off");
        } else {
            tracing::warn!(
                %file, %position, bytes,
                "the last batch was incomplete and was cut off: a part of it was never written, so no caller was answered for it"
            );
        }
    }
}

/// Leaves the second mark of an orderly stop, and lets go of the directory.
async fn leave_second(closed: Closed, leave: fn(&Closed) -> std::io::Result<()>) {
    let left = tokio::task::spawn_blocking(move || leave(&closed)).await;
    if let Err(error) = left.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
        tracing::warn!(%error, "the second mark of the stop was not written; the next start works without it");
    }
}

impl Opened {
    /// The clock that it goes by.
    pub fn clock(&self) -> Arc<Clock> {
        Arc::clone(&self.means.clock)
    }

    /// Whether anybody could ever log in.
    pub(super) fn has_administrators(&self) -> bool {
        self.service.peek(|state| state.directory.administrators().next().is_some())
    }

    /// Executes a command of an operator at this machine.
    pub(super) async fn execute<C: UseCase>(
        &self,
        caller: &Caller,
        command: C,
    ) -> Result<Done<C::Ending>, StartError> {
        let answer = self.service.execute(Call::by(caller.clone(), "init"), command).await;
        answer.map_err(StartError::Failed)?.map_err(|rejected| StartError::Refused(rejected.code()))
    }

    /// Where it lies.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Whose it is.
    pub(crate) fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// Its log, to read.
    pub(crate) fn log(&self) -> Arc<dyn Log> {
        Arc::clone(&self.log) as Arc<dyn Log>
    }

    /// Looks over what was not read of the log when it was opened.
    pub(crate) fn look_over(&mut self) -> Background {
        let verified = Arc::clone(&self.verified);
        Background::start(Arc::clone(&self.log), self.rest.take(), verified, self.clock())
    }

    /// Verifies the whole log when somebody wants it.
    pub(crate) fn on_demand(&self) -> OnDemand {
        OnDemand {
            verified: Arc::clone(&self.verified),
            sealer: Arc::clone(&self.sealer),
            ledger: self.ledger,
            data_dir: self.data_dir.clone(),
            clock: self.clock(),
        }
    }

    /// Why the log takes no more commands, if that is so.
    pub fn poisoned(&self) -> Option<String> {
        self.log.poisoned().map(str::to_owned)
    }

    /// Why log or vault write nothing until they are reopened, if that is so.
    pub(crate) fn broken(&self) -> Option<String> {
        let vault = self.service.vault_condition().broken.map(|broken| broken.why);
        self.poisoned().or(vault)
    }

    /// What the threads tell that write log and vault.
    pub(crate) fn vitals(&self) -> [Arc<Vitals>; 2] {
        [self.log.vitals(), self.service.vault_vitals()]
    }

    /// What it is worked with.
    pub(crate) fn means(&self) -> Means {
        self.means.clone()
    }

    /// Writes what waits, syncs, and lets go of the directory.
    pub async fn close(self) -> Result<(), StartError> {
        self.close_after(async {}).await
    }

    /// The same, where something waits for the last checkpoint: the log stays open until it has it.
    pub(crate) async fn close_after(self, passed_on: impl Future<Output = ()>) -> Result<(), StartError> {
        self.service.finish().await;
        self.service.keep().await;
        let sealed = self.sealer.close().await;
        passed_on.await;
        // A log that is not signed for up to its end leaves no mark of an orderly stop: behind a mark nothing may stand
        // that is not signed for.
        let signed = Position(self.sealer.newest().signed.checkpoint.size);
        let log = self.log.close_signed(signed).await.map_err(StartError::Close);
        // After the log: what the last records ended is destroyed by then. The directory stays ours.
        let vault = self.service.close_vault().await;
        if let Err(error) = &vault {
            tracing::warn!(%error, "the vault was not closed in good order; the next start writes its slots again");
        }
        if let (Some(closed), Ok(())) = (log?, vault) {
            leave_second(closed, Closed::leave_second).await;
        }
        sealed.map_err(StartError::Seal)
    }
}
