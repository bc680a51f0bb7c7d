//! What the anchors held, as it is remembered here, and forgetting it: for an anchor that was emptied on purpose.

use std::ops::RangeInclusive;

use mfa_ledger_schemas::Instant;

use super::{Said, now as ask_now, places, targets};
use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::meta::Meta;
use crate::data_dir::recover::lock;
use crate::data_dir::{StartError, keys};
use crate::disk::Disk;
use crate::follow::anchor::{self, Forgotten, Remembering, is_same};
use crate::integrity::Remembered;
use crate::integrity::data_dir::{self, Against, VerifyError};

/// Positions that are looked at closely: none, since the tree is over all records in any case.
const CLOSE: RangeInclusive<u64> = 0..=0;

/// What is remembered of the anchors and witnesses of this log, and what was forgotten; and why that cannot be trusted.
pub fn remembered_anchors(config: &Config) -> Result<(Remembering, Option<StartError>), StartError> {
    let read = Remembering::read_what_is_left(&places(config)).map_err(StartError::AnchorMemory)?;
    Ok((read.0, read.1.map(StartError::AnchorMemory)))
}

/// Whether the configuration names a target, under any name of it. Blocks: it follows links.
pub fn names_anchor(config: &Config, target: &str) -> Result<bool, StartError> {
    Ok(targets(config)?.iter().any(|it| is_same(&it.named(), target)))
}

/// What was forgotten.
#[derive(Debug)]
pub struct Forgot {
    /// Each act.
    pub acts: Vec<Forgotten>,
    /// What could not be read, and so was not checked.
    pub unread: Vec<String>,
}

/// Forgets what an anchor held, or what all of them held where none is named. The log must have all that it held: a log
/// that was rolled back is a loss, and is not made good by forgetting. Where a file cannot be trusted, the log is held
/// against what is left of both files, and against what the anchors of the configuration hold now. Blocks: reads all of
/// the log.
pub fn forget_anchors(
    config: &Config,
    target: Option<&str>,
    reason: &str,
    operator: &str,
    clock: &Clock,
) -> Result<Forgot, StartError> {
    let dir = &config.data_dir;
    Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let (places, target) = (places(config), target.map(str::trim));
    let (remembering, dispute) = remembered_anchors(config)?;
    let unread = match (dispute, target) {
        (Some(error), Some(_)) => return Err(error),
        (Some(_), None) | (None, _) => {
            remembering.faults.iter().map(|(file, why)| format!("{}: {why}", file.display())).collect()
        }
    };
    let named = target.map(|target| remembering.named(target).unwrap_or_else(|| target.to_owned()));
    let keyring = keys::keyring(config).map_err(StartError::Keyring)?;
    let is_meant = |target: &str| named.as_deref().is_none_or(|named| is_same(named, target));
    let held = remembering
        .everything()
        .filter(|(target, held)| is_meant(target) && held.signed.checkpoint.origin == keyring.origin());
    let remembered = held.map(|(target, held)| Remembered {
        source: format!("{target}, as it was at {}", held.seen),
        checkpoint: held.signed.checkpoint.clone(),
    });
    let mut remembered: Vec<_> = remembered.collect();
    let answers = ask_now(config, &keyring)?;
    remembered.extend(answers.iter().filter_map(Said::held_against));
    let origin = Some(keyring.origin().to_owned());
    let against = Against { keys: Some(keyring.verifiers()), origin, remembered };
    // A server that runs would write down again what is forgotten here.
    let _lock = lock(dir)?;
    match data_dir::verify(dir, against, CLOSE, |_| {}) {
        Ok(_) => {}
        Err(VerifyError::Tampered(tampered)) => return Err(StartError::Tampered(tampered)),
        Err(error) => return Err(StartError::Unverified(error)),
    }
    let now = Instant::from_unix_ms(clock.unix_ms());
    let forgotten = anchor::forget(&places, named.as_deref(), now, (operator, reason), &Disk::real());
    Ok(Forgot { acts: forgotten.map_err(StartError::AnchorMemory)?, unread })
}
