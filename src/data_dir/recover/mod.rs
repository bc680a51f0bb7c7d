//! Going on with a log that is not what it was, because an operator says so. What cannot be kept is set
//! aside, never deleted; the history that follows has an origin and a key of its own, since an origin
//! never signs two histories; and the loss is the first record of it.

mod kept_entries;
mod vault_loss;

use std::fs::{File, TryLockError};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use kept_entries::keys_set_aside;
use mfa_ledger_schemas::limits::FOUND_CHARS;
use mfa_ledger_schemas::v1::LossAccepted;
use mfa_ledger_schemas::{Event, codec};
use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::begin::execute;
use crate::data_dir::keys::{self, signing};
use crate::data_dir::meta::Meta;
use crate::data_dir::{Means, Opened, StartError};
use crate::disk::Disk;
use crate::integrity::Kind;
use crate::keyring::Keyring;
use crate::log::Position;
use crate::log::embedded::{OpenError, raw};
use crate::service::{Caller, Intent};
use crate::tiles::CHECKPOINT;
use crate::tlog::SignedCheckpoint;

/// What an operator accepted and is not on record yet: `accepting-loss.json`, there from before the first change
/// to the log until the record is durable.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::data_dir) struct Pending(LossAccepted);

impl Pending {
    fn path(dir: &Path) -> PathBuf {
        dir.join("accepting-loss.json")
    }

    /// Whether the log is about to continue under these keys.
    pub fn is_of(dir: &Path, keyring: &Keyring) -> Result<bool, StartError> {
        let pending = Self::read(dir)?;
        Ok(pending.is_some_and(|Self(loss)| loss.verifier == keyring.signing().verifier().to_string()))
    }

    /// Refuses a data directory in which a loss of records was being accepted.
    pub fn require_none(dir: &Path) -> Result<(), StartError> {
        match Self::read(dir)? {
            Some(_) => Err(StartError::AcceptanceInterrupted(dir.into())),
            None => Ok(()),
        }
    }

    /// What lies in a data directory.
    pub fn read(dir: &Path) -> Result<Option<Self>, StartError> {
        let file = Self::path(dir);
        match std::fs::read(&file) {
            Ok(json) => match serde_json::from_slice(&json) {
                Ok(pending) => Ok(Some(pending)),
                Err(error) => Err(StartError::io(file)(error.into())),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StartError::io(file)(error)),
        }
    }

    fn store(&self, dir: &Path, disk: &Disk) -> Result<(), StartError> {
        let json = serde_json::to_vec(self).expect("words and numbers are JSON");
        let file = Self::path(dir);
        disk.replace(&file, &json).map_err(StartError::io(file))
    }

    fn remove(dir: &Path, disk: &Disk) -> Result<(), StartError> {
        let file = Self::path(dir);
        disk.remove(&file).and_then(|()| disk.sync_dir(dir)).map_err(StartError::io(file))
    }
}

/// Opens a ledger; one that was altered, cut or rolled back is gone on with, and that is recorded.
pub async fn open_accepting_loss(
    config: &Config,
    reason: &str,
    operator: String,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
) -> Result<Opened, StartError> {
    open_accepting_loss_with(config, reason, operator, &Means::of(clock, chance)).await
}

/// The same on a disk of choice. What an earlier attempt that was interrupted has done is not done again.
pub async fn open_accepting_loss_with(
    config: &Config,
    reason: &str,
    operator: String,
    means: &Means,
) -> Result<Opened, StartError> {
    let (dir, caller) = (&config.data_dir, Caller::Operator(operator));
    let pending = Pending::read(dir)?.map(|Pending(loss)| loss);
    match (vault_loss::open_accepting(config, reason, &caller, means).await, pending) {
        (Ok((opened, vault_lost)), None) => {
            if !vault_lost {
                tracing::warn!(
                    "nothing is lost, so there was nothing to accept: start without --accept-loss"
                );
            }
            Ok(opened)
        }
        (Ok((opened, _)), Some(loss)) if signs(config, &loss)? => {
            let recorded = is_recorded(dir, &loss);
            finish(opened, dir, &caller, means, loss, recorded).await
        }
        (Ok((opened, _)), pending) => {
            opened.close().await?;
            let loss = set_aside(config, None, reason, pending, means)?;
            let (opened, _) = vault_loss::open_accepting(config, reason, &caller, means).await?;
            finish(opened, dir, &caller, means, loss, Ok(false)).await
        }
        (Err(error), pending) if error.can_be_accepted() => {
            refuse_if_nobody_remains(dir, &error)?;
            let loss = set_aside(config, Some(&error), reason, pending, means)?;
            let (opened, _) = vault_loss::open_accepting(config, reason, &caller, means).await?;
            finish(opened, dir, &caller, means, loss, Ok(false)).await
        }
        (Err(error), _) => Err(error),
    }
}

/// Whether the log is signed for by the key that follows this loss.
fn signs(config: &Config, loss: &LossAccepted) -> Result<bool, StartError> {
    let keyring = keys::keyring(config).map_err(StartError::Keyring)?;
    Ok(keyring.signing().verifier().to_string() == loss.verifier)
}

