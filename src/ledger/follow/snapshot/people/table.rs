//! The form of a file of parts.
//!
//! ```text
//! header  (whose [16]  end u64  digest [32]) ...  seal [32]  parts ...
//! ```
//! `header` is that of [`file`](crate::follow::snapshot::file), of kind `P`, and is followed by the number of lines as
//! u64. A line tells whose part it is, how many bytes of the parts end with it, and its SHA-256. The first is of nobody:
//! what is the same for all. The others are in the order of their ids, and whoever has none was not there. The seal is over header and
//! lines: through the digests it binds each part to its administrator, position, record and ledger.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use mfa_ledger_projections::{SnapshotError, State};
use mfa_ledger_schemas::AdministratorId;
use sha2::{Digest, Sha256};

use crate::follow::snapshot::file::{HEADER, Misfit, SEAL_BYTES};

const COUNT: usize = 8;
const ID: usize = 16;
const LINE: usize = ID + 8 + 32;

/// The number of lines with the lines, and the parts.
pub(super) fn parts(state: &State) -> Result<(Vec<u8>, Vec<u8>), SnapshotError> {
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
pub(super) fn sealed(file: &File) -> Result<Vec<u8>, Misfit> {
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

/// The lines of a file whose seal holds.
pub(super) struct Table<'a> {
    lines: &'a [[u8; LINE]],
    /// Where the parts begin.
    begin: u64,
}

impl<'a> Table<'a> {
    /// Those in the body of [`sealed`], which has so many bytes.
    pub fn of(body: &'a [u8], sealed: usize) -> Result<Self, Misfit> {
        let (lines, _) = body.get(COUNT..).ok_or(Misfit::Malformed)?.as_chunks();
        Ok(Self { lines, begin: sealed as u64 })
    }

    /// The part that is the same for all.
    pub fn shared(&self, file: &File) -> Result<Vec<u8>, Misfit> {
        self.part(file, 0)
    }

    /// The part of one administrator, if they were there.
    pub fn person(&self, file: &File, id: AdministratorId) -> Result<Option<Vec<u8>>, Misfit> {
        let people = self.lines.get(1..).unwrap_or_default();
        let person = people.binary_search_by(|line| line[..ID].cmp(&id.bytes()[..])).ok();
        person.map(|index| self.part(file, index + 1)).transpose()
    }

    /// All parts as they lie there.
    pub fn all(&self, file: &File) -> Result<Vec<u8>, Misfit> {
        let mut parts = vec![0; length(self.lines.last().map_or(0, end_of))?];
        exactly(file, &mut parts, self.begin)?;
        Ok(parts)
    }

    /// Each of them.
    pub fn apart<'b>(&self, parts: &'b [u8]) -> Result<Vec<&'b [u8]>, Misfit> {
        let part = |index| {
            let Range { start, end } = self.range(index)?;
            let part = parts.get(length(start)?..length(end)?).ok_or(Misfit::Malformed)?;
            self.check(part, index)
        };
        (0..self.lines.len()).map(part).collect()
    }

    fn part(&self, file: &File, index: usize) -> Result<Vec<u8>, Misfit> {
        let Range { start, end } = self.range(index)?;
        let mut part = vec![0; length(end - start)?];
        exactly(file, &mut part, self.begin + start)?;
        self.check(part, index)
    }

    fn check<P: AsRef<[u8]>>(&self, part: P, index: usize) -> Result<P, Misfit> {
        let fits = Sha256::digest(part.as_ref())[..] == self.lines[index][ID + 8..];
        if fits { Ok(part) } else { Err(Misfit::Seal) }
    }

    /// Where the part of a line lies among all of them.
    fn range(&self, index: usize) -> Result<Range<u64>, Misfit> {
        let end = self.lines.get(index).map(end_of).ok_or(Misfit::Malformed)?;
        let begin = index.checked_sub(1).map_or(0, |before| end_of(&self.lines[before]));
        if begin <= end { Ok(begin..end) } else { Err(Misfit::Malformed) }
    }
}

/// Where the part of a line ends.
fn end_of(line: &[u8; LINE]) -> u64 {
    line[ID..].first_chunk().map_or(0, |end| u64::from_be_bytes(*end))
}

/// A number of bytes that memory could hold.
fn length(bytes: u64) -> Result<usize, Misfit> {
    usize::try_from(bytes).map_err(|_| Misfit::Malformed)
}

/// Fills a buffer; a file that ends earlier is no whole snapshot.
fn exactly(file: &File, buffer: &mut [u8], at: u64) -> Result<(), Misfit> {
    match file.read_exact_at(buffer, at) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Misfit::Malformed),
        read => Ok(read?),
    }
}
