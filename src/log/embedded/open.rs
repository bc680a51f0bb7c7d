//! The start: lock, journal, reading copy, in this order; and what can be wrong with them.

use std::convert::Infallible;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::{Disk, parent};

use super::edge::{Edge, Marks as EndMarks};
use super::frame::{Frame, Seal};
use super::journal::{self, Before, End, Journal};
use super::mark::{self, Mark, Tips};
use super::mend::Mend;
use super::places::Marks;
use super::segment::{self, Header};
use super::tree::{Tree, move_aside};
use super::unseen::Unseen;
use super::{Sizes, second};
use crate::{BoxError, Position, Stream};

/// What a start found and did, for the caller to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The newest record.
    pub head: Position,
    /// Files of the journal.
    pub segments: usize,
    /// Whether the log was closed in good order the last time.
    pub clean: bool,
    /// Whether the second mark said so too, and was emptied.
    pub second: bool,
    /// The last record that was not read: those up to it are to be looked over while the log is open.
    pub unseen: Position,
    /// Records that the reading copy lacked and got from the journal.
    pub caught_up: u64,
    /// The reading copy was of no use and was rebuilt.
    pub rebuilt: Option<Rebuilt>,
    /// The journal ended in a batch that had never been written in full, so that no caller was answered for it.
    pub cut: Option<Cut>,
}

/// A reading copy that was moved aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// What was wrong with it.
    pub why: String,
    /// Where it lies now; the next rebuild removes it. `None` when there was nothing to move.
    pub aside: Option<PathBuf>,
    /// Records written to the new one.
    pub records: u64,
}

/// The torn end of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The file that was cut.
    pub file: PathBuf,
    /// Its length in bytes after the cut.
    pub offset: u64,
    /// The position the first torn record would have had.
    pub position: Position,
    /// Bytes that were cut off.
    pub bytes: u64,
    /// It was no batch: a bit was changed where nothing had been written.
    pub stray: bool,
}

/// Why a log was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another part of this one, has it open.
    #[error("the log in {0} is in use")]
    InUse(PathBuf),
    /// It was written by a newer version of this program.
    #[error("{file} has format {found}, this program knows up to {known}")]
    NewerFormat {
        /// The file that says so.
        file: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// It is the log of another ledger.
    #[error("{file} belongs to another ledger")]
    OtherLedger {
        /// The file that says so.
        file: PathBuf,
        /// The ledger it belongs to.
        found: [u8; 16],
        /// The ledger asked for.
        expected: [u8; 16],
    },
    /// Records that somebody was answered for are damaged or gone, or there are some that no process of ours has written.
    /// Nothing was changed.
    #[error("the journal is damaged or was changed: {file} at byte {offset}, position {position}: {why}")]
    Integrity {
        /// The damaged file.
        file: PathBuf,
        /// Where in the file, in bytes.
        offset: u64,
        /// The position that should stand there.
        position: Position,
        /// What is wrong.
        why: String,
    },
    /// It was closed in good order, and the mark that says so was removed; the second mark still tells. Nothing was changed.
    #[error(
        "the log was closed in good order{}, and its mark, the file `closed` in the data directory, was removed since",
        at(*closed_at)
    )]
    MarkRemoved {
        /// Where it was closed; `None` where the second mark was changed as well.
        closed_at: Option<Position>,
    },
    /// A mark of an orderly stop is there and cannot be read.
    #[error("the mark of an orderly stop, {}, cannot be read", file.display())]
    Mark {
        /// The mark.
        file: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file could not be read or written.
    #[error("{file} cannot be used")]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The reading copy could not be brought up to date or rebuilt, most likely for want of room.
    #[error("the reading copy {file} cannot be brought up to date")]
    Copy {
        /// Its directory.
        file: PathBuf,
        /// Why not.
        source: BoxError,
    },
}

fn at(closed_at: Option<Position>) -> String {
    match closed_at {
        Some(position) => format!(" at position {position}"),
        None => " (its second mark, vault/closed, is there, and was changed or is that of another ledger)"
            .to_owned(),
    }
}

impl OpenError {
    pub(super) fn integrity(file: &Path, offset: u64, position: Position, why: &str) -> Self {
        Self::Integrity { file: file.into(), offset, position, why: why.into() }
    }

    pub(super) fn io(file: &Path, source: io::Error) -> Self {
        Self::Io { file: file.into(), source }
    }
}

