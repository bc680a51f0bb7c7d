//! Whether there are keys to sign checkpoints with that nobody but the owner can read, apart from the data.

use super::key_file::lies_in;
use super::{Context, Outcome};
use crate::keyring::{Keyring, KeyringError};

pub(super) fn check(context: &Context) -> Outcome {
    if let Err(skipped) = context.look() {
        return skipped;
    }
    let file = context.config.signing_key_file();
    let shown = file.display();
    // A credential that is handed over is only there for the server.
    let keyring = match Keyring::read(&file, false) {
        Ok(keyring) => keyring,
        Err(error @ KeyringError::TooOpen { .. }) => {
            return Outcome::fail(error.to_string(), format!("run: chmod 600 {shown}"));
        }
        Err(error) => {
            let advice = "put the signing keys back, or say where they are with log.signing_key_file";
            return Outcome::fail(error.to_string(), advice);
        }
    };
    if lies_in(&file, &context.config.data_dir) {
        return Outcome::fail(
            format!("{shown} lies in the data directory: whoever can write there can sign another history"),
            "move it elsewhere, and say where it is with log.signing_key_file",
        );
    }
    let keys = keyring.verifiers().len();
    Outcome::ok(format!("{shown} is its owner's alone, apart from the data; {keys} of them, the last signs"))
}
