//! Making a data directory of a backup.

use std::path::Path;

use mfa_ledger_base::disk::{Disk, Staging};

use super::verify::{Against, Verified, check_content, verify};
use super::{BackupError, files, vault};
use crate::integrity::RestoreMark;

/// A backup that was made a data directory.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The backup.
    pub verified: Verified,
    /// Entries of its vault that the newer log has ended, and that were left out.
    pub ended: usize,
}

/// Checks a backup, copies it to where a data directory is to be, reads that back, and gives it its name.
/// The target may be there as an empty directory. `newer` is a data directory with the log as it went on after the backup,
/// or its journal: what that has ended does not come back. What `operator` does here is recorded by the first start. Blocks.
///
/// # Errors
/// [`BackupError`]; then nothing is there, unless only the name could not be made durable.
pub fn restore(
    dir: &Path,
    data_dir: &Path,
    newer: Option<&Path>,
    against: Against<'_>,
    operator: &str,
    disk: &Disk,
) -> Result<Restored, BackupError> {
    Staging::refuse_existing(data_dir, true)?;
    let verified = verify(dir, against)?;
    let named = newer.map(|newer| vault::named_after(newer, dir, &verified, against)).transpose()?;
    let staging = Staging::begin(data_dir, true, disk)?;
    let to = staging.dir();
    let mut dirs = vec!["journal"];
    dirs.extend(verified.manifest.vault.is_some().then_some("vault"));
    for name in &dirs {
        disk.create_dir_all(&to.join(name)).map_err(BackupError::io(to))?;
    }
    for item in &verified.manifest.files {
        // What was verified may be another by now.
        if files::copy(dir, &item.path, to, disk)? != *item {
            return Err(BackupError::altered(&dir.join(&item.path), "it changed while it was read"));
        }
    }
    for name in &dirs {
        disk.sync_dir(&to.join(name)).map_err(BackupError::io(to))?;
    }
    check_content(to, &verified.manifest, against)?;
    let ended = match named.filter(|_| verified.manifest.vault.is_some()) {
        Some(named) => vault::drop_ended(to, &named, disk)?,
        None => 0,
    };
    let mark = RestoreMark {
        operator: operator.to_owned(),
        kept: verified.manifest.log.records,
        backup_at: Some(verified.manifest.created),
    };
    mark.store(to, disk).map_err(BackupError::io(to))?;
    staging.finish()?;
    Ok(Restored { verified, ended })
}
