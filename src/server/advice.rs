//! What to do about keys that cannot be used.

use crate::keyring::KeyringError;
use crate::vault::KeyFileError;

/// What a master key is.
pub(super) const KEY_FORM: &str =
    "it is 32 bytes, as 64 hexadecimal digits or base64; openssl rand -base64 32 makes a new one";

/// What to do about the file of the master key.
pub(super) fn about_key_file(error: &KeyFileError) -> String {
    match error {
        KeyFileError::Missing(path) => format!(
            "put the key of this ledger back to {}, or say where it is with \
            MFA_LEDGER__VAULT__MASTER_KEY_FILE; a new key would not open what the old one sealed",
            path.display()
        ),
        KeyFileError::TooOpen { path, .. } => format!("run: chmod 600 {}", path.display()),
        KeyFileError::Unreadable(path, _) => {
            format!("let the user of this process, and nobody else, read {}", path.display())
        }
        KeyFileError::Malformed(..) => KEY_FORM.to_owned(),
    }
}

/// What to do about the keys that sign checkpoints, where something can be done.
pub(super) fn about_signing_keys(error: &KeyringError) -> Option<String> {
    Some(match error {
        KeyringError::Missing(path) => format!(
            "put the signing keys of this ledger back to {}, or say where they are with \
            MFA_LEDGER__LOG__SIGNING_KEY_FILE; new keys could not go on with what the old ones signed",
            path.display()
        ),
        KeyringError::TooOpen { path, .. } => format!("run: chmod 600 {}", path.display()),
        KeyringError::Io(..) => {
            "they are made where there are none, and written anew when they change: name a place \
            that can be written to, outside the data directory, with MFA_LEDGER__LOG__SIGNING_KEY_FILE"
                .to_owned()
        }
        KeyringError::Exists(_) | KeyringError::Malformed { .. } | KeyringError::Wrong { .. } => return None,
    })
}
