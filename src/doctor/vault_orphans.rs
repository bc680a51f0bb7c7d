//! Whether the vault holds secrets that nothing in the log names any more.

use super::{Context, Outcome};

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    match look.orphans {
        _ if look.held => Outcome::skipped(
            "not checked: a server holds the data directory, and puts an entry shortly before the record that \
             names it",
        ),
        None => Outcome::skipped("not checked: the log or the vault cannot be read; see log and master-key"),
        Some(0) => Outcome::ok("every entry of the vault is named by the log"),
        Some(count) => Outcome::warn(
            format!("nothing in the log names {count} entries of the vault"),
            "the next start destroys them. A command that was killed leaves one or two; if there are more, \
             look whether the log is the one that belongs to this vault before you start a server",
        ),
    }
}
