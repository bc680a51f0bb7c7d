//! Whether the master key is the one that the vault was made with.

use super::{Context, Outcome};

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    match &look.vault {
        None => Outcome::skipped("there is no key to try; see key-file"),
        Some(Err(error)) if error.is_about_the_key() => Outcome::refused(error),
        Some(Err(_)) => Outcome::skipped("the key could not be tried; see vault"),
        Some(Ok(())) => Outcome::ok("the key opens the vault"),
    }
}
