//! Where each administrator stood at a snapshot that stays, so that a question about one of them reads a few
//! kilobytes of it: `people-<position>`, beside the whole one.
//!
//! ```text
//! header  (whose [16]  end u64  digest [32]) ...  seal [32]  parts ...
//! ```
//! `header` is that of [`file`](super::file), of kind `P`, and is followed by the number of lines as u64. A line tells
//! whose part it is, how many bytes of the parts end with it, and its SHA-256. The first is of nobody: what is the same
//! for all. The others are in the order of their ids, and whoever has none was not there. The seal is over header and
//! lines: through the digests it binds each part to its administrator, position, record and ledger.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use mfa_ledger_projections::{SnapshotError, State};
use mfa_ledger_schemas::{AdministratorId, Position};
use sha2::{Digest, Sha256};

use super::file::{HEADER, Header, Kind, Misfit, SEAL_BYTES};
use super::{Found, SaveError, Snapshots};

const PEOPLE: &str = "people-";
const COUNT: usize = 8;
const ID: usize = 16;
const LINE: usize = ID + 8 + 32;

/// Where one administrator stood, and what it must be held against before it is used.
pub struct Alone {
    /// [`State::alone`].
    pub state: State,
    /// The SHA-256 of the stored record at its position.
    pub record: [u8; 32],
}

impl Snapshots {
    /// Writes the parts of a state.
    pub(super) fn save_people(&self, state: &State, record: [u8; 32]) -> Result<(), SaveError> {
        let (table, parts) = parts(state)?;
        let (mut bytes, _) = self.header(Kind::People, state.position().0, record).seal(&table, &self.seal);
        bytes.extend(parts);
        self.replace(&self.people(state.position()), &bytes)
    }

    /// Reads the part of one administrator at a snapshot that stays; `None` where that has no parts, as those of
    /// earlier versions have none.
    pub fn read_alone(&self, found: &Found, id: AdministratorId) -> Result<Option<Alone>, Misfit> {
        let Some(position) = found.position else { return Ok(None) };
        let file = match File::open(self.people(position)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let sealed = table(&file)?;
        let (header, lines, _) = Header::open(&sealed, &self.seal)?;
        if header != self.header(Kind::People, position.0, header.record) {
            return Err(Misfit::Other);
        }
        let (lines, _) = lines[COUNT..].as_chunks::<LINE>();
        let part = |index: usize| part(&file, sealed.len(), lines, index);
        let shared = part(0)?;
        let theirs = lines.get(1..).unwrap_or_default();
        let person = theirs.binary_search_by(|line| line[..ID].cmp(&id.bytes()[..])).ok();
        let person = person.map(|index| part(index + 1)).transpose()?;
        let state = State::alone_from_bytes(&shared, person.as_deref())?;
        if state.position() != position {
            return Err(Misfit::Other);
        }
        Ok(Some(Alone { state, record: header.record }))
    }

    pub(super) fn people(&self, position: Position) -> PathBuf {
        self.dir.join(format!("{PEOPLE}{:020}", position.0))
    }
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

/// The part that a line tells of, in a file whose parts begin at a byte.
fn part(file: &File, begin: usize, lines: &[[u8; LINE]], index: usize) -> Result<Vec<u8>, Misfit> {
    let end_of = |line: &[u8; LINE]| line[ID..].first_chunk().map_or(0, |end| u64::from_be_bytes(*end));
    let line = lines.get(index).ok_or(Misfit::Malformed)?;
    let before = index.checked_sub(1).map_or(0, |before| end_of(&lines[before]));
    let length = end_of(line).checked_sub(before).and_then(|length| usize::try_from(length).ok());
    let mut part = vec![0; length.ok_or(Misfit::Malformed)?];
    exactly(file, &mut part, begin as u64 + before)?;
    if Sha256::digest(&part)[..] != line[ID + 8..] {
        return Err(Misfit::Seal);
    }
    Ok(part)
}

/// Fills a buffer; a file that ends earlier is no whole snapshot.
fn exactly(file: &File, buffer: &mut [u8], at: u64) -> Result<(), Misfit> {
    match file.read_exact_at(buffer, at) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Misfit::Malformed),
        read => Ok(read?),
    }
}
