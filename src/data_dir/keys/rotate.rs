//! Another key signs checkpoints from here on. The record that names it is sealed by the key that goes, and
//! the checkpoint over it is then signed by both: whoever trusts the old key learns of the new one.

use std::sync::Arc;

use mfa_ledger_schemas::bodies::SigningKeyRotated;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::open::open_with;
use crate::data_dir::{Means, Opened, StartError};
use crate::service::{Caller, command};
use crate::tiles::CHECKPOINT;

/// Takes the data directory, which no server may hold, and gives the log a new key. Answers with the
/// verifier key of it.
pub async fn rotate_signing_key(
    config: &Config,
    operator: String,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
) -> Result<SigningKeyRotated, StartError> {
    rotate_signing_key_with(config, operator, &Means::of(clock, chance)).await
}

/// The same on a disk of choice.
pub async fn rotate_signing_key_with(
    config: &Config,
    operator: String,
    means: &Means,
) -> Result<SigningKeyRotated, StartError> {
    let opened = open_with(config, means).await?;
    let rotated = rotate(config, &opened, operator, means).await;
    let closed = opened.close().await;
    let rotated = rotated?;
    closed.map(|()| rotated)
}

async fn rotate(
    config: &Config,
    opened: &Opened,
    operator: String,
    means: &Means,
) -> Result<SigningKeyRotated, StartError> {
    let path = config.signing_key_file();
    let keyring = super::keyring(config).map_err(StartError::Keyring)?;
    let next = keyring.rotated(&means.chance);
    let rotated = SigningKeyRotated {
        retired: keyring.signing().verifier().to_string(),
        verifier: next.signing().verifier().to_string(),
    };
    opened.execute(&Caller::Operator(operator), command::RotateSigningKey(rotated.clone())).await?;
    opened.sealer.close().await.map_err(StartError::Seal)?;
    next.store(&path, &means.disk).map_err(StartError::Keyring)?;
    let mut note = opened.sealer.newest().signed.note.clone();
    note.sign(next.signing());
    let file = config.data_dir.join(CHECKPOINT);
    means.disk.replace(&file, note.to_string().as_bytes()).map_err(StartError::io(file))?;
    Ok(rotated)
}
