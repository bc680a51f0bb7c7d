//! What a backup is checked with: the public keys that count.

use crate::cli::exit::Failed;
use crate::config::Config;
use crate::keyring::KeyringError;
use crate::server;
use crate::tlog::VerifierKey;

#[derive(Debug, clap::Args)]
pub(super) struct Known {
    /// Public key that the checkpoint may be signed with; may be repeated
    /// [default: those of the file of signing keys]
    #[arg(long = "key", value_name = "VKEY")]
    keys: Vec<VerifierKey>,
    /// Do not look at signatures: finds damage, but not a history that somebody has written anew
    #[arg(long, conflicts_with = "keys")]
    unsigned: bool,
}

impl Known {
    /// The keys that count; `None` when signatures are not to be looked at.
    pub fn keys(&self, config: &Config) -> Result<Option<Vec<VerifierKey>>, Failed> {
        if self.unsigned {
            eprintln!(
                "mfa-ledger: signatures are not checked; whoever wrote this log could have written another"
            );
            return Ok(None);
        }
        if !self.keys.is_empty() {
            return Ok(Some(self.keys.clone()));
        }
        server::keyring(config).map(|keyring| Some(keyring.verifiers())).map_err(|error| {
            let failed = Failed::new("there is no key to check signatures with").because(&error);
            match error {
                KeyringError::Missing(_) => failed.advise(
                    "put the file of signing keys there, or give the public keys with --key; \
                     --unsigned does without, and proves less",
                ),
                _ => failed,
            }
        })
    }
}
