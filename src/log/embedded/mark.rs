//! The mark of a log that was closed in good order: the file `closed` with the head at that time,
//! there only while nobody has the log open. Without it all of the reading copy is compared with
//! the journal, with it the end. A journal that ends before it has lost records; one that goes on behind it has some
//! that were added from outside, as [`edge`](super::edge) tells. A log that was not signed for up to its end leaves none.
//!
//! ```text
//! head u64 | (position u64 | length u8 | name)* | crc32c u32        (big-endian)
//! ```
//! What follows the head are the tips: the last position of every stream. They spare the next start the reading of all
//! but the end of the journal, and stand there unless somebody began to look over what was left unread and was
//! interrupted, or found it wrong.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;

use crate::{Position, Stream};

const NAME: &str = "closed";

/// The position of the last record of every stream.
pub(super) type Tips = HashMap<Stream, Position>;

/// Where it lies.
pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

/// Leaves the mark; with the tips, if the next start may rely on them.
pub(super) fn leave(dir: &Path, disk: &Disk, head: Position, tips: Option<&Tips>) -> io::Result<()> {
    let mut bytes = head.0.to_be_bytes().to_vec();
    for (stream, position) in tips.into_iter().flatten() {
        bytes.extend(position.0.to_be_bytes());
        bytes.push(u8::try_from(stream.as_str().len()).expect("names of streams are limited"));
        bytes.extend(stream.as_str().as_bytes());
    }
    bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
    let file = disk.create_new(&dir.join(NAME))?;
    file.write_all_at(&bytes, 0)?;
    file.sync_data()?;
    disk.sync_dir(dir)
}

/// What a start finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing: the log was not closed, or never begun.
    Absent,
    /// One that was not written to its end, or was changed since: it tells only that there was a log.
    Unreadable,
    /// The head at which the log was closed, and the tips, where they are told.
    At(Position, Option<Tips>),
}

impl Mark {
    /// Looks, and leaves it where it is: as long as a start may be refused, it is evidence.
    pub fn read(dir: &Path) -> io::Result<Self> {
        let bytes = match std::fs::read(path(dir)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Absent),
            read => read?,
        };
        Ok(Self::parse(&bytes).unwrap_or(Self::Unreadable))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (told, crc) = bytes.split_last_chunk()?;
        if crc32c::crc32c(told) != u32::from_be_bytes(*crc) {
            return None;
        }
        let (head, mut rest) = told.split_first_chunk()?;
        let mut tips = HashMap::new();
        while let Some((position, after)) = rest.split_first_chunk() {
            let (length, after) = after.split_first()?;
            let (name, after) = after.split_at_checked(usize::from(*length))?;
            let stream = Stream::checked(str::from_utf8(name).ok()?)?;
            tips.insert(stream, Position(u64::from_be_bytes(*position)));
            rest = after;
        }
        let tips = (!tips.is_empty()).then_some(tips);
        rest.is_empty().then_some(Self::At(Position(u64::from_be_bytes(*head)), tips))
    }

    /// The head, if it can be read.
    pub fn head(&self) -> Option<Position> {
        match self {
            Self::At(head, _) => Some(*head),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// The tips, if they are told.
    pub fn tips(&self) -> Option<&Tips> {
        match self {
            Self::At(_, tips) => tips.as_ref(),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// Takes it away, durably, before anything is appended.
    pub fn take(&self, dir: &Path, disk: &Disk) -> io::Result<()> {
        if *self != Self::Absent {
            disk.remove(&dir.join(NAME))?;
        }
        // Another start may have been killed between the removal and this.
        disk.sync_dir(dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_left_and_no_part_of_it_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let read = || Mark::read(dir.path()).unwrap();
        assert_eq!(read(), Mark::Absent);
        leave(dir.path(), &Disk::real(), Position(7), None).unwrap();
        assert_eq!(read(), Mark::At(Position(7), None));
        read().take(dir.path(), &Disk::real()).unwrap();
        let tips: Tips = [("a/1", 3), ("b", 7)].map(|(name, at)| (Stream::new(name), Position(at))).into();
        leave(dir.path(), &Disk::real(), Position(7), Some(&tips)).unwrap();
        assert_eq!(read(), Mark::At(Position(7), Some(tips)));
        let bytes = std::fs::read(dir.path().join(NAME)).unwrap();
        for length in 0..bytes.len() {
            std::fs::write(dir.path().join(NAME), &bytes[..length]).unwrap();
            assert_eq!(read(), Mark::Unreadable, "{length}");
        }
    }
}
