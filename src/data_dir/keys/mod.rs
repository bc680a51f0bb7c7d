//! The keys of a ledger: the master key, and those that sign checkpoints.

mod credential;
pub(super) mod master;
mod rotate;
pub(super) mod signing;

use self::credential::is_credential;
use crate::config::Config;
use crate::keyring::{Keyring, KeyringError};
use crate::vault::MasterKey;

pub use self::rotate::{rotate_signing_key, rotate_signing_key_with};

/// The master key, from where the configuration says, for whoever can do without and proves less then.
pub fn master_key_at_hand(config: &Config) -> Option<MasterKey> {
    let read = master::read(config);
    read.inspect_err(|error| tracing::warn!(%error, "the entries of the vault are not opened")).ok()
}

/// The keys that checkpoints are signed with, from where the configuration says.
pub fn keyring(config: &Config) -> Result<Keyring, KeyringError> {
    let path = config.signing_key_file();
    Keyring::read(&path, is_credential(&path))
}
