//! A directory in the making: a hidden sibling of what it is to become.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::{Disk, parent};

/// A directory in the making; gone when this is dropped without [`Staging::finish`].
#[derive(Debug)]
pub struct Staging {
    dir: PathBuf,
    target: PathBuf,
    disk: Disk,
    finished: bool,
    /// Held so that nobody else takes it for a left-over.
    _lock: File,
}

/// Why a directory cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// There is something where it should go.
    #[error("there is something at {} already", .0.display())]
    Exists(PathBuf),
    /// Another process makes the same.
    #[error("another process is at work on {}", .0.display())]
    Busy(PathBuf),
    /// The name is none that a directory can be made under.
    #[error("{} is not a name for a new directory", .0.display())]
    Unnamed(PathBuf),
    /// A file cannot be read or written.
    #[error("{} cannot be used", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl StagingError {
    fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io(path.into(), error)
    }
}

impl Staging {
    /// Begins what is to become `target`, which may be there only as an empty directory, if at all.
    pub fn begin(target: &Path, may_be_empty: bool, disk: &Disk) -> Result<Self, StagingError> {
        Self::refuse_existing(target, may_be_empty)?;
        let name = target.file_name().ok_or_else(|| StagingError::Unnamed(target.into()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(".unfinished");
        let dir = target.with_file_name(hidden);
        disk.create_dir_all(parent(target)).map_err(StagingError::io(target))?;
        if std::fs::symlink_metadata(&dir).is_ok() {
            // An interrupted run left it, or another one is at it.
            drop(lock(&dir, target)?);
            disk.remove_dir_all(&dir).map_err(StagingError::io(&dir))?;
        }
        DirBuilder::new().mode(0o700).create(&dir).map_err(StagingError::io(&dir))?;
        let lock = lock(&dir, target)?;
        Ok(Self { dir, target: target.into(), disk: disk.clone(), finished: false, _lock: lock })
    }

    /// Refuses to take the place of anything but, where that is allowed, an empty directory.
    pub fn refuse_existing(target: &Path, may_be_empty: bool) -> Result<(), StagingError> {
        match std::fs::symlink_metadata(target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StagingError::Io(target.into(), error)),
            Ok(meta) if may_be_empty && meta.is_dir() => {
                let mut entries = std::fs::read_dir(target).map_err(StagingError::io(target))?;
                if entries.next().is_none() { Ok(()) } else { Err(StagingError::Exists(target.into())) }
            }
            Ok(_) => Err(StagingError::Exists(target.into())),
        }
    }

    /// Where to write.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Puts it in its place, whole, durable.
    pub fn finish(mut self) -> Result<(), StagingError> {
        let target = self.target.clone();
        let failed = StagingError::io(&target);
        self.disk.sync_dir(&self.dir).map_err(&failed)?;
        self.disk.rename(&self.dir, &target).map_err(&failed)?;
        self.finished = true;
        self.disk.sync_dir(parent(&target)).map_err(&failed)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished && self.dir.exists() {
            // What stays is hidden, does not count under that name, and goes with the next run.
            let _left = self.disk.remove_dir_all(&self.dir);
        }
    }
}

fn lock(dir: &Path, target: &Path) -> Result<File, StagingError> {
    let file = File::open(dir).map_err(StagingError::io(dir))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StagingError::Busy(target.into())),
        Err(TryLockError::Error(error)) => Err(StagingError::Io(dir.into(), error)),
    }
}
