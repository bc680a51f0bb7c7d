//! The mark of a log that was closed in good order: the file `closed` with the head at that time,
//! there only while nobody has the log open. Without it all of the reading copy is compared with
//! the journal, with it the end.

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

/// Takes the mark away, if it is there; one that was not written to its end counts for nothing.
pub(super) fn take(dir: &Path, disk: &Disk) -> io::Result<Option<Position>> {
    let path = dir.join(NAME);
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    disk.remove(&path)?;
    disk.sync_dir(dir)?;
    let parts = bytes.split_first_chunk::<8>();
    Ok(parts
        .filter(|(head, crc)| crc32c::crc32c(&head[..]).to_be_bytes() == **crc)
        .map(|(head, _)| Position(u64::from_be_bytes(*head))))
}
