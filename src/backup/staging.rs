//! A directory in the making: a hidden sibling of what it is to become.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::disk::{self, Disk};

/// A directory in the making; gone when this is dropped without [`Staging::finish`].
pub(super) struct Staging {
    dir: PathBuf,
    target: PathBuf,
    disk: Disk,
    finished: bool,
    /// Held so that nobody else takes it for a left-over.
    _lock: File,
}

impl Staging {
    /// Begins what is to become `target`, which may be there only as an empty directory, if at all.
    pub fn begin(target: &Path, may_be_empty: bool, disk: &Disk) -> Result<Self, BackupError> {
        refuse_existing(target, may_be_empty)?;
        let name = target.file_name().ok_or_else(|| BackupError::Unnamed(target.into()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(".unfinished");
        let dir = target.with_file_name(hidden);
        disk.create_dir_all(disk::parent(target)).map_err(BackupError::io(target))?;
        if std::fs::symlink_metadata(&dir).is_ok() {
            // An interrupted run left it, or another one is at it.
            drop(lock(&dir, target)?);
            disk.remove_dir_all(&dir).map_err(BackupError::io(&dir))?;
        }
        DirBuilder::new().mode(0o700).create(&dir).map_err(BackupError::io(&dir))?;
        let lock = lock(&dir, target)?;
        Ok(Self { dir, target: target.into(), disk: disk.clone(), finished: false, _lock: lock })
    }

    /// Where to write.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Puts it in its place, whole, durable.
    pub fn finish(mut self) -> Result<(), BackupError> {
        let target = self.target.clone();
        let failed = BackupError::io(&target);
        self.disk.sync_dir(&self.dir).map_err(&failed)?;
        self.disk.rename(&self.dir, &target).map_err(&failed)?;
        self.finished = true;
        self.disk.sync_dir(disk::parent(&target)).map_err(&failed)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished && self.dir.exists() {
            // What stays is hidden, has no manifest that counts under that name, and goes with the next run.
            let _left = self.disk.remove_dir_all(&self.dir);
        }
    }
}

/// Refuses to take the place of anything but, where that is allowed, an empty directory.
pub(super) fn refuse_existing(target: &Path, may_be_empty: bool) -> Result<(), BackupError> {
    match std::fs::symlink_metadata(target) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::Io(target.into(), error)),
        Ok(meta) if may_be_empty && meta.is_dir() => {
            let mut entries = std::fs::read_dir(target).map_err(BackupError::io(target))?;
            if entries.next().is_none() { Ok(()) } else { Err(BackupError::Exists(target.into())) }
        }
        Ok(_) => Err(BackupError::Exists(target.into())),
    }
}

fn lock(dir: &Path, target: &Path) -> Result<File, BackupError> {
    let file = File::open(dir).map_err(BackupError::io(dir))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::Busy(target.into())),
        Err(TryLockError::Error(error)) => Err(BackupError::Io(dir.into(), error)),
    }
}
