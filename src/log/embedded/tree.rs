//! The reading copy: the sled tree `log`, position (big-endian) -> value.
//!
//! sled is fast to read and not to be trusted (its flush is not durable, damage panics or goes
//! unnoticed): whatever it does here, the journal can rebuild it. Panics of sled become errors.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::frame::Seal;
use crate::disk::{Disk, parent};
use crate::log::{BoxError, Entry, Position, ReadError};

/// Bytes that sled's page cache aims at; memory use may be a multiple of it.
const CACHE: u64 = 64 * 1024 * 1024;

/// sled's own thread for collecting garbage and writing out, in milliseconds between two runs.
const FLUSH_EVERY_MS: u64 = 500;

/// sled lets go of its lock a moment after it was dropped: tries and pause between them.
const LOCK_TRIES: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// The reading copy, open.
#[derive(Debug)]
pub(super) struct Tree {
    db: sled::Db,
    log: sled::Tree,
    seal: Seal,
    disk: Disk,
    dir: PathBuf,
}

impl Tree {
    /// Opens the copy in `dir`, or an empty one where there is none.
    pub fn open(dir: &Path, seal: Seal, disk: &Disk) -> Result<Self, BoxError> {
        remove_unfinished_snapshots(dir, disk)?;
        let fresh = !dir.exists();
        let (db, log) = guard(|| open_database(dir))?;
        let tree = Self { db, log, seal, disk: disk.clone(), dir: dir.into() };
        if fresh {
            tree.db.flush()?;
            disk.open(&dir.join("conf"))?.sync_data()?;
            disk.open(&dir.join("db"))?.sync_data()?;
            disk.sync_dir(dir)?;
            disk.sync_dir(parent(dir))?;
        }
        Ok(tree)
    }

    /// The newest position in the copy.
    pub fn last(&self) -> Result<Position, BoxError> {
        match guard(|| Ok(self.log.last()?))? {
            Some((key, _)) => key_position(&key).ok_or_else(|| "a key is not a position".into()),
            None => Ok(Position::START),
        }
    }

    /// The keys and values from `first` on, unchecked.
    pub fn values_from(&self, first: Position) -> sled::Iter {
        self.log.range(first.0.to_be_bytes()..)
    }

    /// The first record behind `head` that is whole, if there is one.
    pub fn sound_beyond(&self, head: Position) -> Result<Option<Position>, BoxError> {
        guard(|| {
            for found in self.values_from(head.next()) {
                let (key, value) = found?;
                if let Some(position) = key_position(&key)
                    && self.seal.entry(position, &value).is_ok()
                {
                    return Ok(Some(position));
                }
            }
            Ok(None)
        })
    }

    /// Adds entries in one atomic batch.
    pub fn apply(&self, entries: &[Entry]) -> Result<(), BoxError> {
        let mut batch = sled::Batch::default();
        for entry in entries {
            batch.insert(&entry.position.0.to_be_bytes(), self.seal.value(entry));
        }
        self.apply_batch(batch)
    }

    /// Adds one prepared batch.
    pub fn apply_batch(&self, batch: sled::Batch) -> Result<(), BoxError> {
        guard(|| Ok(self.log.apply_batch(batch)?))
    }

    /// Brings the copy to the medium as well as sled can: its flush, then our fdatasync.
    pub fn sync(&self) -> Result<(), BoxError> {
        guard(|| Ok(self.log.flush().map(drop)?))?;
        Ok(self.disk.open(&self.dir.join("db"))?.sync_data()?)
    }

    /// Up to `limit` entries from `first` to `last`; at least one.
    pub fn chunk(&self, first: Position, last: Position, limit: usize) -> Result<Vec<Entry>, ReadError> {
        let mut chunk: Vec<Entry> = Vec::with_capacity(limit.min(64));
        let mut due = first;
        for found in self.log.range(first.0.to_be_bytes()..=last.0.to_be_bytes()).take(limit) {
            let (key, value) = found.map_err(|error| ReadError::Unavailable(error.into()))?;
            if key_position(&key) != Some(due) {
                return Err(ReadError::Damaged { position: due, why: "it is not there" });
            }
            chunk.push(self.entry(due, &value)?);
            due = due.next();
        }
        if chunk.is_empty() {
            return Err(ReadError::Damaged { position: first, why: "it is not there" });
        }
        Ok(chunk)
    }

    fn entry(&self, position: Position, value: &[u8]) -> Result<Entry, ReadError> {
        self.seal.entry(position, value).map_err(|why| ReadError::Damaged { position, why })
    }
}

/// Runs sled with its panics turned into errors.
pub(super) fn guard<T>(act: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(format!("sled panicked: {text}").into())
    })
}

/// Moves a copy that is of no use out of the way; only the newest such is kept.
pub(super) fn move_aside(dir: &Path, disk: &Disk) -> io::Result<PathBuf> {
    let aside = dir.with_extension("aside");
    if aside.exists() {
        disk.remove_dir_all(&aside)?;
    }
    disk.rename(dir, &aside)?;
    disk.sync_dir(parent(dir))?;
    Ok(aside)
}

fn open_database(dir: &Path) -> Result<(sled::Db, sled::Tree), BoxError> {
    let config = sled::Config::new().path(dir).flush_every_ms(Some(FLUSH_EVERY_MS)).cache_capacity(CACHE);
    let mut tries = 1;
    let db = loop {
        match config.open() {
            Err(sled::Error::Io(error)) if tries < LOCK_TRIES && error.to_string().contains("lock") => {
                sleep(LOCK_PAUSE);
                tries += 1;
            }
            opened => break opened?,
        }
    };
    let log = db.open_tree("log")?;
    Ok((db, log))
}

/// A kill while sled writes its snapshot leaves one that no open survives.
fn remove_unfinished_snapshots(dir: &Path, disk: &Disk) -> io::Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for file in std::fs::read_dir(dir)? {
        let file = file?;
        let name = file.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            disk.remove(&file.path())?;
        }
    }
    Ok(())
}

pub(super) fn key_position(key: &[u8]) -> Option<Position> {
    Some(Position(u64::from_be_bytes(key.try_into().ok()?)))
}
