//! Snapshots of the state: a start folds the end of the log only, and a question about the past begins near
//! its moment.
//!
//! `snapshots/` of the data directory holds `latest`, written at the end of a run; `past-<position>`, one for
//! every [`MILESTONE`] records, kept for ever; `people-<position>`, where each administrator stood, one for every
//! [`PEOPLE_EVERY`] records; `block-<number>`, the full blocks of the activity, which all of them share; and
//! `detection`, what the rules had seen. They can be deleted at any time. Each is sealed with a key of the ledger and
//! names the record at its position: one that was altered, or is of a history that the log does not have, is told and
//! left out.

mod detection;
mod file;
mod people;
mod restore;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use mfa_ledger_projections::State;
use mfa_ledger_projections::activity::BLOCK;
use mfa_ledger_schemas::{LedgerId, Position};

pub use detection::Remembered;
use file::{Header, Kind};
pub use file::{Misfit, Seal};
use mfa_ledger_base::disk::Disk;
pub use people::{PEOPLE_EVERY, People};
pub use restore::{Found, Restored};

/// Where they lie in the data directory.
pub const SNAPSHOTS: &str = "snapshots";

/// Records between two snapshots that are kept for ever: 131,072.
pub const MILESTONE: u64 = 4 * BLOCK as u64;

const LATEST: &str = "latest";
const PAST: &str = "past-";

/// Where snapshots are kept, and how many of them.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// The data directory.
    pub data_dir: PathBuf,
    /// How it is written.
    pub disk: Disk,
    /// Records between two that stay; [`MILESTONE`] but for tests.
    pub every: u64,
    /// Bytes of the disk that no snapshot takes: the log needs them more. 0 is none.
    pub reserve: u64,
}

/// The snapshots of one ledger.
pub struct Snapshots {
    dir: PathBuf,
    disk: Disk,
    every: u64,
    reserve: u64,
    /// Whether it was told that there is no room.
    told: AtomicBool,
    ledger: [u8; 16],
    seal: Seal,
    /// The seals of the blocks that are written, in their order.
    blocks: Mutex<Vec<[u8; 32]>>,
    /// The position of the one that was read or written last.
    last: Mutex<Position>,
    /// The newest one, while it is being read for a start.
    ahead: Mutex<Option<restore::Ahead>>,
    /// The positions that there are parts of, once somebody has asked for some.
    known_people: Mutex<Option<BTreeSet<Position>>>,
}

/// A snapshot was not written. Nothing is lost by that but time at the next start.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The disk refused.
    #[error("a snapshot cannot be written")]
    Io(#[from] io::Error),
    /// There is no room beside what is to be kept free.
    #[error("the disk has {free} bytes free, of which {reserve} are to be kept, and {needed} are needed")]
    LittleRoom {
        /// Free bytes.
        free: u64,
        /// Bytes to be kept free.
        reserve: u64,
        /// Bytes that would have been written.
        needed: u64,
    },
    /// The state could not be encoded.
    #[error(transparent)]
    Content(#[from] mfa_ledger_projections::SnapshotError),
}

/// Which snapshot is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The one that the next is put in the place of.
    Latest,
    /// One that stays.
    Past,
    /// One that stays, of where everyone stood and nothing else.
    People,
}

impl Snapshots {
    /// Those of a ledger, written or not.
    pub fn new(keeping: Keeping, ledger: LedgerId, seal: Seal) -> Self {
        let Keeping { data_dir, disk, every, reserve } = keeping;
        Self {
            dir: data_dir.join(SNAPSHOTS),
            disk,
            every,
            reserve,
            told: AtomicBool::new(false),
            ledger: ledger.bytes(),
            seal,
            blocks: Mutex::default(),
            last: Mutex::default(),
            ahead: Mutex::default(),
            known_people: Mutex::default(),
        }
    }

    /// Whether a snapshot that stays belongs between two positions.
    pub fn is_due(&self, last: Position, now: Position) -> bool {
        now.0 / self.every > last.0 / self.every
    }

    /// Writes the full blocks that are not written yet, then the state; of [`Place::People`] only where everyone stood.
    /// `record` is the SHA-256 of the stored record at its position.
    pub fn save(&self, state: &State, record: [u8; 32], place: Place) -> Result<(), SaveError> {
        if place == Place::People {
            return self.save_people(state, record);
        }
        self.disk.create_dir_all(&self.dir)?;
        let mut written = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        for block in state.activity.blocks().iter().skip(written.len()) {
            let number = written.len() as u64 + 1;
            let header = self.header(Kind::Block, number, [0; 32]);
            let (bytes, seal) = header.seal(&block.to_bytes()?, &self.seal);
            self.replace(&self.block(number), &bytes)?;
            written.push(seal);
        }
        let position = state.position().0;
        let full = state.activity.blocks().len();
        let mut body = Vec::new();
        body.extend((full as u64).to_be_bytes());
        body.extend(written[..full].as_flattened());
        body.extend(state.to_snapshot()?);
        let (bytes, _) = self.header(Kind::State, position, record).seal(&body, &self.seal);
        let name = if place == Place::Latest { LATEST.to_owned() } else { format!("{PAST}{position:020}") };
        self.replace(&self.dir.join(name), &bytes)?;
        if place == Place::Past {
            self.save_people(state, record)?;
        }
        self.told.store(false, Ordering::Relaxed);
        self.note(state.position());
        Ok(())
    }

    /// Whether this is the first time in a row that there is no room, which is told once.
    pub fn first_without_room(&self) -> bool {
        !self.told.swap(true, Ordering::Relaxed)
    }

    /// A disk that is nearly full is left to the log. One that does not tell its room gets nothing either.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
        if self.reserve > 0 {
            let (free, needed) = (self.disk.space(&self.dir)?.free, bytes.len() as u64);
            if free < self.reserve.saturating_add(needed) {
                return Err(SaveError::LittleRoom { free, reserve: self.reserve, needed });
            }
        }
        Ok(self.disk.replace(path, bytes)?)
    }

    /// Whether the state of a position was read from here or written here last.
    pub fn has(&self, position: Position) -> bool {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) == position
    }

    fn note(&self, position: Position) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = position;
    }

    fn header(&self, kind: Kind, number: u64, record: [u8; 32]) -> Header {
        Header { kind, ledger: self.ledger, number, record }
    }

    fn block(&self, number: u64) -> PathBuf {
        self.dir.join(format!("block-{number:012}"))
    }
}
