//! Checking a backup: every byte of it, before any of it is used.

use std::path::Path;

use mfa_ledger_base::tiles::CHECKPOINT;
use mfa_ledger_base::tlog::VerifierKey;
use mfa_ledger_vault::{self as vault, MasterKey};

use super::checked::{self, LEDGER};
use super::manifest::{MANIFEST, Manifest};
use super::named::missing;
use super::{BackupError, files, journal};
use crate::integrity::signers;

/// The largest segment that is read, in bytes: those of a backup are of the usual size, or hold one batch.
const MAX_SEGMENT: u64 = 2 * 64 * 1024 * 1024;

/// What a backup is held against.
#[derive(Clone, Copy, Default)]
pub struct Against<'a> {
    /// The keys that may have signed the checkpoint; `None` when signatures are not to be looked at.
    pub keys: Option<&'a [VerifierKey]>,
    /// The master key, where it is at hand.
    pub master: Option<&'a MasterKey>,
}

/// A backup that is sound.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it holds.
    pub manifest: Manifest,
    /// The keys that have signed the checkpoint; none when that was not looked at.
    pub signed_by: Vec<String>,
    /// Whether every entry of its vault was opened.
    pub opened: bool,
}

/// Checks a backup. Blocks.
///
/// # Errors
/// [`BackupError`]; [`BackupError::is_integrity`] tells what was altered from what was out of reach.
pub fn verify(dir: &Path, against: Against<'_>) -> Result<Verified, BackupError> {
    let manifest = Manifest::read(dir)?;
    check_files(dir, &manifest)?;
    let (signed_by, opened) = check_content(dir, &manifest, against)?;
    Ok(Verified { manifest, signed_by, opened })
}

/// The files are those of the manifest, neither more nor less, byte for byte.
fn check_files(dir: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let found = files::list(dir)?;
    for path in &found {
        if !manifest.files.iter().any(|item| item.path == *path) {
            return Err(BackupError::altered(&dir.join(path), "the manifest does not know it"));
        }
    }
    for item in &manifest.files {
        let file = dir.join(&item.path);
        if !found.contains(&item.path) {
            return Err(BackupError::altered(&file, "it is not there"));
        }
        let bytes = std::fs::symlink_metadata(&file).map_err(BackupError::io(&file))?.len();
        if bytes != item.bytes {
            return Err(BackupError::altered(
                &file,
                format!("it has {bytes} bytes and should have {}", item.bytes),
            ));
        }
        if too_large(&item.path, bytes) {
            return Err(BackupError::altered(&file, "it is larger than any file of a journal"));
        }
        if files::item(dir, &item.path)? != *item {
            return Err(BackupError::altered(&file, "its checksum is another"));
        }
    }
    Ok(())
}

/// Segments are read whole; other files have limits of their own where they are read.
fn too_large(path: &str, bytes: u64) -> bool {
    path.starts_with("journal/") && bytes > MAX_SEGMENT
}

/// What the files say is what was signed for. The same for a backup and for what is restored from it.
pub(super) fn check_content(
    dir: &Path,
    manifest: &Manifest,
    against: Against<'_>,
) -> Result<(Vec<String>, bool), BackupError> {
    let (_, ledger) = checked::ledger(dir)?;
    if ledger != manifest.ledger {
        return Err(BackupError::altered(&dir.join(LEDGER), "it is that of another ledger"));
    }
    let found = checked::checkpoint(dir, against.keys)?;
    checked::same_ledger(dir, &found, ledger)?;
    let (checkpoint, log) = (&found.signed.checkpoint, &manifest.log);
    if (checkpoint.size, &checkpoint.origin) != (log.size, &log.origin)
        || journal::root_text(&checkpoint.root) != log.root
    {
        return Err(BackupError::altered(&dir.join(CHECKPOINT), "the manifest knows another"));
    }
    if !dir.join("journal").is_dir() {
        return Err(BackupError::altered(&dir.join("journal"), "it is not there"));
    }
    let proven = journal::prove(dir, ledger.bytes(), checkpoint)?;
    if proven.records != log.records {
        let why = format!("it has {} records and should have {}", proven.records, log.records);
        return Err(BackupError::altered(&dir.join("journal"), why));
    }
    let opened = match &manifest.vault {
        Some(part) => check_vault(dir, part, &proven, against.master)?,
        None => false,
    };
    Ok((signers(&found.signed, against.keys), opened))
}

/// Tells whether its entries were opened.
fn check_vault(
    dir: &Path,
    part: &super::VaultPart,
    proven: &journal::Proven,
    master: Option<&MasterKey>,
) -> Result<bool, BackupError> {
    let path = dir.join("vault");
    for name in ["sealed", "slots"] {
        if !path.join(name).is_file() {
            return Err(BackupError::altered(&path.join(name), "it is not there"));
        }
    }
    let copy = vault::Copy::read(&path)?;
    if let Some(id) = copy.ids().find(|id| proven.named.of(id).is_none()) {
        let id = data_encoding::HEXLOWER.encode(&id);
        return Err(BackupError::altered(&path, format!("it holds {id}, which the log does not name")));
    }
    if copy.ids().count() != part.entries || missing(&proven.named, |id| copy.has(id)) != part.missing {
        return Err(BackupError::altered(&dir.join(MANIFEST), "it says otherwise what the vault lacks"));
    }
    let Some(master) = master else { return Ok(false) };
    copy.require_key(master)?;
    let mut entries = proven.named.iter().filter(|(id, _)| copy.has(id));
    if let Some((id, _)) = entries.find(|(id, secret)| !copy.opens(master, *id, *secret)) {
        let id = data_encoding::HEXLOWER.encode(&id);
        return Err(BackupError::altered(&path, format!("the entry {id} does not open")));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_segment() {
        assert!(!too_large("journal/1", MAX_SEGMENT));
        assert!(too_large("journal/1", MAX_SEGMENT + 1));
        assert!(!too_large("vault/sealed", MAX_SEGMENT + 1));
    }
}
