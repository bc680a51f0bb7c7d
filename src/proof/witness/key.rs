//! The key of a witness: one text file beside its directory, for nobody but its owner.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tlog::SigningKey;
use mfa_ledger_base::tlog::key::MalformedKey;
use zeroize::Zeroizing;

use super::WitnessError;

/// Longest file that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024;

/// Where the key is unless told otherwise: beside the directory, never in it.
pub fn key_file(dir: &Path) -> PathBuf {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.into());
    let mut name = absolute.file_name().unwrap_or("witness".as_ref()).to_owned();
    name.push(".key");
    absolute.with_file_name(name)
}

/// Stores a key in a new file: all of it or nothing, and durable. Of two processes that make a key, one stores its
/// own and the other hears [`WitnessError::KeyExists`]. `draft` goes into the name that the file has while it is
/// written, and is nobody else's.
pub fn create_key(path: &Path, key: &SigningKey, draft: &str, disk: &Disk) -> Result<(), WitnessError> {
    let text = Zeroizing::new(format!("{}\n", *key.to_text()));
    disk.place_new(path, text.as_bytes(), draft).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => WitnessError::KeyExists(path.into()),
        _ => WitnessError::Io(path.into(), error),
    })
}

/// Reads a key. A credential of a service manager may be readable by a group.
pub fn read_key(path: &Path, credential: bool) -> Result<SigningKey, WitnessError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => WitnessError::NoKey(path.into()),
        _ => WitnessError::Io(path.into(), error),
    };
    let file = File::open(path).map_err(failed)?;
    // The mode of the open file: a path could name another file by the time it is read.
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if mode & if credential { 0o007 } else { 0o077 } != 0 {
        return Err(WitnessError::KeyTooOpen { path: path.into(), mode });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_BYTES).unwrap_or(0) + 1));
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    let malformed = |error| WitnessError::KeyMalformed(path.into(), error);
    if bytes.len() as u64 > MAX_BYTES {
        return Err(malformed(MalformedKey::Form));
    }
    let text = str::from_utf8(&bytes).map_err(|_| malformed(MalformedKey::Form))?;
    SigningKey::parse(text.trim()).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::tlog::key::KeyType;

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed("witness.example/w1", KeyType::Cosignature, &[seed; 32]).unwrap()
    }

    #[test]
    fn the_second_key_never_takes_the_place_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create_key(&path, &key(1), "1", &Disk::real()).unwrap();
        let second = create_key(&path, &key(2), "2", &Disk::real());
        assert!(matches!(second, Err(WitnessError::KeyExists(_))));
        assert_eq!(read_key(&path, false).unwrap().verifier(), key(1).verifier());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no draft stays");
    }

    #[test]
    fn every_part_of_a_key_is_malformed_and_so_is_a_file_that_is_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create_key(&path, &key(1), "1", &Disk::real()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        // The line feed at the end is not part of the key.
        for cut in 0..whole.len() - 1 {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(matches!(read_key(&path, false), Err(WitnessError::KeyMalformed(..))), "{cut} bytes");
        }
        let largest = usize::try_from(MAX_BYTES).unwrap();
        let mut padded = whole.clone();
        padded.resize(largest, b'\n');
        std::fs::write(&path, &padded).unwrap();
        assert!(read_key(&path, false).is_ok());
        padded.push(b'\n');
        std::fs::write(&path, &padded).unwrap();
        assert!(matches!(read_key(&path, false), Err(WitnessError::KeyMalformed(..))));
    }
}
