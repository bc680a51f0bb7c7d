//! Where each administrator stood at a position: `people-<position>`. A question about one of them reads a few kilobytes
//! of it, one about all of them reads it whole; neither needs the activity log, which is most of a state.
//!
//! ```text
//! header  (whose [16]  end u64  digest [32]) ...  seal [32]  parts ...
//! ```
//! `header` is that of [`file`](super::file), of kind `P`, and is followed by the number of lines as u64. A line tells
//! whose part it is, how many bytes of the parts end with it, and its SHA-256. The first is of nobody: what is the same
//! for all. The others are in the order of their ids, and whoever has none was not there. The seal is over header and
//! lines: through the digests it binds each part to its administrator, position, record and ledger.

use std::collections::BTreeSet;
use std::fs::{DirEntry, File};
use std::io;
use std::ops::Bound::{Excluded, Included};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};

use mfa_ledger_projections::{SnapshotError, State};
use mfa_ledger_schemas::{AdministratorId, Position};
use sha2::{Digest, Sha256};

use super::file::{HEADER, Header, Kind, Misfit, SEAL_BYTES};
use super::{MILESTONE, SaveError, Snapshots};

const PEOPLE: &str = "people-";
const COUNT: usize = 8;
const ID: usize = 16;
const LINE: usize = ID + 8 + 32;

/// Records between two of them, at least: 8,192.
pub const PEOPLE_EVERY: u64 = MILESTONE / PER_MILESTONE;

/// How many there are to one snapshot that stays.
const PER_MILESTONE: u64 = 16;

/// Records to each administrator between two of them, at least: they take a small part of what the log takes, however
/// many administrators there are.
const RECORDS_EACH: u64 = 4;

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
        let file = File::open(self.people(position))?;
        let sealed = table(&file)?;
        let (lines, record) = self.lines(&sealed, position)?;
        let part = |index: usize| part(&file, sealed.len(), lines, index);
        let shared = part(0)?;
        let theirs = lines.get(1..).unwrap_or_default();
        let person = theirs.binary_search_by(|line| line[..ID].cmp(&id.bytes()[..])).ok();
        let person = person.map(|index| part(index + 1)).transpose()?;
        of_position(position, State::alone_from_bytes(&shared, person.as_deref())?, record)
    }

    /// Reads all parts.
    pub fn read_everyone(&self, position: Position) -> Result<People, Misfit> {
        let file = File::open(self.people(position))?;
        let sealed = table(&file)?;
        let (lines, record) = self.lines(&sealed, position)?;
        let mut all = vec![0; lines.last().map_or(Ok(0), |line| length(end_of(line)))?];
        exactly(&file, &mut all, sealed.len() as u64)?;
        let parts: Vec<_> = (0..lines.len()).map(|index| checked(&all, lines, index)).collect::<Result<_, _>>()?;
        let (shared, people) = parts.split_first().ok_or(Misfit::Malformed)?;
        of_position(position, State::everyone_from_bytes(shared, people)?, record)
    }

    pub(super) fn people(&self, position: Position) -> PathBuf {
        self.dir.join(format!("{PEOPLE}{:020}", position.0))
    }

    /// The lines of a table, and the record that it names.
    fn lines<'a>(&self, sealed: &'a [u8], position: Position) -> Result<(&'a [[u8; LINE]], [u8; 32]), Misfit> {
        let (header, lines, _) = Header::open(sealed, &self.seal)?;
        if header != self.header(Kind::People, position.0, header.record) {
            return Err(Misfit::Other);
        }
        Ok((lines.get(COUNT..).ok_or(Misfit::Malformed)?.as_chunks::<LINE>().0, header.record))
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

fn of_position(position: Position, state: State, record: [u8; 32]) -> Result<People, Misfit> {
    if state.position() == position { Ok(People { state, record }) } else { Err(Misfit::Other) }
}

/// The number of lines with the lines, and the parts.
fn parts(state: &State) -> Result<(Vec<u8>, Vec<u8>), SnapshotError> {
    let people = state.people();
    let mut table = (people.len() as u64 + 1).to_be_bytes().to_vec();
    let mut parts = Vec::new();
    let mut add = |whose: [u8; ID], part: &[u8]| {
        parts.extend(part);
        table.extend(whose);
        table.extend((parts.len() as u64).to_be_bytes());
        table.extend(Sha256::digest(part));
    };
    add([0; ID], &state.shared_to_bytes()?);
    for id in people {
        add(id.bytes(), &state.person_to_bytes(id)?);
    }
    Ok((table, parts))
}

/// Header, lines and seal of a file.
fn table(file: &File) -> Result<Vec<u8>, Misfit> {
    let mut begin = [0; HEADER + COUNT];
    exactly(file, &mut begin, 0)?;
    let (_, count) = begin.split_last_chunk::<COUNT>().ok_or(Misfit::Malformed)?;
    let lines = usize::try_from(u64::from_be_bytes(*count)).ok().and_then(|count| count.checked_mul(LINE));
    let length = lines.and_then(|lines| lines.checked_add(begin.len() + SEAL_BYTES));
    // Nothing is believed of it yet, not even that there is so much memory.
    let length = length.filter(|length| *length as u64 <= file.metadata().map_or(0, |it| it.len()));
    let mut sealed = vec![0; length.ok_or(Misfit::Malformed)?];
    exactly(file, &mut sealed, 0)?;
    Ok(sealed)
}

/// Where the part of a line ends.
fn end_of(line: &[u8; LINE]) -> u64 {
    line[ID..].first_chunk().map_or(0, |end| u64::from_be_bytes(*end))
}

/// Where the part of a line lies.
fn range(lines: &[[u8; LINE]], index: usize) -> Result<Range<u64>, Misfit> {
    let end = lines.get(index).map(end_of).ok_or(Misfit::Malformed)?;
    let begin = index.checked_sub(1).map_or(0, |before| end_of(&lines[before]));
    if begin <= end { Ok(begin..end) } else { Err(Misfit::Malformed) }
}

/// A number of bytes that memory could hold.
fn length(bytes: u64) -> Result<usize, Misfit> {
    usize::try_from(bytes).map_err(|_| Misfit::Malformed)
}

/// The part that a line tells of, in a file whose parts begin at a byte.
fn part(file: &File, begin: usize, lines: &[[u8; LINE]], index: usize) -> Result<Vec<u8>, Misfit> {
    let Range { start, end } = range(lines, index)?;
    let mut part = vec![0; length(end - start)?];
    exactly(file, &mut part, begin as u64 + start)?;
    if fits(&part, lines, index) { Ok(part) } else { Err(Misfit::Seal) }
}

/// The same, where all parts are at hand.
fn checked<'a>(parts: &'a [u8], lines: &[[u8; LINE]], index: usize) -> Result<&'a [u8], Misfit> {
    let Range { start, end } = range(lines, index)?;
    let part = parts.get(length(start)?..length(end)?).ok_or(Misfit::Malformed)?;
    if fits(part, lines, index) { Ok(part) } else { Err(Misfit::Seal) }
}

fn fits(part: &[u8], lines: &[[u8; LINE]], index: usize) -> bool {
    Sha256::digest(part)[..] == lines[index][ID + 8..]
}

/// Fills a buffer; a file that ends earlier is no whole snapshot.
fn exactly(file: &File, buffer: &mut [u8], at: u64) -> Result<(), Misfit> {
    match file.read_exact_at(buffer, at) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Misfit::Malformed),
        read => Ok(read?),
    }
}
