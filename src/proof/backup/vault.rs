//! The vault of a backup, beside a log that went on after it: what that log has ended since does not come back.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use mfa_ledger_base::clock::Clock;
use mfa_ledger_base::disk::{Disk, parent};
use mfa_ledger_log::embedded::raw;
use mfa_ledger_projections::Secrets;
use mfa_ledger_vault::{Copy, EntryId, MasterKey, Remembered, erase_slots};

use super::checked;
use super::named::missing;
use super::verify::{Against, Verified, verify};
use super::{BackupError, Missing, journal};

/// The vault while it is being made, in the data directory.
const UNFINISHED: &str = "vault.unfinished";

/// A vault that was put beside a log.
#[derive(Clone, Debug)]
pub struct VaultRestored {
    /// The backup.
    pub verified: Verified,
    /// Entries of the vault that was there, which were sound and stay.
    pub kept: usize,
    /// Entries that came from the backup.
    pub restored: usize,
    /// Entries of the backup that the log has ended since.
    pub ended: usize,
    /// What the log names and neither of the two has.
    pub missing: Vec<Missing>,
    /// Where the vault that was there lies now.
    pub aside: Option<PathBuf>,
}

/// Puts the vault of a backup beside the log in a data directory that no server holds. The backup is verified first. What
/// is sound in the vault that is there stays; the vault itself is moved to `lost/`. Blocks.
///
/// # Errors
/// [`BackupError`]. Unless it comes from the disk, nothing was changed.
pub fn restore_vault(
    dir: &Path,
    data_dir: &Path,
    against: Against<'_>,
    clock: &Clock,
    disk: &Disk,
) -> Result<VaultRestored, BackupError> {
    let master = against.master.ok_or(BackupError::KeyNeeded)?;
    if !data_dir.join(checked::LEDGER).exists() {
        return Err(BackupError::NoLedger(data_dir.into()));
    }
    let _lock = lock(data_dir)?;
    let verified = verify(dir, against)?;
    if verified.manifest.vault.is_none() {
        return Err(BackupError::NoVault(dir.into()));
    }
    let (_, ledger) = checked::ledger(data_dir)?;
    if ledger != verified.manifest.ledger {
        return Err(BackupError::OtherLedger { backup: dir.into(), data_dir: data_dir.into() });
    }
    let named = named_after(data_dir, dir, &verified, against)?;
    let mut from = Copy::read(&dir.join("vault"))?;
    let all = from.ids().count();
    from.keep(|id| named.of(id).is_some());
    let ended = all - from.ids().count();
    let place = data_dir.join("vault");
    let there = sound(&place, master, &named);
    let kept = there.as_ref().map_or(0, |there| there.ids().count());
    let made = match there {
        Some(mut there) => {
            there.add(from);
            there
        }
        None => from,
    };
    let restored = made.ids().count() - kept;
    let missing = missing(&named, |id| made.has(id));
    let aside = put(&made, data_dir, &named, clock, disk).map_err(BackupError::io(&place))?;
    raw::leave_second_mark(data_dir, disk)?;
    Ok(VaultRestored { verified, kept, restored, ended, missing, aside })
}

/// What the log in `newer` names, which must be that of the backup and go on behind it.
pub(super) fn named_after(
    newer: &Path,
    backup: &Path,
    verified: &Verified,
    against: Against<'_>,
) -> Result<Secrets, BackupError> {
    // The journal itself may be named as well.
    let is_journal = !newer.join("journal").is_dir() && newer.file_name().is_some_and(|it| it == "journal");
    let newer = if is_journal { parent(newer) } else { newer };
    let checkpoint = checked::checkpoint(backup, against.keys)?.signed.checkpoint;
    Ok(journal::continued(newer, verified.manifest.ledger.bytes(), &checkpoint)?.named)
}

