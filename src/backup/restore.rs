//! Making a data directory of a backup.

use std::path::Path;

use super::verify::{Against, Verified, check_content, verify};
use super::{BackupError, files};
use crate::disk::{Disk, Staging};

/// Checks a backup, copies it to where a data directory is to be, reads that back, and gives it its name.
/// The target may be there as an empty directory. Blocks.
///
/// # Errors
/// [`BackupError`]; then nothing is there, unless only the name could not be made durable.
pub fn restore(
    dir: &Path,
    data_dir: &Path,
    against: Against<'_>,
    disk: &Disk,
) -> Result<Verified, BackupError> {
    Staging::refuse_existing(data_dir, true)?;
    let verified = verify(dir, against)?;
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
    staging.finish()?;
    Ok(verified)
}
