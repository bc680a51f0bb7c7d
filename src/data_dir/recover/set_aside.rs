//! What cannot be kept of a log is taken out of the way, never deleted, and the log gets its next origin.

use std::path::Path;

use mfa_ledger_schemas::bodies::LossAccepted;

use super::{Pending, found, free_place, kept_entries, lock};
use crate::config::Config;
use crate::data_dir::keys::{self, signing};
use crate::data_dir::meta::Meta;
use crate::data_dir::{Means, StartError};
use crate::disk::Disk;
use crate::integrity::Kind;
use crate::keyring::Keyring;
use crate::log::Position;
use crate::log::embedded::{OpenError, raw};
use crate::tiles::CHECKPOINT;
use crate::tlog::SignedCheckpoint;

/// Takes what cannot be kept out of the way, and gives the log its next origin. `error` is what is wrong with
/// it, `pending` what an earlier attempt has found.
pub(super) fn set_aside(
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
            found: error.map(found).unwrap_or_default(),
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
pub(super) fn cut_from(error: &StartError) -> Option<Position> {
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
