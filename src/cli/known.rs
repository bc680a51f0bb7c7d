//! The keys that count: those given, or the public halves of the ones that sign.

use super::exit::Failed;
use crate::config::Config;
use crate::data_dir;
use crate::keyring::{Keyring, KeyringError};
use crate::tlog::VerifierKey;

#[derive(Debug, clap::Args)]
pub(super) struct Known {
    /// Public key that a checkpoint may be signed with, as `log keys` prints it; may be repeated
    /// [default: those of the file of signing keys]
    #[arg(long = "key", value_name = "VKEY")]
    keys: Vec<VerifierKey>,
    /// Do not look at signatures: finds damage, but not a history that somebody has written anew
    #[arg(long, conflicts_with = "keys")]
    pub unsigned: bool,
}

/// The keys, and the origin where it is known from them.
pub(super) struct Keys {
    /// `None` when signatures are not to be looked at.
    pub keys: Option<Vec<VerifierKey>>,
    pub origin: Option<String>,
}

impl Known {
    pub fn keys(&self, config: &Config) -> Result<Keys, Failed> {
        if self.unsigned {
            eprintln!(
                "mfa-ledger: signatures are not checked; whoever wrote this log could have written another"
            );
            return Ok(Keys { keys: None, origin: None });
        }
        if !self.keys.is_empty() {
            return Ok(Keys { keys: Some(self.keys.clone()), origin: None });
        }
        let keyring = keyring(config)?;
        Ok(Keys { keys: Some(keyring.verifiers()), origin: Some(keyring.origin().to_owned()) })
    }
}

/// The keys that sign, of the data directory of the configuration.
pub(super) fn keyring(config: &Config) -> Result<Keyring, Failed> {
    data_dir::keyring(config).map_err(|error| {
        let advice = match &error {
            KeyringError::Missing(_) => {
                "give the public keys with --key (mfa-ledger log keys prints them where they are); \
                 --unsigned does without, and proves less"
            }
            _ => "the file must be readable by its owner alone: chmod 600",
        };
        Failed::new("there is no key to check signatures with").because(&error).advise(advice)
    })
}
