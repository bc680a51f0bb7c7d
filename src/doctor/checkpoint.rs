//! Whether the newest checkpoint is one of this log, not ahead of it, and keeps up with it.

use std::time::UNIX_EPOCH;

use super::{Context, Outcome};
use crate::follow::seal::CHECKPOINT;
use crate::keyring::Keyring;
use crate::tlog::SignedCheckpoint;

/// Milliseconds that a checkpoint may be behind a server that goes on writing.
const MOST_BEHIND_MS: i64 = 60_000;

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    let Ok(keyring) = Keyring::read(&context.config.signing_key_file(), false) else {
        return Outcome::skipped("it cannot be checked without the keys; see signing-keys");
    };
    let file = context.config.data_dir.join(CHECKPOINT);
    let signed = match std::fs::read(&file) {
        Ok(text) => SignedCheckpoint::open(&text, &keyring.verifiers()).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let size = match signed {
        Ok(signed) => signed.checkpoint.size,
        Err(why) => {
            let advice = "see mfa-ledger log verify; a server does not start on this log";
            return Outcome { altered: true, ..Outcome::fail(format!("{}: {why}", file.display()), advice) };
        }
    };
    let head = look.log.as_ref().map_or(size, |seen| seen.head.0);
    if !look.held && head < size {
        let detail = format!("it was signed for {size} records, and there are {head}");
        let advice = "records are missing: see mfa-ledger log verify";
        return Outcome { altered: true, ..Outcome::fail(detail, advice) };
    }
    let written = file.metadata().and_then(|meta| meta.modified()).ok();
    let written = written.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let behind = written.map_or(0, |at| context.now_ms - i64::try_from(at.as_millis()).unwrap_or(0));
    if look.held && head > size && behind > MOST_BEHIND_MS {
        let seconds = behind / 1_000;
        return Outcome::warn(
            format!("it is of {size} records of {head}, {seconds} seconds old, while a server writes"),
            "see what the server tells about checkpoints, and the room on the disk",
        );
    }
    Outcome::ok(format!("signed for {size} records of {head}, with a key that is known"))
}
