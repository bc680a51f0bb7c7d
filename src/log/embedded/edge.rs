//! Where the journal ends after an orderly stop.
//!
//! An orderly stop signs for every record, and then leaves the mark with the last position. A start removes the mark,
//! durably, before it appends anything. While the mark is there, no process of ours has written behind it, and the
//! newest own checkpoint covers all of the log. Whatever lies behind either was added from outside. The mark has only a
//! checksum, which anybody can compute; the checkpoint has a signature.
//!
//! Earlier builds left the mark also where they could not sign at the end, or where a start failed before it had signed.
//! Such a directory is refused, since nothing tells it from a forged one: start and stop the earlier build once more, and
//! it is signed for.
//!
//! The mark may be deleted, which makes the log look like one that crashed. Its [second mark](second) tells then that it was
//! closed, and where. A log that ends before the position of either has lost records.
//!
//! This is the only place that knows the rule. Every scan of a journal asks it before it shows a record, and at the end.
//!
//! A reader without the lock may meet a process that opens the log meanwhile. It looks at the mark again before it
//! refuses: a process that appends has removed it first.

use std::path::{Path, PathBuf};

use super::mark::Mark;
use super::open::OpenError;
use super::raw::Scan;
use super::second::Second;
use super::{mark, raw, second};
use crate::Position;

const BYTES_FOLLOW: &str =
    "the log was closed in good order at this end, and bytes follow it that were added from outside";

/// What is to be known where only the second mark is left.
const BY_SECOND: &str = " (the file vault/closed tells; if the directory `vault` was put back from an older copy, restore it \
    with: mfa-ledger backup restore BACKUP --vault-only)";

/// What the end of a journal is held against.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The data directory; `None` for a reader that has the lock, under which the mark does not change.
    dir: Option<PathBuf>,
    ledger: Option<[u8; 16]>,
    marks: Marks,
    signed: Option<Position>,
}

impl Edge {
    /// What lies in a data directory whose lock this reader does not have. Read it before the checkpoint.
    ///
    /// # Errors
    /// When a mark cannot be read.
    pub fn read(data_dir: &Path) -> Result<Self, OpenError> {
        // Without a journal there is no ledger, and whoever reads on says so.
        let ledger = raw::ledger(data_dir).ok();
        let marks = Marks::read(data_dir, ledger)?;
        Ok(Self { dir: Some(data_dir.into()), ledger, ..Self::locked(marks) })
    }

    /// The same for whoever has the lock and has read the marks.
    pub(super) fn locked(marks: Marks) -> Self {
        Self { dir: None, ledger: None, marks, signed: None }
    }

    /// None: the journal may end anywhere.
    pub(super) fn none() -> Self {
        Self::locked(Marks::NONE)
    }

    /// The newest own checkpoint covers the log up to a position. Records that were signed for after an orderly stop show
    /// that the log was opened again: a second mark of that stop, alone, came with an older copy of the vault.
    #[must_use]
    pub fn signed_to(self, signed: Option<Position>) -> Self {
        let mut marks = self.marks;
        if !marks.first && marks.second.head().is_some_and(|head| signed > Some(head)) {
            marks.second = Second::Absent;
        }
        Self { marks, signed, ..self }
    }

    /// Why no record may stand at a position, if that is so.
    pub(super) fn forbids(&mut self, position: Position) -> Result<Option<String>, OpenError> {
        let closed_at = self.marks.closed_at();
        let why = if let Some(closed_at) = closed_at.filter(|closed_at| position > *closed_at) {
            format!("the log was closed in good order at position {closed_at}, and records follow it")
        } else if let Some(signed) = self.signed.filter(|signed| self.marks.are_there() && position > *signed)
        {
            format!(
                "the log was closed in good order, and its checkpoint covers only the records up to position {signed}"
            )
        } else {
            return Ok(None);
        };
        let note = self.marks.note();
        let still_so = !self.has_moved_on()?;
        Ok(still_so.then(|| format!("{why}: what follows was added from outside{note}")))
    }

    /// Why no bytes may stand where the record for a position is due, if that is so.
    pub(super) fn forbids_bytes(&mut self, due: Position) -> Result<Option<&'static str>, OpenError> {
        let closed_at = self.marks.closed_at();
        let forbidden = closed_at.is_some_and(|closed_at| due > closed_at) && !self.has_moved_on()?;
        Ok(forbidden.then_some(BYTES_FOLLOW))
    }

    /// Refuses a journal that was read to its end, if it cannot end there.
    ///
    /// # Errors
    /// [`OpenError::Integrity`] where records are missing, [`OpenError::MarkRemoved`], and where a mark cannot be read.
    pub fn admit(&mut self, scan: &Scan) -> Result<(), OpenError> {
        match &scan.end {
            Some((file, used)) => self.admit_end(scan.head, file, *used),
            None => Ok(()),
        }
    }

    /// Refuses a journal that ends at `head` in this file, behind so many bytes, if it cannot end there.
    pub(super) fn admit_end(&mut self, head: Position, file: &Path, used: u64) -> Result<(), OpenError> {
        if let Some(at) = self.marks.last().filter(|at| *at > head) {
            let why = format!("the journal ends here, and it ended at {at} when the log was closed");
            let still_so = !self.has_moved_on()?;
            return if still_so { Err(OpenError::integrity(file, used, head.next(), &why)) } else { Ok(()) };
        }
        let closed_at = self.marks.second.head();
        if self.marks.is_removed() && !self.has_moved_on()? {
            return Err(OpenError::MarkRemoved { closed_at });
        }
        Ok(())
    }

    /// Whether another process has opened the log since the mark was read: then the end may be half written, and the
    /// mark says nothing any more.
    pub(super) fn has_moved_on(&mut self) -> Result<bool, OpenError> {
        let Some(dir) = &self.dir else { return Ok(false) };
        let is_same = Marks::read(dir, self.ledger)? == self.marks;
        let moved_on =
            !is_same || raw::is_held(dir).map_err(|error| OpenError::io(&dir.join("lock"), error))?;
        if moved_on {
            (self.marks, self.signed) = (Marks::NONE, None);
        }
        Ok(moved_on)
    }
}

