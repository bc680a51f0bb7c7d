//! The mark of a log that was closed in good order: the file `closed` with the head at that time,
//! there only while nobody has the log open. Without it all of the reading copy is compared with
//! the journal, with it the end. A journal that ends before it has lost records.

use std::io;
use std::path::Path;

use crate::disk::Disk;
use crate::log::Position;

const NAME: &str = "closed";

/// Leaves the mark.
pub(super) fn leave(dir: &Path, disk: &Disk, head: Position) -> io::Result<()> {
    let head = head.0.to_be_bytes();
    let file = disk.create_new(&dir.join(NAME))?;
    file.write_all_at(&[&head[..], &crc32c::crc32c(&head).to_be_bytes()].concat(), 0)?;
    file.sync_data()?;
    disk.sync_dir(dir)
}

/// What a start finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing: the log was not closed, or never begun.
    Absent,
    /// One that was not written to its end, or was changed since: it tells only that there was a log.
    Unreadable,
    /// The head at which the log was closed.
    At(Position),
}

impl Mark {
    /// Looks, and leaves it where it is: as long as a start may be refused, it is evidence.
    pub fn read(dir: &Path) -> io::Result<Self> {
        let bytes = match std::fs::read(dir.join(NAME)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Absent),
            read => read?,
        };
        let parts = bytes.split_first_chunk::<8>();
        let sound = parts.filter(|(head, crc)| crc32c::crc32c(&head[..]).to_be_bytes() == **crc);
        Ok(sound.map_or(Self::Unreadable, |(head, _)| Self::At(Position(u64::from_be_bytes(*head)))))
    }

    /// The head, if it can be read.
    pub fn head(self) -> Option<Position> {
        match self {
            Self::At(head) => Some(head),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// Takes it away, durably, before anything is appended.
    pub fn take(self, dir: &Path, disk: &Disk) -> io::Result<()> {
        if self != Self::Absent {
            disk.remove(&dir.join(NAME))?;
        }
        // Another start may have been killed between the removal and this.
        disk.sync_dir(dir)
    }
}
