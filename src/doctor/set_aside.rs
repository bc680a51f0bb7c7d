//! Whether what was set aside in `lost/` still holds keys of vault entries, which no reset destroys.

use super::{Context, Outcome};
use crate::data_dir;

pub(super) fn check(context: &Context) -> Outcome {
    if let Err(skipped) = context.look() {
        return skipped;
    }
    let lost = context.config.data_dir.join("lost");
    match data_dir::keys_set_aside(&context.config) {
        Ok((0, _)) => Outcome::ok("lost/ holds no keys of vault entries"),
        Ok((keys, places)) => Outcome::warn(
            format!("{} holds the keys of {keys} vault entries, in {}", lost.display(), places.join(", ")),
            "no reset destroys them: delete these directories when the case is closed",
        ),
        Err(error) => Outcome::warn(
            format!("{} cannot be read: {error}", lost.display()),
            "run doctor as the user of the server",
        ),
    }
}
