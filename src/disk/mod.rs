//! The file layer of the log and the vault: every write, sync, rename and removal that durability
//! rests on goes through here, so that each of them can be made to fail in a test.
//!
//! [`Disk::real`] talks to the operating system. [`Disk::faulty`] does the same until a chosen step,
//! which is then *lost* (not done, and reported as failed) or *kept* (done, and reported as failed
//! all the same): the two ways in which an I/O step can betray its caller.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What becomes of the step that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The step is not done, and the caller is told that it failed.
    Lost,
    /// The step is done, and the caller is told that it failed.
    Kept,
}

/// A plan of failure: from step `from` (counted from 1) on, every step meets `fate`, until healed.
#[derive(Debug)]
pub struct Faults {
    taken: AtomicU64,
    from: AtomicU64,
    fate: Fate,
}

impl Faults {
    /// Steps taken so far; a run without a failing step tells how many there are to try.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::SeqCst)
    }

    /// Every step from now on fails.
    pub fn fail_now(&self) {
        self.from.store(self.taken() + 1, Ordering::SeqCst);
    }

    /// No step fails any more.
    pub fn heal(&self) {
        self.from.store(u64::MAX, Ordering::SeqCst);
    }

    fn step(&self, act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let step = self.taken.fetch_add(1, Ordering::SeqCst) + 1;
        if step < self.from.load(Ordering::SeqCst) {
            return act();
        }
        if self.fate == Fate::Kept {
            act()?;
        }
        Err(io::Error::other(format!("injected failure at I/O step {step}")))
    }
}

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
        let faults = Arc::new(Faults { taken: AtomicU64::new(0), from: AtomicU64::new(from), fate });
        (Self { faults: Some(Arc::clone(&faults)) }, faults)
    }

    /// Creates a file that must not exist yet, readable and writable by the owner alone.
    pub fn create_new(&self, path: &Path) -> io::Result<DiskFile> {
        self.step(|| open_options().create_new(true).open(path).map(drop))?;
        self.open(path)
    }

    /// Opens an existing file to read and write.
    pub fn open(&self, path: &Path) -> io::Result<DiskFile> {
        Ok(DiskFile { file: open_options().open(path)?, disk: self.clone() })
    }

    /// Renames a file; durable once [`Disk::sync_dir`] has returned for its directory.
    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|| std::fs::rename(from, to))
    }

    /// Removes a file; durable once [`Disk::sync_dir`] has returned for its directory.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|| std::fs::remove_file(path))
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
        self.sync_dir(path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }

    /// Makes creations, renames and removals in a directory durable.
    pub fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(|| File::open(dir)?.sync_all())
    }

    fn step(&self, act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        match &self.faults {
            None => act(),
            Some(faults) => faults.step(act),
        }
    }
}

/// An open file: positioned reads and writes, no cursor.
#[derive(Debug)]
pub struct DiskFile {
    file: File,
    disk: Disk,
}

impl DiskFile {
    /// Writes all of `bytes` at `offset` (bytes from the start); durable after [`DiskFile::sync_data`].
    pub fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.step(|| self.file.write_all_at(bytes, offset))
    }

    /// fdatasync: what was written is on the medium when this returns `Ok`.
    pub fn sync_data(&self) -> io::Result<()> {
        self.disk.step(|| self.file.sync_data())
    }

    /// Cuts or extends the file to `len` bytes.
    pub fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.step(|| self.file.set_len(len))
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
}

fn open_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}
