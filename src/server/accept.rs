//! Going on with a log that is not what it was, because an operator says so. What cannot be kept is set
//! aside, never deleted; the history that follows has an origin and a key of its own, since an origin
//! never signs two histories; and the loss is the first record of it.

use std::path::Path;
use std::sync::Arc;

use mfa_ledger_schemas::limits::FOUND_CHARS;
use mfa_ledger_schemas::v1::LossAccepted;

use super::init::execute;
use super::meta::Meta;
use super::{Opened, StartError, keys, open, signing_keys};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::disk::Disk;
use crate::integrity::Kind;
use crate::keyring::Keyring;
use crate::log::Position;
use crate::log::embedded::{OpenError, raw};
use crate::service::{Caller, Intent};
use crate::tiles::CHECKPOINT;
use crate::tlog::SignedCheckpoint;

/// Opens a ledger; one that was altered, cut or rolled back is gone on with, and that is recorded.
pub async fn open_accepting_loss(
    config: &Config,
    reason: &str,
    operator: String,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
) -> Result<Opened, StartError> {
    let error = match open(config, Arc::clone(&clock), Arc::clone(&chance)).await {
        Ok(opened) => {
            tracing::warn!("nothing is lost, so there was nothing to accept: start without --accept-loss");
            return Ok(opened);
        }
        Err(error) => error,
    };
    if !error.can_be_accepted() {
        return Err(error);
    }
    let mut loss = set_aside(config, &error, reason, &clock, &chance)?;
    let opened = open(config, clock, chance).await?;
    loss.kept = opened.opening.head.0;
    match execute(&opened, &Caller::Operator(operator), Intent::AcceptLoss(loss)).await {
        Ok(done) => {
            tracing::warn!(position = %done.position, "the loss was accepted, and is on record");
            Ok(opened)
        }
        Err(error) => {
            // Why it could not be recorded matters more than how the log closed.
            let _unheard = opened.close().await;
            Err(error)
        }
    }
}

fn set_aside(
    config: &Config,
    error: &StartError,
    reason: &str,
    clock: &Clock,
    chance: &Chance,
) -> Result<LossAccepted, StartError> {
    let (dir, disk) = (&config.data_dir, Disk::real());
    let path = config.signing_key_file();
    let keyring = match error {
        // Who signed for it so far is not known any more.
        StartError::Unsigned(_) => {
            let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
            Keyring::generate(&meta.ledger.to_string(), chance)
        }
        _ => keys::keyring(config).map_err(StartError::Keyring)?,
    };
    let aside = dir.join("lost").join(clock.unix_ms().to_string());
    let io = StartError::io(aside.clone());
    let signed_size = keep(dir, &aside, &disk).map_err(io)?;
    if let Some(position) = cut_from(error) {
        raw::cut_from(dir, position, &aside, &disk)?;
    }
    for name in ["sled", "closed"] {
        let (from, to) = (dir.join(name), aside.join(name));
        if from.exists() {
            disk.rename(&from, &to).map_err(StartError::io(from.clone()))?;
        }
    }
    disk.sync_dir(dir).map_err(StartError::io(dir))?;
    let next = keyring.with_next_origin(chance);
    next.store(&path, &disk).map_err(StartError::Keyring)?;
    signing_keys::store_empty(config, &next, &disk)?;
    tracing::warn!(aside = %aside.display(), origin = next.origin(), "what could not be kept was set aside");
    Ok(LossAccepted {
        reason: reason.trim().to_owned(),
        found: error.to_string().chars().take(FOUND_CHARS).collect(),
        first_bad: first_bad(error),
        origin: keyring.origin().to_owned(),
        signed_size,
        kept: 0,
        verifier: next.signing().verifier().to_string(),
    })
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
