//! Whether what was set aside in `lost/` still holds keys of vault entries, which no reset destroys.

use std::io;
use std::path::Path;

use super::{Context, Outcome};
use crate::vault::Vault;

pub(super) fn check(context: &Context) -> Outcome {
    if let Err(skipped) = context.look() {
        return skipped;
    }
    let lost = context.config.data_dir.join("lost");
    match keys_in(&lost) {
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

/// How many keys there are, and the directories that hold some.
fn keys_in(lost: &Path) -> io::Result<(usize, Vec<String>)> {
    let entries = match std::fs::read_dir(lost) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, Vec::new())),
        entries => entries?,
    };
    let (mut keys, mut places) = (0, Vec::new());
    for entry in entries {
        let vault = entry?.path().join("vault");
        match Vault::keys_in(&vault)? {
            0 => {}
            found => {
                keys += found;
                places.push(vault.display().to_string());
            }
        }
    }
    places.sort_unstable();
    Ok((keys, places))
}
