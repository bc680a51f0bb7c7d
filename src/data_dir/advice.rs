//! What to do about an altered log, and about keys that cannot be used.

use super::StartError;
use crate::keyring::KeyringError;
use crate::log::embedded;
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

/// What to do where the log was altered.
pub(super) fn about_the_log(error: &StartError) -> Option<String> {
    let advice = match error {
        StartError::Tampered(tampered) => return Some(tampered.page()),
        StartError::AnchorHoldsLess { anchor, .. } => {
            return Some(format!("{ANCHOR_EMPTIED} \"{anchor}\" {WITHOUT_THE_ANCHOR}"));
        }
        StartError::AcceptanceInterrupted(_) => INTERRUPTED,
        StartError::CheckpointGone(_) | StartError::Checkpoint { .. } => CHECKPOINT_GONE,
        StartError::Unsigned(_) => UNSIGNED,
        StartError::FormerOrigin { .. } => FORMER_ORIGIN,
        StartError::Log(embedded::OpenError::MarkRemoved { .. }) => MARK_REMOVED,
        StartError::Disowned { .. } => DISOWNED,
        StartError::AnchorMemory(_) => MEMORY_GONE,
        StartError::Log(embedded::OpenError::OtherLedger { .. }) => OTHER_LEDGER,
        StartError::Log(embedded::OpenError::Integrity { .. }) => DAMAGED,
        _ => return None,
    };
    Some(advice.to_owned())
}

const INTERRUPTED: &str = "\
    bring it to its end, so that it is recorded: mfa-ledger serve --accept-loss \"why\"";

const CHECKPOINT_GONE: &str = "\
    somebody took the checkpoint away or put another in its place, so it cannot be known whether records \
    are missing: keep a copy of the data directory as it is, compare it with an anchor or a backup, and \
    put the checkpoint back; to go on with the log as it is, which is recorded: mfa-ledger serve \
    --accept-loss \"why\"";

const UNSIGNED: &str = "\
    put back both the signing keys (log.signing_key_file) and the file `checkpoint`, from a backup; \
    without them nobody can tell whether this is the log that it was. To go on with it as it is, with new \
    keys, which is recorded: mfa-ledger serve --accept-loss \"why\"";

const FORMER_ORIGIN: &str = "\
    this data directory comes from a backup older than that loss, or was rolled back; an origin never \
    signs two histories. Restore a newer backup. To continue with this log under the next origin, which is \
    recorded: mfa-ledger serve --accept-loss \"why\"";

const MARK_REMOVED: &str = "\
    nothing was changed. Somebody deleted the mark, which hides that records were added or removed after \
    the stop. Keep a copy of the data directory and find out who did it. If the mark was moved away by \
    mistake, put it back. If the directory `vault` was put back from an older copy, restore it with: \
    mfa-ledger backup restore BACKUP --vault-only. Otherwise restore a backup or, if the log is known to \
    be right, continue with it, which is recorded: mfa-ledger serve --accept-loss \"why\"";

const DISOWNED: &str = "\
    keep a copy of the data directory and of what the anchor has, and find out which of the two was \
    changed: mfa-ledger log verify --checkpoint FILE holds the log against a checkpoint. Put the data \
    directory back from a backup that the anchor knows. If the anchor is wrong, take it out of the \
    configuration; if what is missing is lost for good, go on without it, which is recorded: mfa-ledger \
    serve --accept-loss \"why\"";

const ANCHOR_EMPTIED: &str = "\
    the log itself is whole. An anchor that is emptied hides a log that is rolled back later: find out who \
    did it, then bring the anchor back (mount the share, restore what it kept). If it was emptied on \
    purpose, say so with the server stopped, which is recorded: mfa-ledger anchors forget";

const WITHOUT_THE_ANCHOR: &str = "\
    --reason \"why\". To continue without this anchor, also take it out of the configuration";

const MEMORY_GONE: &str = "\
    without this file, neither a data directory that was rolled back nor an anchor that was emptied can be \
    found: put the file back from a backup. Without a backup, first compare the newest record (mfa-ledger \
    log verify prints its position) with what you know from elsewhere: a checkpoint that somebody kept \
    (mfa-ledger log verify --checkpoint FILE), the stream on NATS (mfa-ledger events verify), a backup \
    (mfa-ledger backup verify BACKUP). If the log is complete, start remembering again, which is recorded: \
    mfa-ledger anchors forget --all --reason \"why\"";

const OTHER_LEDGER: &str = "\
    nothing was changed. Either ledger.json or the directory `journal` is that of another ledger: put back \
    the one that does not belong here, from a backup of this data directory";

const DAMAGED: &str = "\
    records that were durable are damaged or gone, or records were added from outside; nothing was \
    changed. Keep a copy of the data directory as it is, find out who changed it, then restore a backup. \
    To continue without the records from this position on, which are set aside, and to have that recorded: \
    mfa-ledger serve --accept-loss \"why\". Vault entries that only these records name are copied to lost/ \
    and then destroyed; delete the copy when the case is closed";
