//! The file layer of the log and the vault: every write, sync, rename and removal that durability
//! rests on goes through here, so that each of them can be made to fail in a test.
//!
//! [`Disk::real`] talks to the operating system. [`Disk::faulty`] does the same until a chosen step,
//! which then meets its [`Fate`]: *lost* (not done, and reported as failed), *kept* (done, and reported
//! as failed all the same) or *full* (no room): the ways in which an I/O step can betray its caller.
//! [`Disk::recorded`] fails nothing and remembers everything, so that a test can play a loss of power.

mod faults;
mod mount;
mod space;
mod staging;
mod step;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

pub use self::faults::{Fate, Faults};
pub use self::mount::{Mount, mount};
pub use self::space::{Space, space};
pub use self::staging::{Staging, StagingError};
pub use self::step::{Act, Kind, Step};

/// The door to the disk; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    faults: Option<Arc<Faults>>,
}

impl Disk {
    /// The operating system's files, nothing in between.
    pub fn real() -> Self {
        Self::default()
    }

    /// The operating system's files, failing from step `from` (counted from 1; `u64::MAX` for never).
    pub fn faulty(from: u64, fate: Fate) -> (Self, Arc<Faults>) {
        Self::with(Faults::new(from, u64::MAX, fate))
    }

    /// The same, failing at `step` alone.
    pub fn faulty_once(step: u64, fate: Fate) -> (Self, Arc<Faults>) {
        Self::with(Faults::new(step, step, fate))
    }

    /// The operating system's files, and a record of all that is done to them.
    pub fn recorded() -> (Self, Arc<Faults>) {
        Self::faulty(u64::MAX, Fate::Lost)
    }

    fn with(faults: Faults) -> (Self, Arc<Faults>) {
        let faults = Arc::new(faults);
        (Self { faults: Some(Arc::clone(&faults)) }, faults)
    }

    /// Makes a directory for the owner alone, and those above it that are missing; durable when this
    /// returns. One that is there is left as it is.
    pub fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        let parent = parent(dir);
        self.create_dir_all(parent)?;
        let create = || DirBuilder::new().mode(0o700).create(dir);
        match self.step(|| Act::CreateDir(dir.into()), create) {
            // Somebody else was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
            made => made?,
        }
        self.sync_dir(parent)
    }

    /// Creates a file that must not exist yet, readable and writable by the owner alone.
    pub fn create_new(&self, path: &Path) -> io::Result<DiskFile> {
        let create = || open_options().create_new(true).open(path).map(drop);
        self.step(|| Act::Create(path.into()), create)?;
        self.open(path)
    }

    /// Opens an existing file to read and write.
    pub fn open(&self, path: &Path) -> io::Result<DiskFile> {
        let file = open_options().open(path)?;
        let number = self.faults.as_ref().map_or(0, |faults| faults.opened(path));
        Ok(DiskFile { file, number, disk: self.clone() })
    }

    /// Renames a file or directory; durable once [`Disk::sync_dir`] has returned for its directory.
    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let act = || Act::Rename { from: from.into(), to: to.into() };
        self.step(act, || std::fs::rename(from, to))
    }

    /// Gives a file a name that must be free yet: of two that want it one gets it, the other hears
    /// [`io::ErrorKind::AlreadyExists`]. Durable once [`Disk::sync_dir`] has returned for its directory.
    pub fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        let act = || Act::Rename { from: from.into(), to: to.into() };
        self.step(act, || rename_new(from, to))
    }

    /// Removes a file; durable once [`Disk::sync_dir`] has returned for its directory.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|| Act::Remove(path.into()), || std::fs::remove_file(path))
    }

    /// Removes a directory with all that it holds; durable once [`Disk::sync_dir`] has returned for the
    /// directory above it.
    pub fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.step(|| Act::RemoveDir(dir.into()), || std::fs::remove_dir_all(dir))
    }

    /// Puts a small file in the place of what is there: all of it or nothing, and durable. Two writers
    /// of one file must not be at it at the same time.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".new");
        let temporary = Path::new(&temporary);
        if temporary.exists() {
            self.remove(temporary)?;
        }
        let file = self.create_new(temporary)?;
        file.write_all_at(bytes, 0)?;
        file.sync_data()?;
        self.rename(temporary, path)?;
        self.sync_dir(parent(path))
    }

    /// Puts a small file where there is none: all of it or nothing, and durable. Of two that do so one
    /// succeeds, the other hears [`io::ErrorKind::AlreadyExists`]. `draft` goes into the name that the file has
    /// while it is written, and is nobody else's.
    pub fn place_new(&self, path: &Path, bytes: &[u8], draft: &str) -> io::Result<()> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(format!(".{draft}.new"));
        let temporary = Path::new(&temporary);
        let file = self.create_new(temporary)?;
        let placed = file
            .write_all_at(bytes, 0)
            .and_then(|()| file.sync_data())
            .and_then(|()| self.rename_new(temporary, path));
        if let Err(error) = placed {
            // What failed is what counts; a draft that stays is in nobody's way.
            let _unheard = self.remove(temporary);
            return Err(error);
        }
        self.sync_dir(parent(path))
    }

    /// Makes creations, renames and removals in a directory durable.
    pub fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(|| Act::SyncDir(dir.into()), || File::open(dir)?.sync_all())
    }

    fn step(&self, act: impl FnOnce() -> Act, perform: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        match &self.faults {
            None => perform(),
            Some(faults) => faults.step(act(), perform),
        }
    }
}

fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system knows this; a link does not take the place of another file either.
        Err(Errno::INVAL | Errno::NOSYS) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        renamed => Ok(renamed?),
    }
}

/// The directory that holds this one's or this file's name.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An open file: positioned reads and writes, no cursor.
#[derive(Debug)]
pub struct DiskFile {
    file: File,
    /// By which faults know it.
    number: usize,
    disk: Disk,
}

impl DiskFile {
    /// Writes all of `bytes` at `offset` (bytes from the start); durable after [`DiskFile::sync_data`].
    pub fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let write = |bytes: &[u8]| self.file.write_all_at(bytes, offset);
        match &self.disk.faults {
            None => write(bytes),
            Some(faults) => faults.write(self.number, bytes, offset, write),
        }
    }

    /// fdatasync: what was written is on the medium when this returns `Ok`.
    pub fn sync_data(&self) -> io::Result<()> {
        self.step(Act::Sync, || self.file.sync_data())
    }

    /// Cuts or extends the file to `len` bytes.
    pub fn set_len(&self, len: u64) -> io::Result<()> {
        self.step(|file| Act::SetLen { file, len }, || self.file.set_len(len))
    }

    /// Reads exactly `buffer.len()` bytes at `offset`.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    /// The file's length in bytes.
    pub fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Whether the file has no bytes.
    pub fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    fn step(
        &self,
        act: impl FnOnce(std::path::PathBuf) -> Act,
        perform: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        match &self.disk.faults {
            None => perform(),
            Some(faults) => faults.on_file(self.number, act, perform),
        }
    }
}

fn open_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}
