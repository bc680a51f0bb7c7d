//! A directory in the making: a hidden sibling of what it is to become, or, where that is there already and empty, a hidden
//! directory in it. It may be a mount point, which nothing can be renamed over, or all of its parent that is ours.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

use super::{Disk, parent};

/// The directory in the making in one that is there.
const INSIDE: &str = ".unfinished";

/// In it: the names of what is being moved from there into its place.
const MOVING: &str = "moving";

/// Without it no directory is one of a ledger: it is moved last.
const LAST: &str = "ledger.json";

/// Of a file system, and nobody's.
const NOTHING: &str = "lost+found";

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
        let dir = if target.is_dir() { target.join(INSIDE) } else { sibling(target)? };
        disk.create_dir_all(parent(&dir)).map_err(StagingError::io(target))?;
        if std::fs::symlink_metadata(&dir).is_ok() {
            // An interrupted run left it, or another one is at it.
            drop(lock(&dir, target)?);
            clear(&dir, target, disk).map_err(StagingError::io(&dir))?;
        }
        DirBuilder::new().mode(0o700).create(&dir).map_err(StagingError::io(&dir))?;
        let lock = lock(&dir, target)?;
        Ok(Self { dir, target: target.into(), disk: disk.clone(), finished: false, _lock: lock })
    }

    /// Refuses to take the place of anything but, where that is allowed, an empty directory, or one in which an earlier run
    /// was interrupted.
    pub fn refuse_existing(target: &Path, may_be_empty: bool) -> Result<(), StagingError> {
        match std::fs::metadata(target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !target.is_symlink() => Ok(()),
            Err(error) => Err(StagingError::Io(target.into(), error)),
            Ok(meta) if may_be_empty && meta.is_dir() => {
                // What is whole is somebody's, whatever an interrupted run has left in it.
                let inside = target.join(INSIDE);
                let ours = if Self::was_interrupted(target) { moving(&inside) } else { Ok(Vec::new()) };
                let ours = ours.map_err(StagingError::io(&inside.join(MOVING)))?;
                let nothing = |name: &String| name == NOTHING || name == INSIDE || ours.contains(name);
                let all = names(target).map_err(StagingError::io(target))?;
                let found = all.into_iter().find(|name| !nothing(name));
                found.map_or(Ok(()), |found| Err(StagingError::Exists(target.join(found))))
            }
            Ok(_) => Err(StagingError::Exists(target.into())),
        }
    }

    /// Whether a run was interrupted in a directory that was there before it.
    pub fn was_interrupted(target: &Path) -> bool {
        target.join(INSIDE).is_dir() && !target.join(LAST).exists()
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
        if self.dir.starts_with(&target) {
            self.move_out().map_err(&failed)?;
        } else {
            self.disk.rename(&self.dir, &target).map_err(&failed)?;
        }
        self.finished = true;
        self.disk.sync_dir(parent(&target)).map_err(&failed)
    }

    /// Moves what was made into the directory around it.
    fn move_out(&self) -> io::Result<()> {
        let (disk, dir, target) = (&self.disk, &self.dir, &self.target);
        let mut all = names(dir)?;
        all.sort_by_key(|name| name == LAST);
        disk.replace(&dir.join(MOVING), all.join("\n").as_bytes())?;
        for name in &all {
            if name == LAST {
                disk.sync_dir(target)?;
            }
            disk.rename(&dir.join(name), &target.join(name))?;
        }
        disk.sync_dir(target)?;
        disk.remove_dir_all(dir)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished && self.dir.exists() {
            // What stays is hidden, does not count under that name, and goes with the next run.
            let _left = clear(&self.dir, &self.target, &self.disk);
        }
    }
}

fn sibling(target: &Path) -> Result<PathBuf, StagingError> {
    let name = target.file_name().ok_or_else(|| StagingError::Unnamed(target.into()))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".unfinished");
    Ok(target.with_file_name(hidden))
}

fn names(dir: &Path) -> io::Result<Vec<String>> {
    let entries = std::fs::read_dir(dir)?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// What an interrupted run was about to move, by name. A name that leads elsewhere was never written by one.
fn moving(dir: &Path) -> io::Result<Vec<String>> {
    let text = match std::fs::read_to_string(dir.join(MOVING)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let is_name = |name: &str| {
        let mut parts = Path::new(name).components();
        matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
    };
    if text.lines().all(is_name) {
        Ok(text.lines().map(str::to_owned).collect())
    } else {
        Err(io::Error::other("it names what lies elsewhere"))
    }
}

/// Removes what an interrupted run has left, and what it has moved already.
fn clear(dir: &Path, target: &Path, disk: &Disk) -> io::Result<()> {
    for moved in moving(dir)?.iter().map(|name| target.join(name)) {
        match std::fs::symlink_metadata(&moved) {
            Ok(meta) if meta.is_dir() => disk.remove_dir_all(&moved)?,
            Ok(_) => disk.remove(&moved)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    disk.remove_dir_all(dir)
}

fn lock(dir: &Path, target: &Path) -> Result<File, StagingError> {
    let file = File::open(dir).map_err(StagingError::io(dir))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StagingError::Busy(target.into())),
        Err(TryLockError::Error(error)) => Err(StagingError::Io(dir.into(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_elsewhere_is_not_removed() {
        let place = tempfile::tempdir().expect("a directory");
        let (target, other) = (place.path().join("target"), place.path().join("other"));
        std::fs::create_dir_all(target.join(INSIDE)).expect("directories");
        std::fs::write(&other, "mine").expect("a file");
        for name in ["../other", other.to_str().expect("a path"), "..", "a/b", ""] {
            std::fs::write(target.join(INSIDE).join(MOVING), format!("journal\n{name}\n")).expect("a file");
            let refused = Staging::begin(&target, true, &Disk::real()).map(drop).unwrap_err();
            assert!(matches!(refused, StagingError::Io(..)), "{name}: {refused:?}");
            assert_eq!(std::fs::read(&other).expect("still there"), b"mine", "{name}");
        }
    }
}