/// Whether the log says so already.
fn is_recorded(dir: &Path, loss: &LossAccepted) -> Result<bool, StartError> {
    let mut found = false;
    raw::scan(dir, None, |frame| {
        let event = codec::decode(frame.record()).map(|record| record.event);
        found = matches!(event, Ok(Event::LossAccepted(it)) if it.verifier == loss.verifier);
        if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

async fn finish(
    opened: Opened,
    dir: &Path,
    caller: &Caller,
    means: &Means,
    loss: LossAccepted,
    recorded: Result<bool, StartError>,
) -> Result<Opened, StartError> {
    let loss = LossAccepted { kept: opened.opening.head.0, ..loss };
    let finished = match recorded {
        Ok(true) => Ok(()),
        Ok(false) => execute(&opened, caller, Intent::AcceptLoss(loss)).await.map(|done| {
            tracing::warn!(position = %done.position, "the loss was accepted, and is on record");
        }),
        Err(error) => Err(error),
    };
    match finished.and_then(|()| Pending::remove(dir, &means.disk)) {
        Ok(()) => Ok(opened),
        Err(error) => {
            // Why it could not be recorded matters more than how the log closed.
            let _unheard = opened.close().await;
            Err(error)
        }
    }
}

/// Takes what cannot be kept out of the way, and gives the log its next origin. `error` is what is wrong with
/// it, `pending` what an earlier attempt has found.
fn set_aside(
    config: &Config,
    error: Option<&StartError>,
    reason: &str,
    pending: Option<LossAccepted>,
    means: &Means,
) -> Result<LossAccepted, StartError> {
    let (dir, Means { disk, clock, chance }) = (&config.data_dir, means);
    let _lock = lock(dir)?;
    let path = config.signing_key_file();
    let keyring = match error {
        // Who signed for it so far is not known any more.
        Some(StartError::Unsigned(_)) => {
            let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
            Keyring::generate(&meta.ledger.to_string(), chance)
        }
        _ => keys::keyring(config).map_err(StartError::Keyring)?,
    };
    let aside = free_place(dir, clock);
    let signed_size = keep(dir, &aside, disk).map_err(StartError::io(aside.clone()))?;
    let next = keyring.with_next_origin(chance);
    let verifier = next.signing().verifier().to_string();
    let loss = match pending {
        Some(earlier) => LossAccepted { reason: reason.trim().to_owned(), verifier, ..earlier },
        None => LossAccepted {
            reason: reason.trim().to_owned(),
            found: error.map(ToString::to_string).unwrap_or_default().chars().take(FOUND_CHARS).collect(),
            first_bad: error.and_then(first_bad),
            origin: keyring.origin().to_owned(),
            signed_size,
            kept: 0,
            verifier,
        },
    };
    let pending = Pending(loss);
    pending.store(dir, disk)?;
    let cut_position = error.and_then(cut_from);
    kept_entries::keep(dir, &aside, cut_position, means)?;
    if let Some(position) = cut_position {
        raw::cut_from(dir, position, &aside, disk)?;
    }
    raw::take_second_mark(dir, disk)?;
    for name in ["sled", "closed"] {
        let (from, to) = (dir.join(name), aside.join(name));
        if from.exists() {
            disk.rename(&from, &to).map_err(StartError::io(from.clone()))?;
        }
    }
    disk.sync_dir(dir).map_err(StartError::io(dir))?;
    next.store(&path, disk).map_err(StartError::Keyring)?;
    signing::store_empty(config, &next, disk)?;
    tracing::warn!(aside = %aside.display(), origin = next.origin(), "what could not be kept was set aside");
    Ok(pending.0)
}

/// The lock of the log, so that nobody opens it meanwhile.
pub(in crate::data_dir) fn lock(dir: &Path) -> Result<File, StartError> {
    let path = dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(StartError::io(path.clone()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(dir.into())),
        Err(TryLockError::Error(error)) => Err(StartError::io(path)(error)),
    }
}

/// A directory of its own for what is set aside, whatever the clock says.
pub(in crate::data_dir) fn free_place(dir: &Path, clock: &Clock) -> PathBuf {
    let mut number = clock.unix_ms();
    loop {
        let place = dir.join("lost").join(number.to_string());
        if !place.exists() {
            return place;
        }
        number = number.wrapping_add(1);
    }
}

/// Keeps the last checkpoint of the history that ends, and tells how long that was.
fn keep(dir: &Path, aside: &Path, disk: &Disk) -> std::io::Result<Option<u64>> {
    disk.create_dir_all(aside)?;
    match std::fs::read(dir.join(CHECKPOINT)) {
        Ok(text) => {
            disk.replace(&aside.join(CHECKPOINT), &text)?;
            Ok(SignedCheckpoint::parse(&text).ok().map(|signed| signed.checkpoint.size))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Refuses before anything is changed, where the records that could be kept register no administrator: nobody could sign
/// in to what is left.
fn refuse_if_nobody_remains(dir: &Path, error: &StartError) -> Result<(), StartError> {
    let Some(first_lost) = cut_from(error) else { return Ok(()) };
    let mut somebody = false;
    // It ends at the damage; what is asked for lies before.
    let _ends_there = raw::scan(dir, None, |frame| {
        let event = codec::decode(frame.record()).map(|record| record.event);
        somebody = frame.position < first_lost && matches!(event, Ok(Event::AdministratorRegistered(_)));
        if somebody || frame.position >= first_lost {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    if somebody { Ok(()) } else { Err(StartError::NothingRemains(first_lost.0)) }
}

/// From where on the records are of no use; `None` when all that is there can be read.
fn cut_from(error: &StartError) -> Option<Position> {
    match error {
        StartError::Log(OpenError::Integrity { position, .. }) => Some(*position),
        StartError::Tampered(tampered) if tampered.kind == Kind::Undecodable => {
            tampered.first_bad_position().map(Position)
        }
        _ => None,
    }
}

fn first_bad(error: &StartError) -> Option<u64> {
    match error {
        StartError::Log(OpenError::Integrity { position, .. }) => Some(position.0),
        StartError::Tampered(tampered) => tampered.first_bad_position(),
        _ => None,
    }
}
