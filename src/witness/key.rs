//! The key of a witness: one text file beside its directory, for nobody but its owner.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::WitnessError;
use crate::disk::Disk;
use crate::tlog::SigningKey;

/// Longest file that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024;

/// Where the key is unless told otherwise: beside the directory, never in it.
pub fn key_file(dir: &Path) -> PathBuf {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.into());
    let mut name = absolute.file_name().unwrap_or("witness".as_ref()).to_owned();
    name.push(".key");
    absolute.with_file_name(name)
}

/// Stores a key in a new file.
pub fn create_key(path: &Path, key: &SigningKey, disk: &Disk) -> Result<(), WitnessError> {
    if path.exists() {
        return Err(WitnessError::KeyExists(path.into()));
    }
    let text = Zeroizing::new(format!("{}\n", *key.to_text()));
    disk.replace(path, text.as_bytes()).map_err(|error| WitnessError::Io(path.into(), error))
}

/// Reads a key. A credential of a service manager may be readable by a group.
pub fn read_key(path: &Path, credential: bool) -> Result<SigningKey, WitnessError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => WitnessError::NoKey(path.into()),
        _ => WitnessError::Io(path.into(), error),
    };
    let file = std::fs::metadata(path).map_err(failed)?;
    let mode = file.permissions().mode() & 0o7777;
    if mode & if credential { 0o007 } else { 0o077 } != 0 {
        return Err(WitnessError::KeyTooOpen { path: path.into(), mode });
    }
    let malformed = |error| WitnessError::KeyMalformed(path.into(), error);
    if file.len() > MAX_BYTES {
        return Err(malformed(crate::tlog::key::MalformedKey::Form));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
    SigningKey::parse(text.trim()).map_err(malformed)
}
