//! Where each administrator stood at a position: `people-<position>`. A question about one of them reads a few kilobytes
//! of it, one about all of them reads it whole; neither needs the activity log, which is most of a state.

mod table;

use std::collections::BTreeSet;
use std::fs::{DirEntry, File};
use std::io;
use std::ops::Bound::{Excluded, Included};
use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, Position};

use self::table::{Table, parts, sealed};
use super::file::{Header, Kind, Misfit};
use super::{MILESTONE, SaveError, Snapshots};

const PEOPLE: &str = "people-";

/// Records between two of them, at least: 4,096.
pub const PEOPLE_EVERY: u64 = MILESTONE / PER_MILESTONE;

/// How many there are to one snapshot that stays.
const PER_MILESTONE: u64 = 32;

/// Records to each administrator between two of them, at least: they take a small part of what the log takes, however
/// many administrators there are.
const RECORDS_EACH: u64 = 2;

/// Where administrators stood, and what it must be held against before it is used.
pub struct People {
    /// [`State::alone`], or [`State::everyone`].
    pub state: State,
    /// The SHA-256 of the stored record at its position.
    pub record: [u8; 32],
}

impl Snapshots {
    /// Whether parts belong between two positions, for so many administrators.
    pub fn are_people_due(&self, last: Position, now: Position, administrators: usize) -> bool {
        let every = (self.every / PER_MILESTONE).max(1);
        let enough = RECORDS_EACH.saturating_mul(administrators as u64);
        now.0 / every > last.0 / every && now.0.saturating_sub(last.0) >= enough.min(self.every)
    }

    /// Writes the parts of a state, or of [`State::everyone`] of it. `record` is as in [`Snapshots::save`].
    pub(super) fn save_people(&self, state: &State, record: [u8; 32]) -> Result<(), SaveError> {
        self.disk.create_dir_all(&self.dir)?;
        let (table, parts) = parts(state)?;
        let position = state.position();
        let (mut bytes, _) = self.header(Kind::People, position.0, record).seal(&table, &self.seal);
        bytes.extend(parts);
        self.replace(&self.people(position), &bytes)?;
        if let Some(known) = &mut *self.known_people() {
            known.insert(position);
        }
        Ok(())
    }

    /// The newest position behind one and not beyond another that there are parts of.
    pub fn nearest_people(&self, behind: Position, until: Position) -> Option<Position> {
        let mut known = self.known_people();
        let known = known.get_or_insert_with(|| self.listed_people());
        known.range((Excluded(behind), Included(until.max(behind)))).next_back().copied()
    }

    /// Leaves out those of a position from now on.
    pub fn forget_people(&self, position: Position) {
        if let Some(known) = &mut *self.known_people() {
            known.remove(&position);
        }
    }

    /// Takes those beyond a position away, where a fold begins: it makes them anew, if they were of this log.
    pub fn drop_people_beyond(&self, position: Position) {
        *self.known_people() = None;
        let beyond = self.listed_people().split_off(&Position(position.0 + 1));
        for path in beyond.into_iter().map(|position| self.people(position)) {
            if let Err(error) = self.disk.remove(&path) {
                tracing::warn!(path = %path.display(), %error, "a snapshot of where everyone stood cannot be removed");
            }
        }
    }

    /// Reads the part of one administrator.
    pub fn read_alone(&self, position: Position, id: AdministratorId) -> Result<People, Misfit> {
        self.read_people(position, |file, table| {
            Ok(State::alone_from_bytes(&table.shared(file)?, table.person(file, id)?.as_deref())?)
        })
    }

    /// Reads all parts.
    pub fn read_everyone(&self, position: Position) -> Result<People, Misfit> {
        self.read_people(position, |file, table| {
            let parts = table.all(file)?;
            let parts = table.apart(&parts)?;
            let (shared, people) = parts.split_first().ok_or(Misfit::Malformed)?;
            Ok(State::everyone_from_bytes(shared, people)?)
        })
    }

    fn read_people(
        &self,
        position: Position,
        read: impl FnOnce(&File, &Table<'_>) -> Result<State, Misfit>,
    ) -> Result<People, Misfit> {
        let file = File::open(self.people(position))?;
        let sealed = sealed(&file)?;
        let (header, body, _) = Header::open(&sealed, &self.seal)?;
        if header != self.header(Kind::People, position.0, header.record) {
            return Err(Misfit::Other);
        }
        let state = read(&file, &Table::of(body, sealed.len())?)?;
        if state.position() == position {
            Ok(People { state, record: header.record })
        } else {
            Err(Misfit::Other)
        }
    }

    fn people(&self, position: Position) -> PathBuf {
        self.dir.join(format!("{PEOPLE}{:020}", position.0))
    }

    fn known_people(&self) -> MutexGuard<'_, Option<BTreeSet<Position>>> {
        self.known_people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listed_people(&self) -> BTreeSet<Position> {
        let Ok(entries) = std::fs::read_dir(&self.dir) else { return BTreeSet::new() };
        let position = |entry: io::Result<DirEntry>| {
            entry.ok()?.file_name().to_str()?.strip_prefix(PEOPLE)?.parse().ok().map(Position)
        };
        entries.filter_map(position).collect()
    }
}
