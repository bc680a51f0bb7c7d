//! The journal: frames in segment files, one write and one fdatasync a batch. This is what makes a
//! record durable, and what the reading copy in sled is checked against and rebuilt from.
//!
//! Zeros are written ahead of the frames, so that an fdatasync has no new file size to record
//! (a quarter cheaper on ext4). Zeros up to the end of the last segment are room. Anything else behind the last whole
//! frame is a batch that was torn, which is cut, or damaged, which is an integrity error: [`tail`](super::tail) has the
//! law. What may not follow an orderly stop, [`edge`](super::edge) tells.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::{Disk, DiskFile};
use sha2::{Digest, Sha256};

use super::edge::Edge;
use super::frame::{Frame, MAX_FRAME, Seal};
use super::open::{Cut, OpenError};
use super::segment::{self, HEADER, Header};
use super::tail::{self, Tail};
use super::{MAX_BATCH, Sizes};
use crate::Position;

/// Bytes of the last frames that may not be durable after a crash: those of one batch, and a frame to spare.
const LAST: usize = MAX_BATCH + MAX_FRAME;

/// The journal, open for appending.
#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
    disk: Disk,
    ledger: [u8; 16],
    sizes: Sizes,
    file: DiskFile,
    /// Bytes of the last segment that are frames.
    used: u64,
    /// Bytes of the last segment that are frames or zeros.
    allocated: u64,
    /// Over the used bytes of the last segment.
    hash: Sha256,
}

/// Where a scan of the journal ended.
#[derive(Debug)]
pub(super) struct End {
    pub head: Position,
    pub torn: Option<Cut>,
    /// The last segment.
    pub path: PathBuf,
    /// Bytes of it that are frames.
    pub used: u64,
    allocated: u64,
    hash: Sha256,
    /// The frames that it ends with, up to [`LAST`] bytes.
    last: Vec<u8>,
}

impl End {
    /// Brings the last frames to the medium. `again` writes them first, in place: after a sync that failed, in whatever
    /// process, the system may take pages for clean that never reached the medium, and a sync alone would do nothing.
    pub fn make_durable(&self, disk: &Disk, again: bool) -> io::Result<()> {
        let file = disk.open(&self.path)?;
        if again && !self.last.is_empty() {
            file.write_all_at(&self.last, self.used - self.last.len() as u64)?;
        }
        file.sync_data()
    }
}

/// What stands before the files of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Before {
    /// The position before the first one.
    pub head: Position,
    /// The SHA-256 of the file before the first one.
    pub predecessor: [u8; 32],
}

impl Before {
    /// Nothing: the first file is the first of the journal.
    pub const NOTHING: Self = Self { head: Position::START, predecessor: [0; 32] };

    /// What the header of a file says of those before it.
    pub fn of(header: &Header) -> Self {
        Self { head: Position(header.first.0.saturating_sub(1)), predecessor: header.predecessor }
    }
}

/// Reads every frame of `files` in order, checks all of it, and shows each to `visit`.
pub(super) fn scan(
    files: &[PathBuf],
    ledger: [u8; 16],
    before: Before,
    edge: Edge,
    mut visit: impl FnMut(&Frame<'_>),
) -> Result<End, OpenError> {
    let visit = |frame: &Frame<'_>| {
        visit(frame);
        ControlFlow::Continue(())
    };
    let end = scan_until(files, ledger, before, edge, visit)?;
    Ok(end.continue_value().expect("nobody stops this scan"))
}

/// The same, until `visit` has seen enough.
pub(super) fn scan_until(
    files: &[PathBuf],
    ledger: [u8; 16],
    before: Before,
    edge: Edge,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), End>, OpenError> {
    scan_files(files, ledger, before, edge, |_| {}, visit)
}

/// The same; what was read does not stay in the memory of the system, where it would take the place of what callers
/// ask for.
pub(super) fn scan_aside(
    files: &[PathBuf],
    ledger: [u8; 16],
    before: Before,
    edge: Edge,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), End>, OpenError> {
    let forget = |file: &File| {
        // Where the system does not take the advice, nothing is lost but room.
        let _taken = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    };
    scan_files(files, ledger, before, edge, forget, visit)
}

fn scan_files(
    files: &[PathBuf],
    ledger: [u8; 16],
    before: Before,
    mut edge: Edge,
    after_reading: impl Fn(&File),
    mut visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), End>, OpenError> {
    let seal = Seal::new(ledger);
    let Before { mut head, mut predecessor } = before;
    // One piece of memory for all of them: the system clears what it hands out.
    let mut bytes = Vec::new();
    for (index, path) in files.iter().enumerate() {
        let last = index + 1 == files.len();
        bytes.clear();
        let mut file = File::open(path).map_err(|error| OpenError::io(path, error))?;
        file.read_to_end(&mut bytes).map_err(|error| OpenError::io(path, error))?;
        after_reading(&file);
        let wrong = |offset, why| Err(OpenError::integrity(path, offset, head.next(), why));
        let header = Header::parse(path, &bytes, Some(ledger))?;
        if header.first != head.next() {
            return wrong(0, "the segment before this one is missing, or ends too early");
        }
        if header.predecessor != predecessor {
            return wrong(0, "the segment before this one is not the one this was written after");
        }
        let (scanned, digest) = std::thread::scope(|scope| {
            // Asking for so much takes as long as the medium does.
            let _asking = files.get(index + 1).map(|next| scope.spawn(|| fetch(next)));
            // A full file is hashed while its frames are looked at: each takes a processor for a while.
            let hashing = (!last).then(|| scope.spawn(|| Sha256::digest(&bytes)));
            let scanned = scan_segment(path, &bytes, seal, (last, &mut edge), &mut head, &mut visit);
            (scanned, hashing.map(|hashing| hashing.join().expect("hashing does not panic")))
        });
        let ControlFlow::Continue((used, torn)) = scanned? else { return Ok(ControlFlow::Break(())) };
        let Some(digest) = digest else {
            let hash = Sha256::new_with_prefix(&bytes[..used]);
            let last = bytes[used.saturating_sub(LAST).max(HEADER)..used].to_vec();
            let (used, allocated) = (used as u64, bytes.len() as u64);
            return Ok(ControlFlow::Continue(End {
                head,
                torn,
                path: path.clone(),
                used,
                allocated,
                hash,
                last,
            }));
        };
        predecessor = digest.into();
    }
    Err(OpenError::integrity(Path::new("journal"), 0, Position(1), "there are no segments"))
}