/// The entries of a vault that are named and open; `None` where it cannot be read, or is under another key.
fn sound(dir: &Path, master: &MasterKey, named: &Secrets) -> Option<Copy> {
    let mut there = match Copy::read(dir) {
        Ok(there) => there,
        Err(error) => {
            tracing::info!(%error, "nothing is taken from the vault that is there");
            return None;
        }
    };
    if there.require_key(master).is_err() {
        return None;
    }
    let sound: BTreeSet<_> =
        named.iter().filter(|(id, secret)| there.opens(master, *id, *secret)).map(|(id, _)| id).collect();
    there.keep(|id| sound.contains(id));
    Some(there)
}

/// Writes the vault and swaps it for the one that is there. A crash in between leaves no vault, which a start refuses, and
/// this can be done again.
fn put(
    made: &Copy,
    data_dir: &Path,
    named: &Secrets,
    clock: &Clock,
    disk: &Disk,
) -> std::io::Result<Option<PathBuf>> {
    let (place, unfinished) = (data_dir.join("vault"), data_dir.join(UNFINISHED));
    if unfinished.exists() {
        disk.remove_dir_all(&unfinished)?;
    }
    made.write(&unfinished, disk)?;
    let foreign = is_foreign(data_dir, named)?;
    let aside = if place.exists() {
        let aside = free_place(data_dir, clock);
        disk.create_dir_all(&aside)?;
        disk.rename(&place, &aside.join("vault"))?;
        disk.sync_dir(&aside)?;
        Some(aside.join("vault"))
    } else {
        None
    };
    Remembered::new(made.id()).store(data_dir, disk)?;
    disk.rename(&unfinished, &place)?;
    disk.sync_dir(data_dir)?;
    if let Some(aside) = aside.as_ref().filter(|_| !foreign) {
        // What lives on, or is to be gone, must not lie there too: a later reset could not destroy it.
        let old = Copy::read(aside).ok();
        let is_ended = |id: &EntryId| named.of(id).is_none() && old.as_ref().is_some_and(|old| old.has(id));
        erase_slots(aside, |id| made.has(id) || is_ended(id), disk)?;
    }
    Ok(aside)
}

/// Whether the vault that is there is that of another ledger, as far as that shows without its key. Its keys are not ours to
/// overwrite.
fn is_foreign(data_dir: &Path, named: &Secrets) -> std::io::Result<bool> {
    let Ok(there) = Copy::read(&data_dir.join("vault")) else { return Ok(false) };
    let known = Remembered::read(data_dir)?;
    let has_begun = named.has_begun(&data_encoding::HEXLOWER.encode(&there.id()));
    Ok(there.foreign(known.as_ref(), has_begun, named.iter().map(|(id, _)| id)).is_some())
}

/// A directory of its own for what is set aside, whatever the clock says.
fn free_place(data_dir: &Path, clock: &Clock) -> PathBuf {
    let number = clock.unix_ms();
    let places = (0..).map(|more| data_dir.join("lost").join(number.wrapping_add(more).to_string()));
    places.into_iter().find(|place| !place.exists()).expect("there are more numbers than directories")
}

/// The lock of the log, so that nobody opens it meanwhile.
fn lock(data_dir: &Path) -> Result<File, BackupError> {
    let path = data_dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(BackupError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::Held(data_dir.into())),
        Err(TryLockError::Error(error)) => Err(BackupError::Io(path, error)),
    }
}

/// Takes from the vault of a restored directory what the log in `newer` has ended. Returns how many entries that were.
pub(super) fn drop_ended(to: &Path, named: &Secrets, disk: &Disk) -> Result<usize, BackupError> {
    let dir = to.join("vault");
    let mut copy = Copy::read(&dir)?;
    let all = copy.ids().count();
    copy.keep(|id| named.of(id).is_some());
    let ended = all - copy.ids().count();
    if ended > 0 {
        let failed = BackupError::io(&dir);
        disk.remove_dir_all(&dir).map_err(&failed)?;
        copy.write(&dir, disk).map_err(&failed)?;
    }
    Ok(ended)
}
