//! The journal as it lies there, for whoever verifies, copies or exports it: nothing here takes the
//! lock, and nothing is cut or mended. A server may go on writing meanwhile; who reads beside one stops at a
//! position that is known to be durable, since the end behind it may be half written. A log that goes on behind an
//! orderly stop is refused here as by a start: [`Edge`] has the rule.

use std::fs::TryLockError;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::Disk;

pub use super::edge::Edge;
pub use super::frame::{Frame, MAX_FRAME, PREFIX, Seal, split_body};
use super::journal::{self, Before, End, Journal};
use super::mark::{self, Mark};
use super::open::{Cut, OpenError};
use super::segment::{self, HEADER, Header};
use super::{MAX_BATCH, Sizes, second};
use crate::{Entry, Position};

/// What a scan has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The ledger it belongs to.
    pub ledger: [u8; 16],
    /// The last record seen.
    pub head: Position,
    /// Bytes at the end that are a batch that was never written in full; `None` too where the scan was
    /// stopped before the end.
    pub torn: Option<Cut>,
    /// The file that the journal ends in, and the bytes of it that are in use; `None` where the scan was stopped before.
    pub end: Option<(PathBuf, u64)>,
}

/// Shows every frame of the journal in a data directory to `visit`, in order, until that has seen
/// enough. Holds one segment in memory.
pub fn scan(
    data_dir: &Path,
    ledger: Option<[u8; 16]>,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<Scan, OpenError> {
    scan_to(data_dir, ledger, Edge::read(data_dir)?, visit)
}

/// The same where the end is also held against what the caller knows of it.
pub fn scan_to(
    data_dir: &Path,
    ledger: Option<[u8; 16]>,
    mut edge: Edge,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<Scan, OpenError> {
    let scan = scan_before_end(data_dir, ledger, edge.clone(), visit)?;
    edge.admit(&scan)?;
    Ok(scan)
}

/// The same for a caller who knows better what is missing where the journal ends too early, and has [`Edge::admit`] judge
/// the end after that.
pub fn scan_before_end(
    data_dir: &Path,
    ledger: Option<[u8; 16]>,
    edge: Edge,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<Scan, OpenError> {
    let (files, ledger) = files_of(data_dir, ledger)?;
    let mut visit = Heading { head: Position::START, visit };
    let end = journal::scan_until(&files, ledger, Before::NOTHING, edge, |frame| visit.see(frame))?;
    Ok(visit.scan(ledger, end))
}

/// The same; what was read does not stay in the memory of the system.
pub fn scan_aside(
    data_dir: &Path,
    ledger: Option<[u8; 16]>,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<Scan, OpenError> {
    let (files, ledger) = files_of(data_dir, ledger)?;
    let (mut visit, mut edge) = (Heading { head: Position::START, visit }, Edge::read(data_dir)?);
    let end = journal::scan_aside(&files, ledger, Before::NOTHING, edge.clone(), |frame| visit.see(frame))?;
    let scan = visit.scan(ledger, end);
    edge.admit(&scan)?;
    Ok(scan)
}

/// Notes the last record that somebody was shown.
struct Heading<V> {
    head: Position,
    visit: V,
}

impl<V: FnMut(&Frame<'_>) -> ControlFlow<()>> Heading<V> {
    fn see(&mut self, frame: &Frame<'_>) -> ControlFlow<()> {
        self.head = frame.position;
        (self.visit)(frame)
    }

    fn scan(&self, ledger: [u8; 16], end: ControlFlow<(), End>) -> Scan {
        let (torn, end) = match end {
            ControlFlow::Continue(End { torn, path, used, .. }) => (torn, Some((path, used))),
            ControlFlow::Break(()) => (None, None),
        };
        Scan { ledger, head: self.head, torn, end }
    }
}

fn files_of(data_dir: &Path, ledger: Option<[u8; 16]>) -> Result<(Vec<PathBuf>, [u8; 16]), OpenError> {
    let files = files(data_dir)?;
    let ledger = Header::read(&files[0], ledger)?.ledger;
    Ok((files, ledger))
}

/// The last whole record of a journal that may be written meanwhile: reads what its last segment holds, and
/// judges nothing. `None` when there is no record.
pub fn newest(data_dir: &Path, ledger: [u8; 16]) -> Result<Option<Entry>, OpenError> {
    let seal = Seal::new(ledger);
    // The last one may be new and empty.
    for path in files(data_dir)?.iter().rev() {
        let bytes = std::fs::read(path).map_err(|error| OpenError::io(path, error))?;
        Header::parse(path, &bytes, Some(ledger))?;
        let (mut rest, mut found) = (&bytes[HEADER..], None);
        while let Ok(frame) = seal.parse(rest) {
            rest = &rest[frame.size..];
            found = Some(frame);
        }
        if let Some(frame) = found {
            return Ok(Some(frame.entry()));
        }
    }
    Ok(None)
}

/// One record of a journal, which is durable and stands at this position; `None` when there is none. Reads the
/// segment that holds it.
pub fn entry(data_dir: &Path, ledger: [u8; 16], position: Position) -> Result<Option<Entry>, OpenError> {
    let dir = data_dir.join("journal");
    let path = segment::holding(&dir, position).map_err(|error| OpenError::io(&dir, error))?;
    let Some(path) = path else { return Ok(None) };
    let bytes = std::fs::read(&path).map_err(|error| OpenError::io(&path, error))?;
    Header::parse(&path, &bytes, Some(ledger))?;
    let (seal, mut rest) = (Seal::new(ledger), &bytes[HEADER..]);
    while let Ok(frame) = seal.parse(rest) {
        if frame.position == position {
            return Ok(Some(frame.entry()));
        }
        rest = &rest[frame.size..];
    }
    Ok(None)
}

/// Whether a process has the log in a data directory open. To learn that, the lock is tried for an
/// instant, shared with others who ask the same; where there is none yet, none is made.
pub fn is_held(data_dir: &Path) -> io::Result<bool> {
    let lock = match std::fs::File::open(data_dir.join("lock")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened?,
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The ledger that the journal in a data directory belongs to.
pub fn ledger(data_dir: &Path) -> Result<[u8; 16], OpenError> {
    Ok(Header::read(&files(data_dir)?[0], None)?.ledger)
}

/// At least one.
fn files(data_dir: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let dir = data_dir.join("journal");
    let files = segment::list(&dir).map_err(|error| OpenError::io(&dir, error))?;
    if files.is_empty() {
        return Err(OpenError::integrity(&dir, 0, Position(1), "there are no segments"));
    }
    Ok(files)
}

/// Empties the second mark of an orderly stop, durably. Whoever takes the mark itself away does this first.
pub fn take_second_mark(data_dir: &Path, disk: &Disk) -> Result<(), OpenError> {
    let taken = second::take(data_dir, disk, ledger(data_dir)?);
    taken.map_err(|error| OpenError::io(&second::path(data_dir), error))
}

/// Leaves the second mark in a vault that was made for a log beside which a mark lies; without a mark, none.
pub fn leave_second_mark(data_dir: &Path, disk: &Disk) -> Result<(), OpenError> {
    let mark = Mark::read(data_dir).map_err(|error| OpenError::io(&mark::path(data_dir), error))?;
    let Some(head) = mark.head() else { return Ok(()) };
    let left = second::leave(data_dir, disk, ledger(data_dir)?, head);
    left.map_err(|error| OpenError::io(&second::path(data_dir), error))
}

/// Ends the journal before a position, every record up to which is sound. What is cut off is set aside in
/// another directory, whole files as they were; nothing may have the log open.
pub fn cut_from(data_dir: &Path, position: Position, aside: &Path, disk: &Disk) -> Result<(), OpenError> {
    let files = files(data_dir)?;
    let ledger = Header::read(&files[0], None)?.ledger;
    let (mut head, mut cut) = (Position::START, None);
    for (index, path) in files.iter().enumerate() {
        let bytes = std::fs::read(path).map_err(|error| OpenError::io(path, error))?;
        let used = sound_bytes(path, &bytes, ledger, position, &mut head);
        if head.next() == position || used < bytes.len() {
            cut = Some((index, used));
            break;
        }
    }
    let Some((index, used)) = cut else { return Ok(()) };
    if used == 0 && index == 0 {
        let why = "not even the header of its first file can be kept";
        return Err(OpenError::integrity(&files[0], 0, Position(1), why));
    }
    let at = |error| OpenError::io(aside, error);
    disk.create_dir_all(aside).map_err(at)?;
    for path in &files[index..] {
        let name = path.file_name().unwrap_or_default();
        let bytes = std::fs::read(path).map_err(|error| OpenError::io(path, error))?;
        // Durable before anything is taken away: it is evidence.
        disk.replace(&aside.join(name), &bytes).map_err(at)?;
    }
    for path in files[index..].iter().skip(usize::from(used > 0)).rev() {
        disk.remove(path).map_err(|error| OpenError::io(path, error))?;
    }
    if used > 0 {
        let cut = || {
            let file = disk.open(&files[index])?;
            file.set_len(used as u64)?;
            file.sync_data()
        };
        cut().map_err(|error| OpenError::io(&files[index], error))?;
    }
    disk.sync_dir(&data_dir.join("journal")).map_err(|error| OpenError::io(data_dir, error))
}

/// How many bytes of a segment hold records before `position`; 0 when its header is none.
fn sound_bytes(
    path: &Path,
    bytes: &[u8],
    ledger: [u8; 16],
    position: Position,
    head: &mut Position,
) -> usize {
    if Header::parse(path, bytes, Some(ledger)).is_err() {
        return 0;
    }
    let (seal, mut used) = (Seal::new(ledger), HEADER);
    while head.next() < position
        && let Ok(frame) = seal.parse(&bytes[used..])
        && frame.position == head.next()
    {
        *head = frame.position;
        used += frame.size;
    }
    used
}

/// Writes a journal from frames that come from elsewhere: an import, a restored backup.
#[derive(Debug)]
pub struct JournalWriter {
    journal: Journal,
    frames: Vec<u8>,
    /// The first position of what waits in `frames`.
    first: Position,
    last: Position,
}

impl JournalWriter {
    /// Begins a journal in a data directory that has none.
    pub fn create(data_dir: &Path, ledger: [u8; 16], disk: &Disk, sizes: Sizes) -> io::Result<Self> {
        let dir = data_dir.join("journal");
        if dir.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        disk.create_dir_all(&dir)?;
        let header = Header { ledger, first: Position(1), predecessor: [0; 32] };
        segment::create(&dir, disk, &header)?;
        let files = segment::list(&dir)?;
        let end =
            journal::scan(&files, ledger, Before::NOTHING, Edge::none(), |_| {}).map_err(io::Error::other)?;
        let journal = Journal::resume(&dir, disk, ledger, sizes, end)?;
        Ok(Self { journal, frames: Vec::new(), first: Position(1), last: Position::START })
    }

    /// Adds the bytes of one frame, which must be the next.
    ///
    /// # Panics
    /// When the frame is another than the next.
    pub fn push(&mut self, frame: &Frame<'_>, bytes: &[u8]) -> io::Result<()> {
        assert_eq!(frame.position, self.last.next(), "frames are written in order");
        assert_eq!(frame.size, bytes.len(), "the bytes are those of the frame");
        self.last = frame.position;
        self.frames.extend_from_slice(bytes);
        if self.frames.len() >= MAX_BATCH { self.flush() } else { Ok(()) }
    }

    /// Makes all of it durable, and tells the last position.
    pub fn finish(mut self) -> io::Result<Position> {
        self.flush()?;
        Ok(self.last)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.frames.is_empty() {
            self.journal.append(&self.frames, self.first)?;
            self.frames.clear();
            self.first = self.last.next();
        }
        Ok(())
    }
}
