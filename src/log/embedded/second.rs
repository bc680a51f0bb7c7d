//! The second mark of an orderly stop, in the file `vault/closed`: evidence that does not lie beside the log.
//!
//! Without it, somebody who deletes the mark [`closed`](super::mark) makes a log that was closed look like one that
//! crashed, and what they append is taken for the last second before the crash.
//!
//! ```text
//! "mlended\n" | version u8 | ledger [16] | head u64 | crc32c u32        (big-endian)
//! ```
//! The order makes a second mark without a first one impossible for any crash:
//!
//! | a stop | a start, before it appends anything |
//! |---|---|
//! | 1. the mark is left, durably | 1. the second mark is emptied, durably |
//! | 2. the vault leaves `vault/closed` empty | 2. the mark is removed, durably |
//! | 3. the second mark is written into it, durably | 3. the vault removes `vault/closed` |
//!
//! | the process dies | mark | second mark |
//! |---|---|---|
//! | in a stop, before step 1 is done | absent or cut short | absent |
//! | in a stop, before step 3 is done | there | absent |
//! | after a stop, in a start before step 1 is done | there | there, with the same head |
//! | in a start, before step 2 is done | there | absent |
//! | in a start after step 2, or later | absent | absent |
//!
//! So a second mark without a first one means that the first was removed, also where it is damaged or of another ledger: it
//! was changed then as well. A second mark that is absent proves nothing: an earlier build, which left `vault/closed` empty,
//! wrote none. One with an earlier head than the mark, or than the newest checkpoint, came with an older copy of the vault, and
//! says nothing either.

use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;

use crate::Position;

const MAGIC: [u8; 8] = *b"mlended\n";
const VERSION: u8 = 1;

/// Where it lies.
pub(super) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("vault").join("closed")
}

/// What lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    /// No second mark.
    Absent,
    /// The head at which the log was closed.
    At(Position),
    /// Something else, which no stop and no start of ours leaves: one that was changed, or that of another ledger.
    Spoilt,
}

impl Second {
    /// The head, if it can be read.
    pub fn head(self) -> Option<Position> {
        match self {
            Self::At(head) => Some(head),
            Self::Absent | Self::Spoilt => None,
        }
    }
}

/// What the second mark of the log of a ledger says.
pub(super) fn read(data_dir: &Path, ledger: [u8; 16]) -> io::Result<Second> {
    match std::fs::read(path(data_dir)) {
        Ok(bytes) if bytes.is_empty() => Ok(Second::Absent),
        Ok(bytes) => Ok(parse(&bytes, ledger).map_or(Second::Spoilt, Second::At)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Second::Absent)
        }
        Err(error) => Err(error),
    }
}

fn parse(bytes: &[u8], ledger: [u8; 16]) -> Option<Position> {
    let (told, crc) = bytes.split_last_chunk()?;
    if crc32c::crc32c(told) != u32::from_be_bytes(*crc) {
        return None;
    }
    let head = told.strip_prefix(&MAGIC)?.strip_prefix(&[VERSION])?.strip_prefix(&ledger)?;
    Some(Position(u64::from_be_bytes(head.try_into().ok()?)))
}

/// Leaves it, once the mark is durable and the vault is closed.
pub(super) fn leave(data_dir: &Path, disk: &Disk, ledger: [u8; 16], head: Position) -> io::Result<()> {
    let mut bytes = [MAGIC.as_slice(), &[VERSION], &ledger, &head.0.to_be_bytes()].concat();
    bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
    disk.replace(&path(data_dir), &bytes)
}

/// Empties it, durably. What stays tells that the vault was closed in good order. What is not ours is left as it is: the vault
/// may be that of another ledger.
pub(super) fn take(data_dir: &Path, disk: &Disk, ledger: [u8; 16]) -> io::Result<()> {
    match read(data_dir, ledger)? {
        Second::At(_) => disk.replace(&path(data_dir), b""),
        Second::Absent | Second::Spoilt => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_mark_is_read_by_its_ledger_alone_and_no_changed_byte_of_it_counts() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs, disk) = ([7; 16], [8; 16], Disk::real());
        assert_eq!(read(dir.path(), ours).unwrap(), Second::Absent);
        std::fs::create_dir(dir.path().join("vault")).unwrap();
        leave(dir.path(), &disk, ours, Position(9)).unwrap();
        assert_eq!(read(dir.path(), ours).unwrap(), Second::At(Position(9)));
        assert_eq!(read(dir.path(), theirs).unwrap(), Second::Spoilt);
        let file = path(dir.path());
        let whole = std::fs::read(&file).unwrap();
        assert_eq!(
            data_encoding::HEXLOWER.encode(&whole),
            "6d6c656e6465640a01070707070707070707070707070707070000000000000009646337e3",
            "the format is frozen"
        );
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&file, &changed).unwrap();
            assert_eq!(read(dir.path(), ours).unwrap(), Second::Spoilt, "byte {at}");
            std::fs::write(&file, &whole[..at]).unwrap();
            let cut = if at == 0 { Second::Absent } else { Second::Spoilt };
            assert_eq!(read(dir.path(), ours).unwrap(), cut, "{at} bytes");
        }
        std::fs::write(&file, &whole).unwrap();
        take(dir.path(), &disk, theirs).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), whole, "that of another ledger is left alone");
        take(dir.path(), &disk, ours).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"");
        take(dir.path(), &disk, ours).unwrap();
    }
}
