//! The master key: read from where the configuration says, made where there is none.

use std::io::ErrorKind;
use std::path::Path;

use data_encoding::HEXLOWER;

use super::credential::is_credential;
use crate::chance::Chance;
use crate::config::Config;
use crate::data_dir::StartError;
use crate::disk::{Disk, parent};
use crate::vault::{KeyFileError, MasterKey};

/// The key of a ledger that exists.
pub(in crate::data_dir) fn read(config: &Config) -> Result<MasterKey, StartError> {
    if let Some(key) = &config.vault.master_key {
        return MasterKey::parse(key.expose()).map_err(StartError::KeyText);
    }
    let path = config.key_file();
    let key =
        if is_credential(&path) { MasterKey::read_credential(&path) } else { MasterKey::read_file(&path) };
    Ok(key?)
}

/// The key of a ledger that is about to begin: the one that is there, or a new one in a new file.
pub(in crate::data_dir) fn read_or_make(
    config: &Config,
    chance: &Chance,
    disk: &Disk,
) -> Result<MasterKey, StartError> {
    match read(config) {
        Err(StartError::KeyFile(KeyFileError::Missing(path))) => make(&path, chance, disk),
        read => read,
    }
}

fn make(path: &Path, chance: &Chance, disk: &Disk) -> Result<MasterKey, StartError> {
    let key = MasterKey::generate(chance);
    let text = key.to_hex();
    let write = || {
        disk.create_dir_all(parent(path))?;
        // Half a key would be in the way of the next attempt.
        disk.place_new(path, text.expose().as_bytes(), &HEXLOWER.encode(&chance.bytes::<8>()))
    };
    match write() {
        Ok(()) => {}
        // Another process made a key in the meantime. That one is whole, and it is the key from here on.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(MasterKey::read_file(path)?),
        Err(error) => return Err(StartError::io(path)(error)),
    }
    tracing::info!(file = %path.display(), "a master key was made; keep a copy of it apart from the backups of the data");
    Ok(key)
}