/// Asks the system to have a file in memory by the time that it is read. It need not, and need not be there.
fn fetch(path: &Path) {
    if let Ok(file) = File::open(path) {
        let _taken = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::WillNeed);
    }
}

/// How many bytes of a segment are sound, and what is to be cut after them.
fn scan_segment(
    path: &Path,
    bytes: &[u8],
    seal: Seal,
    (last, edge): (bool, &mut Edge),
    head: &mut Position,
    visit: &mut impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), (usize, Option<Cut>)>, OpenError> {
    let mut used = HEADER;
    while used < bytes.len() {
        let rest = &bytes[used..];
        let expected = head.next();
        let wrong = |why: &str| OpenError::integrity(path, used as u64, expected, why);
        match seal.parse(rest) {
            Ok(frame) if frame.position != expected => return Err(wrong("another position is due here")),
            Ok(frame) => {
                if let Some(why) = edge.forbids(expected)? {
                    return Err(wrong(&why));
                }
                let frame = Frame { offset: used, ..frame };
                *head = expected;
                used += frame.size;
                if visit(&frame).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Err(why) if !last => return Err(wrong(why)),
            Err(why) => {
                let cut = |bytes, stray| {
                    let (file, offset) = (path.into(), used as u64);
                    Some(Cut { file, offset, position: expected, bytes, stray })
                };
                let cut = match tail::judge(rest, used, seal, expected) {
                    Tail::Room => None,
                    Tail::Stray(bytes) => cut(bytes, true),
                    Tail::Torn(bytes) => match edge.forbids_bytes(expected)? {
                        Some(why) => return Err(wrong(why)),
                        None => cut(bytes, false),
                    },
                    // Half of what another process is writing looks like damage.
                    Tail::Damaged if edge.has_moved_on()? => cut(rest.len() as u64, false),
                    Tail::Damaged => return Err(wrong(why)),
                };
                return Ok(ControlFlow::Continue((used, cut)));
            }
        }
    }
    Ok(ControlFlow::Continue((used, None)))
}

impl Journal {
    /// Goes on where a scan ended; cuts off what was torn.
    pub fn resume(dir: &Path, disk: &Disk, ledger: [u8; 16], sizes: Sizes, end: End) -> io::Result<Self> {
        let file = disk.open(&end.path)?;
        let mut allocated = end.allocated;
        if end.torn.is_some() {
            file.set_len(end.used)?;
            file.sync_data()?;
            allocated = end.used;
        }
        let (dir, disk) = (dir.to_owned(), disk.clone());
        Ok(Self { dir, disk, ledger, sizes, file, used: end.used, allocated, hash: end.hash })
    }

    /// Makes one batch of frames durable; `first` is the position of the first of them. After an
    /// error nothing may be appended any more.
    pub fn append(&mut self, frames: &[u8], first: Position) -> io::Result<()> {
        let size = frames.len() as u64;
        if self.used > HEADER as u64 && self.used + size > self.sizes.segment {
            self.rotate(first)?;
        }
        if self.used + size > self.allocated {
            let zeros = self.sizes.ahead.min(self.sizes.segment.saturating_sub(self.allocated));
            let (end, allocated) = (self.used + size, self.allocated + zeros);
            // Behind the frames alone: no part of a frame is written twice, so that each is on the medium or is not.
            if allocated > end {
                let begin = self.allocated.max(end);
                let zeros = vec![0; usize::try_from(allocated - begin).unwrap_or(0)];
                self.file.write_all_at(&zeros, begin)?;
            }
            self.allocated = allocated.max(end);
        }
        self.file.write_all_at(frames, self.used)?;
        self.file.sync_data()?;
        self.hash.update(frames);
        self.used += size;
        Ok(())
    }

    fn rotate(&mut self, first: Position) -> io::Result<()> {
        self.file.set_len(self.used)?;
        self.file.sync_data()?;
        let predecessor = std::mem::take(&mut self.hash).finalize().into();
        let header = Header { ledger: self.ledger, first, predecessor };
        self.file = segment::create(&self.dir, &self.disk, &header)?;
        self.hash.update(header.bytes());
        self.used = HEADER as u64;
        self.allocated = self.used;
        Ok(())
    }
}