/// Everything that a start has ready for the writer.
pub(super) struct Opened {
    pub lock: File,
    pub journal: Journal,
    pub tree: Tree,
    pub tips: Tips,
    pub marks: Marks,
    pub unseen: Option<Unseen>,
    pub opening: Opening,
}

/// Looks at every record while a log is opened, and has the last word before anything of the journal is changed: whether
/// it is the log that somebody outside remembers.
pub trait Inspect {
    /// What came of it.
    type Findings;
    /// Why it is not the log that it should be.
    type Error;

    /// Up to where the log is signed for, if that is known: one that was closed in good order ends there.
    fn signed(&self) -> Option<Position> {
        None
    }

    /// Whether it can go on behind a position without the records up to it, which were looked over the last time
    /// that the log was open.
    fn resume(&mut self, _after: Position) -> bool {
        false
    }

    /// The next record, in order.
    fn record(&mut self, position: Position, record: &[u8]);

    /// Whether the log, which ends at `head`, may be opened.
    fn judge(self, head: Position) -> Result<Self::Findings, Self::Error>;
}

/// Why a log that is inspected was not opened.
#[derive(Debug, thiserror::Error)]
pub enum InspectError<E> {
    /// It cannot be opened, whatever anybody remembers of it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is sound in itself, but not the log that it should be. Nothing was changed.
    #[error("this is not the log that it should be")]
    Refused(#[source] E),
}

/// Takes every log that is sound in itself.
pub(super) struct Uninspected;

impl Inspect for Uninspected {
    type Findings = ();
    type Error = Infallible;

    fn record(&mut self, _: Position, _: &[u8]) {}

    fn judge(self, _: Position) -> Result<(), Infallible> {
        Ok(())
    }
}

/// `begin` is called once the directory is ours, before anything is read.
pub(super) fn open<I: Inspect>(
    dir: &Path,
    ledger: [u8; 16],
    disk: &Disk,
    sizes: Sizes,
    begin: impl FnOnce() -> Result<I, I::Error>,
) -> Result<(Opened, I::Findings), InspectError<I::Error>> {
    let at = |error| OpenError::io(dir, error);
    let (journal_dir, tree_dir) = (dir.join("journal"), dir.join("sled"));
    disk.create_dir_all(&journal_dir).map_err(at)?;
    let lock = lock(dir, disk)?;
    let mut inspect = begin().map_err(InspectError::Refused)?;
    let mark = Mark::read(dir).map_err(|source| OpenError::Mark { file: mark::path(dir), source })?;
    let end_marks = EndMarks::with_second(&mark, dir, ledger)?;
    let files = prepare(dir, &journal_dir, tree_dir.exists() || end_marks.are_there(), ledger, disk)?;

    let seal = Seal::new(ledger);
    let absent = !tree_dir.exists();
    let mut mend = Mend::open(&tree_dir, seal, disk, mark.head());
    let tips = mark.tips().filter(|_| mend.is_trusted());
    let unseen = Unseen::of(&files, ledger, sizes.reread, tips)?.filter(|it| inspect.resume(it.before.head));
    let mut tips = unseen.as_ref().map(Unseen::tips).unwrap_or_default();
    let before = unseen.as_ref().map_or(Before::NOTHING, |it| it.before);
    mend.begin_after(before.head);
    let mut marks = Marks::default();
    let mut edge = Edge::locked(end_marks).signed_to(inspect.signed());
    let read = &files[unseen.as_ref().map_or(0, Unseen::count)..];
    let end = journal::scan(read, ledger, before, edge.clone(), |frame| {
        note_tip(&mut tips, frame);
        marks.pass(frame.position, frame.offset as u64);
        inspect.record(frame.position, frame.record());
        mend.visit(frame);
    })?;
    if let Some(why) = lost(&end, &mend) {
        return Err(OpenError::integrity(&end.path, end.used, end.head.next(), &why).into());
    }
    edge.admit_end(end.head, &end.path, end.used)?;
    let findings = inspect.judge(end.head).map_err(InspectError::Refused)?;
    // Before anything rests on it: a process killed before its fdatasync, or after one that failed, leaves records that
    // can be read and are not durable.
    end.make_durable(disk, mark.head().is_none()).map_err(|error| OpenError::io(&end.path, error))?;
    // In this order: a second mark without the first one means that somebody removed the first.
    second::take(dir, disk, ledger).map_err(|error| OpenError::io(&second::path(dir), error))?;
    mark.take(dir, disk).map_err(at)?;
    let mut opening = Opening {
        head: end.head,
        segments: files.len(),
        clean: mark.head().is_some(),
        second: end_marks.has_second(),
        unseen: before.head,
        caught_up: 0,
        rebuilt: None,
        cut: end.torn.clone(),
    };
    let journal = Journal::resume(&journal_dir, disk, ledger, sizes, end).map_err(at)?;
    let tree = match mend.finish(opening.head) {
        Ok((tree, records)) if absent && records > 0 => {
            opening.rebuilt = Some(Rebuilt { why: "it was not there".into(), aside: None, records });
            tree
        }
        Ok((tree, caught_up)) => {
            opening.caught_up = caught_up;
            tree
        }
        // A copy without room is not a bad one, and a second one would need more of it.
        Err(source) if no_room(&source) => return Err(OpenError::Copy { file: tree_dir, source }.into()),
        Err(why) => {
            let (tree, rebuilt) = rebuild(&tree_dir, &files, ledger, disk, why.to_string())?;
            opening.rebuilt = Some(rebuilt);
            tree
        }
    };
    Ok((Opened { lock, journal, tree, tips, marks, unseen, opening }, findings))
}

/// How it is known that the journal once went on behind its end, if it is.
fn lost(end: &End, mend: &Mend) -> Option<String> {
    if end.torn.as_ref().is_some_and(|cut| mend.last >= cut.position) {
        return Some("the end is torn, and the reading copy shows that it was durable once".into());
    }
    let at = mend.proves_beyond(end.head)?;
    Some(format!("the journal ends here, and the reading copy has the record at {at}"))
}

fn lock(dir: &Path, disk: &Disk) -> Result<File, OpenError> {
    let path = dir.join("lock");
    // It holds nothing, so that it need not be on the medium: one that a loss of power took is made again.
    match disk.create_new(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(OpenError::io(&path, error));
        }
        Ok(_) | Err(_) => {}
    }
    let io = |error| OpenError::io(&path, error);
    let file = File::options().write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(dir.into())),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// The segments of the journal, the first of them made if need be, their names on the medium. `begun`
