//! The vault that belongs to a log: opened, or made for a log that has no records yet. A vault that is missing, or that of
//! another log, is refused: going on would lock out everybody whose secrets it holds.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use mfa_ledger_projections::Secrets;
use mfa_ledger_schemas::codec;

use super::{Means, StartError};
use crate::disk::Disk;
use crate::log::Position;
use crate::log::embedded::raw;
use crate::service::Service;
use crate::vault::{self, ANOTHER, Copy, MasterKey, NONE_NAMED, Remembered, Vault};

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
        return Err(lost(data_dir, "it is missing"));
    }
    let data_dir = data_dir.to_owned();
    let open = move || {
        // Before it is opened: it may be under another key, and it is left as it is.
        if let (Some(known), Ok(id)) = (remembered(&data_dir)?, Vault::id_in(&dir))
            && !known.is(id)
        {
            return Err(lost(&data_dir, ANOTHER));
        }
        match Vault::open(&dir, &key, disk, chance) {
            Err(vault::OpenError::WrongKey) => Err(wrong_key(&data_dir)?),
            opened => Ok(opened?),
        }
    };
    tokio::task::spawn_blocking(open).await.expect("opening the vault does not panic")
}

/// Whether it is the key that is wrong, or the vault. Its key slots show without the key what it holds.
fn wrong_key(data_dir: &Path) -> Result<StartError, StartError> {
    let mut named = Secrets::default();
    raw::scan(data_dir, None, |frame| {
        if let Ok(record) = codec::decode(frame.record()) {
            named.take(&record.event);
        }
        ControlFlow::Continue(())
    })?;
    Ok(foreign(data_dir, Some(&named))?.unwrap_or(StartError::WrongKey))
}

/// Why the vault in a data directory is that of another log, if it is, as far as that shows without its key. `named` is what
/// the log names, where that is known.
pub(super) fn foreign(data_dir: &Path, named: Option<&Secrets>) -> Result<Option<StartError>, StartError> {
    let copy = Copy::read(&data_dir.join("vault"))?;
    foreign_copy(data_dir, &copy, named)
}

/// The same for a vault that was read.
pub(super) fn foreign_copy(
    data_dir: &Path,
    copy: &Copy,
    named: Option<&Secrets>,
) -> Result<Option<StartError>, StartError> {
    let known = remembered(data_dir)?;
    let has_begun = named.is_some_and(|named| named.has_begun(&HEXLOWER.encode(&copy.id())));
    let ids = named.into_iter().flat_map(Secrets::iter).map(|(id, _)| id);
    Ok(copy.foreign(known.as_ref(), has_begun, ids).map(|why| lost(data_dir, why)))
}

/// The mark of a good end of the vault, as a start finds it: a vault that is refused keeps it.
pub(super) struct AsFound {
    mark: PathBuf,
    bytes: Vec<u8>,
}

impl AsFound {
    /// What lies in a data directory.
    pub fn of(data_dir: &Path) -> Self {
        let mark = data_dir.join("vault").join("closed");
        // What cannot be read is for whoever opens the vault to say.
        let bytes = std::fs::read(&mark).unwrap_or_default();
        Self { mark, bytes }
    }

    /// Puts it back into a vault that was closed.
    pub fn put_back(&self, disk: &Disk) {
        if !self.bytes.is_empty()
            && let Err(error) = disk.replace(&self.mark, &self.bytes)
        {
            tracing::warn!(%error, "the mark of the vault that was refused was not put back");
        }
    }
}

/// Refuses a vault of another log, and remembers one that is not known yet.
pub(super) fn require_own(data_dir: &Path, service: &Service, disk: &Disk) -> Result<(), StartError> {
    let id = service.vault_id();
    let known = remembered(data_dir)?;
    if known.as_ref().is_some_and(|known| !known.is(id)) {
        return Err(lost(data_dir, ANOTHER));
    }
    // A vault and its note can be put in the place of ours together: what it holds counts. One that began after an accepted
    // loss has nothing at first.
    let is_being_accepted = known.as_ref().is_some_and(|known| known.loss.is_some());
    let has_begun = service.peek(|state| state.secrets.has_begun(&HEXLOWER.encode(&id)));
    if !is_being_accepted && !has_begun && !service.holds_named_entries() {
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
