//! What an open does when the vault was not closed in good order: it makes sure that what it reads is on the medium.
//!
//! An fdatasync that has failed may leave pages that the system takes for clean although they never reached the medium.
//! A later sync of them succeeds and does nothing, so what is read back may be in memory alone. Bytes get there only by
//! being written once more. Which bytes are in doubt follows from the order of the writer:
//!
//! * **Frames**: a slot is written only after the sync of its frame has succeeded, and after a failure nothing is written
//!   until the vault is reopened. So a frame that a slot opens is on the medium. Those in doubt have no slot, nobody was
//!   answered for them, and they lie behind the last frame that a slot opens: they are cut off. Otherwise a loss of power
//!   could leave a hole there, with newer frames behind it. The page that the cut goes through shares its medium with
//!   them, so what stays of it is written again.
//! * **Slots**: any of them may have been in the write that failed. One that reads as empty may still hold its key on the
//!   medium, and would not be overwritten again since its entry is gone. So all of them are written back as they are read:
//!   64 bytes for each entry, in place, the same bytes, so that a crash in between changes nothing. The header page comes
//!   last: it counts slots, which must be there first.
//!
//! A vault that was closed in good order says so: the file `closed` is made by [`super::Vault::close`] and is removed
//! before anything is written. Its absence is never an error, its presence only spares this work. What stands in it is the
//! business of the log, which leaves its second mark there.

use std::io;
use std::path::Path;

use mfa_ledger_base::disk::{Disk, DiskFile};
use zeroize::Zeroizing;

use super::header::SLOTS_HEADER_BYTES;
use super::slots::Slots;

const CLOSED: &str = "closed";

/// Bytes of slots that are written back at once.
const PIECE_BYTES: usize = 1 << 20;

/// No page of a file system that we know is larger.
const PAGE_BYTES: u64 = 64 * 1024;

/// How far the sealed file goes.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// Where the last frame that a slot names ends.
    pub used: u64,
    /// Where the last whole frame ends.
    pub whole: u64,
    /// Whether what lies behind belongs to nobody. Where a slot has lost its frame, nothing is cut: it may lie there.
    pub may_be_cut: bool,
}

/// Brings a vault that was opened to the medium, before anything is written. Where the next frame goes.
pub(super) fn settle(
    dir: &Path,
    disk: &Disk,
    sealed: &DiskFile,
    slots: &Slots,
    extent: Extent,
) -> io::Result<u64> {
    let mark = dir.join(CLOSED);
    let len = sealed.len()?;
    if !mark.exists() {
        let end = if extent.may_be_cut { extent.used } else { len };
        settle_sealed(sealed, (extent.used, end))?;
        slots.settle()?;
        return Ok(end);
    }
    disk.remove(&mark)?;
    disk.sync_dir(dir)?;
    if !extent.may_be_cut {
        return Ok(len);
    }
    let end = extent.whole;
    if len > end {
        // No slot points behind `end`: nobody was told that what lies there is stored.
        sealed.set_len(end)?;
        sealed.sync_data()?;
    }
    Ok(end)
}

/// Leaves the mark of a good end.
pub(super) fn leave_mark(dir: &Path, disk: &Disk) -> io::Result<()> {
    disk.create_new(&dir.join(CLOSED)).map(drop)?;
    disk.sync_dir(dir)
}

/// Cuts the sealed file at its end, and writes everything from the page of the last frame in use again.
fn settle_sealed(file: &DiskFile, (used, end): (u64, u64)) -> io::Result<()> {
    if file.len()? > end {
        file.set_len(end)?;
    }
    let from = used.saturating_sub(1) / PAGE_BYTES * PAGE_BYTES;
    rewrite(file, from, end)?;
    file.sync_data()
}

/// Writes all slots again, and then the header page.
pub(super) fn settle_slots(file: &DiskFile) -> io::Result<()> {
    let (first, end) = (SLOTS_HEADER_BYTES as u64, file.len()?);
    rewrite(file, first, end)?;
    file.sync_data()?;
    rewrite(file, 0, first)?;
    file.sync_data()
}

fn rewrite(file: &DiskFile, from: u64, end: u64) -> io::Result<()> {
    let mut piece = Zeroizing::new(Vec::new());
    let mut at = from;
    while at < end {
        let length = usize::try_from(end - at).unwrap_or(usize::MAX).min(PIECE_BYTES);
        piece.resize(length, 0);
        file.read_exact_at(&mut piece, at)?;
        file.write_all_at(&piece, at)?;
        at += length as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mfa_ledger_base::chance::Chance;
    use mfa_ledger_base::disk::{Act, Fate};

    use super::*;
    use crate::{MasterKey, Purpose, Vault};

    fn open(dir: &Path, disk: Disk) -> Vault {
        Vault::open(dir, &MasterKey::from_bytes([1; 32]), disk, Arc::new(Chance::System)).unwrap()
    }

    async fn put(vault: &Vault, n: u8) -> bool {
        vault.put([n; 16], Purpose::Annex, [0; 16], vec![n; 100].into()).await.is_ok()
    }

    /// Bytes of each file that an open wrote.
    fn written(dir: &Path, disk: &Arc<mfa_ledger_base::disk::Faults>) -> [u64; 2] {
        ["sealed", "slots"].map(|name| {
            let path = dir.join(name);
            let bytes = disk.steps().into_iter().map(|step| match step.act {
                Act::Write { file, bytes, .. } if file == path => bytes.len() as u64,
                _ => 0,
            });
            bytes.sum()
        })
    }

    #[tokio::test]
    async fn only_a_vault_that_was_not_closed_is_written_again_and_all_slots_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let vault = open(dir.path(), Disk::real());
        assert!(put(&vault, 1).await && put(&vault, 2).await);
        vault.close().await.unwrap();
        assert!(!put(&vault, 3).await, "a closed vault takes nothing");

        let (disk, recorded) = Disk::recorded();
        drop(open(dir.path(), disk));
        assert_eq!(written(dir.path(), &recorded), [0, 0]);
        let length = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().len();
        let (disk, recorded) = Disk::recorded();
        drop(open(dir.path(), disk));
        assert_eq!(written(dir.path(), &recorded), [length("sealed"), length("slots")]);
    }

    #[tokio::test]
    async fn frames_that_no_slot_opens_are_cut_off_and_an_emptied_slot_is_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let (disk, faults) = Disk::faulty(u64::MAX, Fate::Kept);
        let vault = open(dir.path(), disk);
        assert!(put(&vault, 1).await && put(&vault, 2).await);
        let length = || std::fs::metadata(dir.path().join("sealed")).unwrap().len();
        let before = length();
        faults.fail_now();
        assert!(!put(&vault, 3).await);
        assert!(length() > before, "the write was kept, and its sync failed");
        assert!(vault.close().await.is_err(), "it is broken, and leaves no mark");
        drop(vault);
        faults.heal();

        let (disk, recorded) = Disk::recorded();
        let vault = open(dir.path(), disk);
        assert_eq!((length(), vault.ids()), (before, vec![[1; 16], [2; 16]]));
        assert_eq!(
            written(dir.path(), &recorded)[1],
            std::fs::metadata(dir.path().join("slots")).unwrap().len()
        );
        assert!(put(&vault, 4).await);
    }
}