/// tells that there must be one: the copy and the mark are made after it.
fn prepare(
    dir: &Path,
    journal_dir: &Path,
    begun: bool,
    ledger: [u8; 16],
    disk: &Disk,
) -> Result<Vec<PathBuf>, OpenError> {
    let at = |error| OpenError::io(journal_dir, error);
    segment::remove_unfinished(journal_dir, disk).map_err(at)?;
    let mut files = segment::list(journal_dir).map_err(at)?;
    if files.is_empty() {
        if begun {
            let why = "the journal is gone, only what is made after it is there";
            return Err(OpenError::integrity(journal_dir, 0, Position(1), why));
        }
        // Directories that a start before this one made may not be durable, if it was killed.
        disk.sync_dir(parent(dir)).and_then(|()| disk.sync_dir(dir)).map_err(at)?;
        let header = Header { ledger, first: Position(1), predecessor: [0; 32] };
        segment::create(journal_dir, disk, &header).map_err(at)?;
        files = segment::list(journal_dir).map_err(at)?;
    }
    // A process killed while it made a segment leaves a name that is not durable.
    disk.sync_dir(journal_dir).map_err(at)?;
    Ok(files)
}

fn rebuild(
    dir: &Path,
    files: &[PathBuf],
    ledger: [u8; 16],
    disk: &Disk,
    why: String,
) -> Result<(Tree, Rebuilt), OpenError> {
    let aside = dir.exists().then(|| move_aside(dir, disk)).transpose();
    let aside = aside.map_err(|error| OpenError::io(dir, error))?;
    let mut mend = Mend::open(dir, Seal::new(ledger), disk, None);
    let end = journal::scan(files, ledger, Before::NOTHING, Edge::none(), |frame| mend.visit(frame))?;
    match mend.finish(end.head) {
        Ok((tree, records)) => Ok((tree, Rebuilt { why, aside, records })),
        Err(source) => Err(OpenError::Copy { file: dir.into(), source }),
    }
}

fn no_room(error: &BoxError) -> bool {
    matches!(error.downcast_ref(), Some(sled::Error::Io(error)) if error.kind() == io::ErrorKind::StorageFull)
}

pub(super) fn note_tip(tips: &mut Tips, frame: &Frame<'_>) {
    if let Some(tip) = tips.get_mut(frame.stream) {
        *tip = frame.position;
    } else {
        tips.insert(Stream::new(frame.stream), frame.position);
    }
}
