//! Whether there is a master key that nobody but the owner can read, apart from the data.

use std::path::Path;

use super::{Context, Outcome};

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    if let Err(error) = &look.key {
        return Outcome::refused(error);
    }
    if context.config.vault.master_key.is_some() {
        return Outcome::ok("the key comes through the environment");
    }
    let file = context.config.key_file();
    if lies_in(&file, &context.config.data_dir) {
        return Outcome::fail(
            format!(
                "{} lies in the data directory: whoever copies the data has the key to it",
                file.display()
            ),
            "move it elsewhere, and say where it is with vault.master_key_file",
        );
    }
    Outcome::ok(format!("{} is its owner's alone, apart from the data", file.display()))
}

/// Whether a file is in a directory, whatever links lead there.
pub(super) fn lies_in(file: &Path, dir: &Path) -> bool {
    match (file.canonicalize(), dir.canonicalize()) {
        (Ok(file), Ok(dir)) => file.starts_with(dir),
        _ => file.starts_with(dir),
    }
}
