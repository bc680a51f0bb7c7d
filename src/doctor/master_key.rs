//! Whether the master key is the one that the vault was made with.

use super::{Context, Outcome};

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    match &look.vault {
        None => Outcome::skipped("there is no key to try; see key-file"),
        Some(Err(error)) => Outcome::refused(error),
        Some(Ok(())) => Outcome::ok("the key opens the vault"),
    }
}
