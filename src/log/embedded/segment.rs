//! The files of the journal: their names, headers, and how a new one comes to be. **Frozen**:
//! format version 1.
//!
//! ```text
//! magic "MFALEDGR" | format u32 | 0 u32 | ledger 16 | first position u64 | predecessor 32 | crc32c u32 | 0 u32
//! ```
//! `predecessor` is the SHA-256 of the whole file before this one (of zero bytes for the first): a
//! full segment is cut to its used length before it gets a successor, so that `sha256sum` shows the
//! same. It finds files that were mixed up; against a forger there is the signed Merkle tree.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::{Disk, DiskFile};

use super::open::OpenError;
use crate::Position;

pub(super) const HEADER: usize = 80;
pub(super) const FORMAT: u32 = 1;
const MAGIC: &[u8; 8] = b"MFALEDGR";
const CHECKED: usize = HEADER - 8;

/// What the header of a segment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub ledger: [u8; 16],
    pub first: Position,
    pub predecessor: [u8; 32],
}

impl Header {
    pub fn bytes(&self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        out[..8].copy_from_slice(MAGIC);
        out[8..12].copy_from_slice(&FORMAT.to_be_bytes());
        out[16..32].copy_from_slice(&self.ledger);
        out[32..40].copy_from_slice(&self.first.0.to_be_bytes());
        out[40..72].copy_from_slice(&self.predecessor);
        let crc = crc32c::crc32c(&out[..CHECKED]);
        out[CHECKED..CHECKED + 4].copy_from_slice(&crc.to_be_bytes());
        out
    }

    /// The header of a file.
    pub fn read(path: &Path, ledger: Option<[u8; 16]>) -> Result<Self, OpenError> {
        let mut bytes = Vec::with_capacity(HEADER);
        let read =
            std::fs::File::open(path).and_then(|file| file.take(HEADER as u64).read_to_end(&mut bytes));
        read.map_err(|error| OpenError::io(path, error))?;
        Self::parse(path, &bytes, ledger)
    }

    /// The header at the beginning of a segment that should belong to `ledger`, or to whichever.
    pub fn parse(path: &Path, bytes: &[u8], ledger: Option<[u8; 16]>) -> Result<Self, OpenError> {
        let wrong = |why: &str| OpenError::integrity(path, 0, Position::START, why);
        let header: &[u8; HEADER] = bytes.first_chunk().ok_or_else(|| wrong("the header is cut short"))?;
        if &header[..8] != MAGIC {
            return Err(wrong("this is not a segment of a journal"));
        }
        // Before the checksum: a newer format may have its own idea of where that is.
        let found = u32::from_be_bytes(array(&header[8..12]));
        // Unless all the rest is of this format: then somebody wrote another number over it.
        let mut ours = *header;
        ours[8..12].copy_from_slice(&FORMAT.to_be_bytes());
        let sum = u32::from_be_bytes(array(&header[CHECKED..CHECKED + 4]));
        if found != FORMAT && sum == crc32c::crc32c(&ours[..CHECKED]) {
            return Err(wrong("the format is another than the header was written with"));
        }
        if found > FORMAT {
            return Err(OpenError::NewerFormat { file: path.into(), found, known: FORMAT });
        }
        if crc32c::crc32c(&header[..CHECKED]) != u32::from_be_bytes(array(&header[CHECKED..CHECKED + 4])) {
            return Err(wrong("the checksum of the header does not fit"));
        }
        if header[CHECKED + 4..] != [0; HEADER - CHECKED - 4] {
            return Err(wrong("the header does not end in zeros"));
        }
        let header = Self {
            ledger: array(&header[16..32]),
            first: Position(u64::from_be_bytes(array(&header[32..40]))),
            predecessor: array(&header[40..72]),
        };
        match ledger {
            Some(expected) if header.ledger != expected => {
                Err(OpenError::OtherLedger { file: path.into(), found: header.ledger, expected })
            }
            _ => Ok(header),
        }
    }
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the slice was cut to this size")
}

/// The segment files of a journal in order.
pub(super) fn list(dir: &Path) -> io::Result<Vec<PathBuf>> {
    with_extension(dir, "segment")
}

/// Removes what an interrupted [`create`] left.
pub(super) fn remove_unfinished(dir: &Path, disk: &Disk) -> io::Result<()> {
    with_extension(dir, "new")?.iter().try_for_each(|path| disk.remove(path))
}

fn with_extension(dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(dir)? {
        let path = file?.path();
        if path.extension().is_some_and(|it| it == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The segment that `position` is in, if it is anywhere.
pub(super) fn holding(dir: &Path, position: Position) -> io::Result<Option<PathBuf>> {
    let name = format!("{:020}", position.0);
    let mut found: Option<PathBuf> = None;
    for file in std::fs::read_dir(dir)? {
        let path = file?.path();
        let segment = path.extension().is_some_and(|extension| extension == "segment");
        if segment && path.file_stem().is_some_and(|stem| *stem <= *name) {
            found = found.max(Some(path));
        }
    }
    Ok(found)
}

/// Creates the segment that begins with `header.first`, under its name only once it is whole.
pub(super) fn create(dir: &Path, disk: &Disk, header: &Header) -> io::Result<DiskFile> {
    let path = dir.join(format!("{:020}.segment", header.first.0));
    let unfinished = path.with_extension("new");
    let file = disk.create_new(&unfinished)?;
    file.write_all_at(&header.bytes(), 0)?;
    file.sync_data()?;
    disk.rename(&unfinished, &path)?;
    disk.sync_dir(dir)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_frozen() {
        let header = Header { ledger: [7; 16], first: Position(3), predecessor: [9; 32] };
        let bytes = header.bytes();
        assert_eq!(Header::parse(Path::new("x"), &bytes, Some([7; 16])).unwrap(), header);
        assert_eq!(data_encoding::HEXLOWER.encode(&bytes[..16]), "4d46414c454447520000000100000000");
        assert_eq!(data_encoding::HEXLOWER.encode(&bytes[72..]), "818fbbdd00000000");
    }
}
