//! The files of a backup: read within limits, never through a link; copied and summed.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use data_encoding::HEXLOWER;
use mfa_ledger_base::disk::{Disk, DiskFile};
use sha2::{Digest, Sha256};

use super::BackupError;
use super::manifest::{Item, MANIFEST};

/// Bytes read and written at once.
const CHUNK_BYTES: usize = 1024 * 1024;

/// A small file; one that is larger than the limit (bytes), a link, or no file at all is refused.
pub(super) fn small(path: &Path, limit: u64) -> Result<Vec<u8>, BackupError> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut bytes).map_err(BackupError::io(path))?;
    if read as u64 > limit { Err(BackupError::altered(path, "it is too large")) } else { Ok(bytes) }
}

/// Opens a plain file.
fn open(path: &Path) -> Result<File, BackupError> {
    let meta = std::fs::symlink_metadata(path).map_err(BackupError::io(path))?;
    if !meta.is_file() {
        return Err(BackupError::altered(path, "it is not a plain file"));
    }
    File::open(path).map_err(BackupError::io(path))
}

/// Every file below a directory but the manifest, as paths with `/`, in order. A link, or whatever else is
/// neither file nor directory, is refused.
pub(super) fn list(dir: &Path) -> Result<Vec<String>, BackupError> {
    let mut found = Vec::new();
    let mut dirs = vec![String::new()];
    while let Some(below) = dirs.pop() {
        let at = dir.join(&below);
        for entry in std::fs::read_dir(&at).map_err(BackupError::io(&at))? {
            let entry = entry.map_err(BackupError::io(&at))?;
            let kind = entry.file_type().map_err(BackupError::io(&entry.path()))?;
            let name = entry.file_name();
            let name =
                name.to_str().ok_or_else(|| BackupError::altered(&entry.path(), "it has a strange name"))?;
            let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            match (kind.is_dir(), kind.is_file()) {
                (true, _) if below.is_empty() => dirs.push(path),
                (_, true) if path == MANIFEST => {}
                (_, true) => found.push(path),
                _ => return Err(BackupError::altered(&entry.path(), "it does not belong into a backup")),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Length and digest of a file in a backup.
pub(super) fn item(dir: &Path, path: &str) -> Result<Item, BackupError> {
    pass(dir, path, |_, _| Ok(()))
}

/// Copies a file of a backup, and tells what was copied; durable but for the name.
pub(super) fn copy(from: &Path, path: &str, to: &Path, disk: &Disk) -> Result<Item, BackupError> {
    let target = to.join(path);
    let failed = BackupError::io(&target);
    let file: DiskFile = disk.create_new(&target).map_err(&failed)?;
    let item = pass(from, path, |bytes, offset| file.write_all_at(bytes, offset).map_err(&failed))?;
    file.sync_data().map_err(&failed)?;
    Ok(item)
}

fn pass(
    dir: &Path,
    path: &str,
    mut write: impl FnMut(&[u8], u64) -> Result<(), BackupError>,
) -> Result<Item, BackupError> {
    let full = dir.join(path);
    let mut file = open(&full)?;
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK_BYTES]);
    loop {
        let read = match file.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(BackupError::io(&full))?,
        };
        if read == 0 {
            let sha256 = HEXLOWER.encode(&hash.finalize());
            return Ok(Item { path: path.to_owned(), bytes, sha256 });
        }
        hash.update(&chunk[..read]);
        write(&chunk[..read], bytes)?;
        bytes += read as u64;
    }
}
