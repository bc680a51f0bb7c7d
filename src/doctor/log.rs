//! Whether the journal is sound from its beginning to its end, and every record can be read.

use super::{Context, Outcome};

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    let seen = match &look.log {
        Ok(seen) => seen,
        Err(error) => return Outcome::refused(error),
    };
    let head = seen.head;
    match seen.torn {
        _ if look.held => Outcome::skipped(format!(
            "a server holds the data directory and has looked the log over when it started; \
             the newest record is at position {head}"
        )),
        Some(bytes) => Outcome::warn(
            format!("{head} records, and behind them {bytes} bytes of a torn end"),
            "nobody was answered for it, and the next start cuts it off",
        ),
        None => Outcome::ok(format!("{head} records, sound to the end")),
    }
}
