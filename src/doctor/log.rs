//! Whether the journal is sound from its beginning to its end, every record can be read, and all is as it
//! was signed.

use super::{Context, Outcome};
use crate::data_dir::{Seen, StartError};

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    match &look.log {
        Err(error) => Outcome::refused(error),
        Ok(Seen { head, .. }) if look.held => Outcome::skipped(format!(
            "a server holds the data directory, and has looked the log over when it started; the newest record \
             is at position {head}"
        )),
        Ok(seen) => judge(seen),
    }
}

fn judge(seen: &Seen) -> Outcome {
    let head = seen.head;
    match (&seen.signed, &seen.torn) {
        (Err(error @ StartError::Io { .. }), _) => Outcome::refused(error),
        (Err(error), _) => Outcome {
            advice: error.advice(),
            ..Outcome::warn(format!("{head} records, not held against what was signed: {error}"), "")
        },
        (Ok(_), Some(cut)) if cut.stray => Outcome::warn(
            format!("{head} records; a bit behind them has changed, where nothing was written"),
            "no record is affected, and the next start cuts it off; check the disk",
        ),
        (Ok(_), Some(cut)) => Outcome::warn(
            format!("{head} records, followed by {} bytes of a batch that is incomplete", cut.bytes),
            "a part of that batch was never written, so no caller was answered for it; the next start cuts it off",
        ),
        (Ok(None), None) => Outcome::ok(format!("{head} records, sound to the end; nothing was signed yet")),
        (Ok(Some(signed)), None) => {
            Outcome::ok(format!("{head} records, sound to the end; the first {signed} are what was signed"))
        }
    }
}
