//! Whether the master key is the one that the vault was made with.

use super::{Context, Outcome};
use crate::server::StartError;
use crate::vault::OpenError;

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    match &look.vault {
        None => Outcome::skipped("there is no key to try; see key-file"),
        Some(Err(error @ (StartError::WrongKey | StartError::Vault(OpenError::NewerFormat { .. })))) => {
            Outcome::refused(error)
        }
        Some(Err(_)) => Outcome::skipped("the key could not be tried; see vault"),
        Some(Ok(())) => Outcome::ok("the key opens the vault"),
    }
}
