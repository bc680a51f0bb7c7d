//! A directory whose log was closed, still locked: time to close what belongs to the log before another process opens it.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use mfa_ledger_base::disk::Disk;

use super::second;
use crate::Position;

/// The directory of a log that was closed; nobody else opens it until this is dropped.
#[derive(Debug)]
pub struct Closed {
    pub(super) dir: PathBuf,
    pub(super) disk: Disk,
    pub(super) ledger: [u8; 16],
    /// The head that its mark tells, if it left one.
    pub(super) marked: Option<Position>,
    pub(super) _lock: File,
}

impl Closed {
    /// Leaves the second mark, if the log left a mark. The vault must have been closed in good order before.
    ///
    /// # Errors
    /// When it cannot be written. The next start works without.
    pub fn leave_second(&self) -> io::Result<()> {
        match self.marked {
            Some(head) => second::leave(&self.dir, &self.disk, self.ledger, head),
            None => Ok(()),
        }
    }

    /// The same where a start was refused that had emptied the second mark: not where the vault was opened meanwhile and
    /// has not ended in good order.
    ///
    /// # Errors
    /// As [`Closed::leave_second`].
    pub fn put_second_back(&self) -> io::Result<()> {
        if second::path(&self.dir).is_file() { self.leave_second() } else { Ok(()) }
    }
}
