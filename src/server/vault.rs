//! The vault that belongs to a log: opened, or made for a log that has no records yet. A vault that is missing, or that of
//! another log, is refused: going on would lock out everybody whose secrets it holds.

use std::path::Path;

use data_encoding::HEXLOWER;

use super::{Means, StartError};
use crate::disk::Disk;
use crate::log::Position;
use crate::service::Service;
use crate::vault::{self, MasterKey, OpenError, Remembered, Vault};

/// Why a vault is not the right one.
pub(super) const ANOTHER: &str = "the vault has another id than the one of this log";
pub(super) const NONE_NAMED: &str = "the vault has none of the entries that the log names";

/// Opens the vault of a log whose newest record is at `head`.
pub(super) async fn open(
    data_dir: &Path,
    head: Position,
    master: &MasterKey,
    means: &Means,
) -> Result<Vault, StartError> {
    let (dir, key, disk, chance) =
        (data_dir.join("vault"), master.clone(), means.disk.clone(), means.chance.clone());
    if head > Position::START && !Vault::is_in(&dir) {
        return Err(lost(data_dir, "there is no vault"));
    }
    let open = move || Vault::open(&dir, &key, disk, chance);
    let opened = tokio::task::spawn_blocking(open).await.expect("opening the vault does not panic");
    opened.map_err(|error| another_or(data_dir, error))
}

/// A vault of another log has another master key as well: that it is not the right vault says more than that its key is
/// not the right one. Both files tell the id of their vault without a key.
pub(super) fn another_or(data_dir: &Path, error: OpenError) -> StartError {
    let is_another = matches!(error, OpenError::WrongKey)
        && remembered(data_dir).ok().flatten().is_some_and(|known| {
            vault::Copy::read(&data_dir.join("vault")).is_ok_and(|copy| !known.is(copy.id()))
        });
    if is_another { lost(data_dir, ANOTHER) } else { error.into() }
}

/// Refuses a vault of another log, and remembers one that is not known yet.
pub(super) fn require_own(data_dir: &Path, service: &Service, disk: &Disk) -> Result<(), StartError> {
    let id = service.vault_id();
    let known = remembered(data_dir)?;
    if known.as_ref().is_some_and(|known| !known.is(id)) {
        return Err(lost(data_dir, ANOTHER));
    }
    // A vault that was begun anew holds none of what the log named before it. That it is known by its id says nothing else:
    // the note of it may come from where the vault came from.
    let begun_anew = known.as_ref().is_some_and(|known| known.loss.is_some())
        || service.peek(|state| state.secrets.has_begun(&HEXLOWER.encode(&id)));
    if !begun_anew && !service.holds_named_entries() {
        return Err(lost(data_dir, NONE_NAMED));
    }
    if known.is_some() {
        return Ok(());
    }
    if let Err(error) = Remembered::new(id).store(data_dir, disk) {
        // The next start does it.
        tracing::warn!(%error, "which vault belongs to this log cannot be noted");
    }
    Ok(())
}

/// What is remembered of the vault of a log.
pub(super) fn remembered(data_dir: &Path) -> Result<Option<Remembered>, StartError> {
    Remembered::read(data_dir).map_err(StartError::io(Remembered::path(data_dir)))
}

/// Refuses a directory in which the loss of a vault was being accepted.
pub(super) fn require_recorded(data_dir: &Path) -> Result<(), StartError> {
    match remembered(data_dir)?.and_then(|it| it.loss) {
        Some(_) => Err(lost(data_dir, "its loss was being accepted, and is not on record yet")),
        None => Ok(()),
    }
}

pub(super) fn lost(data_dir: &Path, why: &str) -> StartError {
    StartError::VaultLost { dir: data_dir.join("vault"), why: why.to_owned() }
}
