//! The reading copy: a sled tree of records by their position, as [`pieces`](super::pieces) tells.
//!
//! sled is fast to read and not to be trusted (its flush is not durable, damage panics or goes
//! unnoticed): whatever it does here, the journal can rebuild it. Panics of sled become errors.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use mfa_ledger_base::disk::{Disk, parent};
use sled::IVec;

use super::frame::Seal;
use super::pieces::{Last, Layout};
use crate::{BoxError, Entry, Position, ReadError};

/// Bytes that sled's page cache aims at; memory use may be a multiple of it.
const CACHE: u64 = 64 * 1024 * 1024;

/// sled's own thread for collecting garbage and writing out, in milliseconds between two runs.
const FLUSH_EVERY_MS: u64 = 500;

/// Bytes of a segment of a new copy; sled's own is 512 KiB. An opening reads the header of every segment, and the first
/// write behind it passes over all segments once for each of them: at ten million records in small ones that is 160 MB
/// read in pieces, and nearly three seconds of a processor. An opening also fills the free ones, about twenty, with
/// zeros: 40 MB of these, but 170 MB of 8 MiB.
const SEGMENT: usize = 2 * 1024 * 1024;

/// sled lets go of its lock a moment after it was dropped: tries and pause between them.
const LOCK_TRIES: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// The reading copy, open.
#[derive(Debug)]
pub(super) struct Tree {
    db: sled::Db,
    log: sled::Tree,
    layout: Layout,
    last: Mutex<Last>,
    seal: Seal,
    disk: Disk,
    dir: PathBuf,
}

impl Tree {
    /// Opens the copy in `dir`, or an empty one where there is none.
    pub fn open(dir: &Path, seal: Seal, disk: &Disk) -> Result<Self, BoxError> {
        remove_unfinished_snapshots(dir, disk)?;
        let fresh = !dir.exists();
        let (db, layout, log) = guard(|| open_database(dir))?;
        let last = Mutex::new(guard(|| last(&log, layout))?);
        let tree = Self { db, log, layout, last, seal, disk: disk.clone(), dir: dir.into() };
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
    pub fn last(&self) -> Position {
        self.packing().position()
    }

    /// What is stored from a position on, unchecked.
    pub fn stored_from(&self, first: Position) -> Result<Stored, BoxError> {
        let (values, layout) = (self.values_around(first)?, self.layout);
        Ok(Stored { values, layout, from: first, pieces: Vec::new().into_iter() })
    }

    /// The values from the one on that has a position.
    fn values_around(&self, position: Position) -> Result<sled::Iter, BoxError> {
        let before = guard(|| Ok(self.log.get_lt(position.next().0.to_be_bytes())?))?;
        let begin = before.map_or_else(|| IVec::from(&position.0.to_be_bytes()), |(key, _)| key);
        Ok(self.log.range(begin..))
    }

    /// The first record behind `head` that is whole, if there is one.
    pub fn sound_beyond(&self, head: Position) -> Result<Option<Position>, BoxError> {
        guard(|| {
            for found in self.values_around(head.next())? {
                let (key, value) = found?;
                // What cannot be read proves nothing, and what follows it may.
                let (Some(first), Ok(pieces)) = (key_position(&key), self.layout.pieces(&value)) else {
                    continue;
                };
                let mut beyond =
                    (first.0..).map(Position).zip(pieces).filter(|(position, _)| *position > head);
                let sound = |(position, piece): &(Position, IVec)| self.seal.entry(*position, piece).is_ok();
                if let Some((position, _)) = beyond.find(sound) {
                    return Ok(Some(position));
                }
            }
            Ok(None)
        })
    }

    /// Adds entries, which stand behind one another, in one atomic batch.
    pub fn apply(&self, entries: &[Entry]) -> Result<(), BoxError> {
        self.apply_pieces(entries.iter().map(|entry| (entry.position, self.seal.value(entry))))
    }

    /// The same for what is to be stored.
    pub fn apply_pieces(
        &self,
        pieces: impl IntoIterator<Item = (Position, Vec<u8>)>,
    ) -> Result<(), BoxError> {
        let batch = self.packing().pack(self.layout, pieces);
        guard(|| Ok(self.log.apply_batch(batch)?))
    }

    fn packing(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
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
        for found in self.stored_from(first).map_err(ReadError::Unavailable)?.take(limit) {
            let (position, piece) = found.map_err(ReadError::Unavailable)?;
            if position > last {
                break;
            }
            if position != due {
                return Err(ReadError::Damaged { position: due, why: "it is not there" });
            }
            chunk.push(self.entry(due, &piece)?);
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

/// What is stored, piece by piece, with the positions that the keys tell.
pub(super) struct Stored {
    values: sled::Iter,
    layout: Layout,
    from: Position,
    pieces: std::vec::IntoIter<(Position, IVec)>,
}

impl Iterator for Stored {
    type Item = Result<(Position, IVec), BoxError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let from = self.from;
            if let Some(piece) = self.pieces.find(|(position, _)| *position >= from) {
                return Some(Ok(piece));
            }
            let read = |(key, value): (IVec, IVec)| {
                let first = key_position(&key).ok_or("a key is not a position")?;
                Ok((first.0..).map(Position).zip(self.layout.pieces(&value)?).collect::<Vec<_>>())
            };
            match self.values.next()?.map_err(BoxError::from).and_then(read) {
                Ok(pieces) => self.pieces = pieces.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
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

fn open_database(dir: &Path) -> Result<(sled::Db, Layout, sled::Tree), BoxError> {
    let config = sled::Config::new().path(dir).flush_every_ms(Some(FLUSH_EVERY_MS)).cache_capacity(CACHE);
    let config = config.segment_size(segment_size(dir)?);
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
    let is_single = db.tree_names().iter().any(|name| name == Layout::Single.tree().as_bytes());
    let layout = if is_single { Layout::Single } else { Layout::Packed };
    let log = db.open_tree(layout.tree())?;
    Ok((db, layout, log))
}

fn last(log: &sled::Tree, layout: Layout) -> Result<Last, BoxError> {
    let Some((key, value)) = log.last()? else { return Ok(Last::default()) };
    let first = key_position(&key).ok_or("a key is not a position")?;
    Ok(Last::found(layout, first, &value))
}

/// The size that a copy was made with, which sled refuses to open with any other; that of new ones where there is none.
fn segment_size(dir: &Path) -> io::Result<usize> {
    let conf = match std::fs::read(dir.join("conf")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(SEGMENT),
        read => read?,
    };
    // What sled cannot make sense of either ends in its refusal, and the copy is rebuilt.
    let conf = String::from_utf8_lossy(&conf);
    let told = conf.lines().find_map(|line| line.strip_prefix("segment_size: "));
    Ok(told.and_then(|size| size.parse().ok()).unwrap_or(SEGMENT))
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

fn key_position(key: &[u8]) -> Option<Position> {
    Some(Position(u64::from_be_bytes(key.try_into().ok()?)))
}
