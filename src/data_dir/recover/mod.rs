//! Operator-approved recovery of an altered log. What cannot be kept is set
//! aside, never deleted; the history that follows has an origin and a key of its own, since an origin
//! never signs two histories; and the loss is the first record of it.

mod kept_entries;
mod pending;
mod restored;
mod set_aside;
mod vault_loss;

use std::fs::{File, TryLockError};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfa_ledger_schemas::bodies::LossAccepted;
use mfa_ledger_schemas::limits::FOUND_CHARS;
use mfa_ledger_schemas::{Event, codec};

use self::set_aside::{cut_from, set_aside};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::{Means, Opened, StartError, keys};
use crate::log::embedded::raw;
use crate::service::{Caller, command};

pub use self::kept_entries::keys_set_aside;
pub(super) use self::pending::Pending;
pub(super) use self::restored::put_on_record;

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
    let opened = accept(config, reason, operator, means).await?;
    put_on_record(opened, means).await
}

/// Opens it, with whatever loss there is accepted and on record.
async fn accept(
    config: &Config,
    reason: &str,
    operator: String,
    means: &Means,
) -> Result<Opened, StartError> {
    let (dir, caller) = (&config.data_dir, Caller::Operator(operator.clone()));
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
            let recorded = is_on_record(
                dir,
                |event| matches!(event, Event::LossAccepted(it) if it.verifier == loss.verifier),
            );
            finish(opened, &operator, means, loss, recorded).await
        }
        (Ok((opened, _)), pending) => {
            opened.close().await?;
            let loss = set_aside(config, None, reason, pending, means)?;
            let (opened, _) = vault_loss::open_accepting(config, reason, &caller, means).await?;
            finish(opened, &operator, means, loss, Ok(false)).await
        }
        (Err(error), pending) if error.can_be_accepted() => {
            refuse_if_nobody_remains(dir, &error)?;
            let loss = set_aside(config, Some(&error), reason, pending, means)?;
            let (opened, _) = vault_loss::open_accepting(config, reason, &caller, means).await?;
            finish(opened, &operator, means, loss, Ok(false)).await
        }
        (Err(error), _) => Err(error),
    }
}

/// Whether the log is signed for by the key that follows this loss.
fn signs(config: &Config, loss: &LossAccepted) -> Result<bool, StartError> {
    let keyring = keys::keyring(config).map_err(StartError::Keyring)?;
    Ok(keyring.signing().verifier().to_string() == loss.verifier)
}

/// Whether the log holds such an event.
fn is_on_record(dir: &Path, wanted: impl Fn(&Event) -> bool) -> Result<bool, StartError> {
    let mut found = false;
    raw::scan(dir, None, |frame| {
        found = codec::decode(frame.record()).is_ok_and(|record| wanted(&record.event));
        if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

async fn finish(
    opened: Opened,
    operator: &str,
    means: &Means,
    loss: LossAccepted,
    recorded: Result<bool, StartError>,
) -> Result<Opened, StartError> {
    let dir = opened.data_dir().to_owned();
    let loss = LossAccepted { kept: opened.opening.head.0, ..loss };
    // What was recorded since is unknown to the log, as after a backup.
    let finished = match restored::mark(&opened, operator, means).and(recorded) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let caller = Caller::Operator(operator.to_owned());
            opened.execute(&caller, command::AcceptLoss(loss)).await.map(|done| {
                tracing::warn!(position = %done.receipt.position, "the loss was accepted, and is on record");
            })
        }
        Err(error) => Err(error),
    };
    match finished.and_then(|()| Pending::remove(&dir, &means.disk)) {
        Ok(()) => Ok(opened),
        Err(error) => {
            // Why it could not be recorded matters more than how the log closed.
            let _unheard = opened.close().await;
            Err(error)
        }
    }
}

/// The lock of the log, so that nobody opens it meanwhile.
pub(super) fn lock(dir: &Path) -> Result<File, StartError> {
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
fn free_place(dir: &Path, clock: &Clock) -> PathBuf {
    let mut number = clock.unix_ms();
    loop {
        let place = dir.join("lost").join(number.to_string());
        if !place.exists() {
            return place;
        }
        number = number.wrapping_add(1);
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

/// What was found, as the record tells it.
fn found(error: &StartError) -> String {
    error.to_string().chars().take(FOUND_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_cut_at_300_characters() {
        let with = |chars: usize| {
            let around = StartError::MetaMissing(PathBuf::new()).to_string().chars().count();
            StartError::MetaMissing("€".repeat(chars - around).into())
        };
        let (longest, longer) = (with(FOUND_CHARS), with(FOUND_CHARS + 1));
        assert_eq!(found(&longest), longest.to_string());
        assert!(longer.to_string().starts_with(&found(&longer)));
        assert_eq!(found(&longer).chars().count(), FOUND_CHARS);
    }
}