/// The marks of an orderly stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// There is a mark, readable or not: an orderly stop leaves one only when everything is signed for.
    first: bool,
    /// The head that it tells.
    head: Option<Position>,
    /// The second mark.
    second: Second,
}

impl Marks {
    const NONE: Self = Self { first: false, head: None, second: Second::Absent };

    fn read(dir: &Path, ledger: Option<[u8; 16]>) -> Result<Self, OpenError> {
        let mark = Mark::read(dir).map_err(|source| OpenError::Mark { file: mark::path(dir), source })?;
        ledger.map_or(Ok(Self::of(&mark, Second::Absent)), |ledger| Self::with_second(&mark, dir, ledger))
    }

    /// A mark that was read, and the second one.
    pub fn with_second(mark: &Mark, dir: &Path, ledger: [u8; 16]) -> Result<Self, OpenError> {
        let second = second::read(dir, ledger);
        let second = second.map_err(|source| OpenError::Mark { file: second::path(dir), source })?;
        Ok(Self::of(mark, second))
    }

    fn of(mark: &Mark, second: Second) -> Self {
        Self { first: *mark != Mark::Absent, head: mark.head(), second }
    }

    /// Whether the log was closed in good order.
    pub fn are_there(&self) -> bool {
        self.first || self.second != Second::Absent
    }

    /// What else it may be.
    fn note(&self) -> &'static str {
        if self.first { "" } else { BY_SECOND }
    }

    /// Whether the second mark is there.
    pub fn has_second(&self) -> bool {
        self.second.head().is_some()
    }

    /// Nothing may follow this position.
    fn closed_at(&self) -> Option<Position> {
        self.head.or(self.second.head())
    }

    /// The log goes at least up to this position.
    fn last(&self) -> Option<Position> {
        self.head.max(self.second.head())
    }

    /// Whether there was a mark, which was removed.
    fn is_removed(&self) -> bool {
        !self.first && self.second != Second::Absent
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::disk::Disk;

    use super::*;

    fn closed_at(position: u64) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        mark::leave(dir.path(), &Disk::real(), Position(position), None).unwrap();
        dir
    }

    #[test]
    fn nothing_may_follow_the_mark_or_what_was_signed_for() {
        let dir = closed_at(7);
        let mut edge = Edge::read(dir.path()).unwrap();
        assert_eq!(edge.forbids(Position(7)).unwrap(), None);
        assert!(edge.forbids(Position(8)).unwrap().unwrap().contains("closed in good order at position 7"));
        assert_eq!(edge.forbids_bytes(Position(8)).unwrap(), Some(BYTES_FOLLOW));
        assert_eq!(
            edge.forbids_bytes(Position(7)).unwrap(),
            None,
            "it ends too early: that is told elsewhere"
        );
        let mut edge = edge.signed_to(Some(Position(5)));
        assert_eq!(edge.forbids(Position(5)).unwrap(), None);
        assert!(
            edge.forbids(Position(6)).unwrap().unwrap().contains("covers only the records up to position 5")
        );
    }

    #[test]
    fn a_log_that_another_process_has_opened_meanwhile_may_go_on() {
        let dir = closed_at(7);
        let mut edge = Edge::read(dir.path()).unwrap().signed_to(Some(Position(7)));
        std::fs::remove_file(dir.path().join("closed")).unwrap();
        assert_eq!(edge.forbids(Position(8)).unwrap(), None);
        mark::leave(dir.path(), &Disk::real(), Position(9), None).unwrap();
        assert_eq!(edge.forbids(Position(10)).unwrap(), None, "what was read before counts for nothing");
        let mut edge = Edge::read(dir.path()).unwrap();
        let lock = std::fs::File::create(dir.path().join("lock")).unwrap();
        lock.lock().unwrap();
        assert_eq!((edge.forbids_bytes(Position(10)).unwrap(), edge.has_moved_on().unwrap()), (None, true));
    }

    #[test]
    fn a_mark_that_cannot_be_read_still_tells_of_an_orderly_stop() {
        let dir = closed_at(7);
        let mark = dir.path().join("closed");
        let whole = std::fs::read(&mark).unwrap();
        for damaged in [&whole[..whole.len() - 1], &[]] {
            std::fs::write(&mark, damaged).unwrap();
            let mut edge = Edge::read(dir.path()).unwrap().signed_to(Some(Position(7)));
            assert_eq!(edge.forbids(Position(7)).unwrap(), None);
            assert!(edge.forbids(Position(8)).unwrap().is_some(), "{} bytes", damaged.len());
        }
    }

    #[test]
    fn without_a_mark_a_log_may_end_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        let mut edge = Edge::read(dir.path()).unwrap().signed_to(Some(Position(3)));
        assert_eq!(edge.forbids(Position(4)).unwrap(), None);
        assert_eq!(edge.forbids_bytes(Position(4)).unwrap(), None);
    }
}
