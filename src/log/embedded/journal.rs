//! The journal: frames in segment files, one write and one fdatasync a batch. This is what makes a
//! record durable, and what the reading copy in sled is checked against and rebuilt from.
//!
//! Zeros are written ahead of the frames, so that an fdatasync has no new file size to record
//! (a quarter cheaper on ext4). Frames never start with zeros, hence: zeros up to the end of the
//! last segment are room, anything else after the last good frame is damage. It is a *torn tail*,
//! and cut, when it can be the one batch whose callers were never answered; everything else is an
//! integrity error.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::frame::{Frame, MAX_FRAME, Seal};
use super::open::{Cut, OpenError};
use super::segment::{self, HEADER, Header};
use super::{MAX_BATCH, Sizes};
use crate::disk::{Disk, DiskFile};
use crate::log::Position;

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
    mut visit: impl FnMut(&Frame<'_>),
) -> Result<End, OpenError> {
    let visit = |frame: &Frame<'_>| {
        visit(frame);
        ControlFlow::Continue(())
    };
    let end = scan_until(files, ledger, before, visit)?;
    Ok(end.continue_value().expect("nobody stops this scan"))
}

/// The same, until `visit` has seen enough.
pub(super) fn scan_until(
    files: &[PathBuf],
    ledger: [u8; 16],
    before: Before,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), End>, OpenError> {
    scan_files(files, ledger, before, |_| {}, visit)
}

/// The same; what was read does not stay in the memory of the system, where it would take the place of what callers
/// ask for.
pub(super) fn scan_aside(
    files: &[PathBuf],
    ledger: [u8; 16],
    before: Before,
    visit: impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), End>, OpenError> {
    let forget = |file: &File| {
        // Where the system does not take the advice, nothing is lost but room.
        let _taken = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    };
    scan_files(files, ledger, before, forget, visit)
}

fn scan_files(
    files: &[PathBuf],
    ledger: [u8; 16],
    before: Before,
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
            let scanned = scan_segment(path, &bytes, seal, last, &mut head, &mut visit);
            (scanned, hashing.map(|hashing| hashing.join().expect("hashing does not panic")))
        });
        let ControlFlow::Continue((used, torn)) = scanned? else { return Ok(ControlFlow::Break(())) };
        let Some(digest) = digest else {
            let hash = Sha256::new_with_prefix(&bytes[..used]);
            let (used, allocated) = (used as u64, bytes.len() as u64);
            return Ok(ControlFlow::Continue(End { head, torn, path: path.clone(), used, allocated, hash }));
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
    last: bool,
    head: &mut Position,
    visit: &mut impl FnMut(&Frame<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), (usize, Option<Cut>)>, OpenError> {
    let mut used = HEADER;
    while used < bytes.len() {
        let rest = &bytes[used..];
        let expected = head.next();
        let wrong = |why| OpenError::integrity(path, used as u64, expected, why);
        match seal.parse(rest) {
            Ok(frame) if frame.position != expected => return Err(wrong("another position is due here")),
            Ok(frame) => {
                let frame = Frame { offset: used, ..frame };
                *head = expected;
                used += frame.size;
                if visit(&frame).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Err(why) if !last => return Err(wrong(why)),
            Err(why) => {
                let torn = torn_tail(rest, seal, expected, why).map_err(wrong)?;
                let cut = |bytes| Cut { file: path.into(), offset: used as u64, position: expected, bytes };
                return Ok(ControlFlow::Continue((used, torn.map(cut))));
            }
        }
    }
    Ok(ControlFlow::Continue((used, None)))
}

/// Bytes of the torn batch that `rest` begins with, or `None` when it is only zeros written ahead.
fn torn_tail(rest: &[u8], seal: Seal, due: Position, why: &'static str) -> Result<Option<u64>, &'static str> {
    let Some(end) = last_in_use(rest) else { return Ok(None) };
    // A frame of a later batch was written only after the batch of the broken one was durable and
    // its callers had been answered.
    let answered = |at| seal.parse(&rest[at..]).is_ok_and(|frame| frame.batch > due);
    if end >= MAX_BATCH + MAX_FRAME || (1..=end).any(answered) {
        return Err(why);
    }
    Ok(Some(end as u64 + 1))
}

/// The last byte that is not zero; blocks of zeros are compared as a whole, since there are many.
fn last_in_use(bytes: &[u8]) -> Option<usize> {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut rest = bytes;
    loop {
        let (before, block) = rest.split_at(rest.len().saturating_sub(ZEROS.len()));
        if *block != ZEROS[..block.len()] {
            return block.iter().rposition(|byte| *byte != 0).map(|at| before.len() + at);
        }
        if before.is_empty() {
            return None;
        }
        rest = before;
    }
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
            if zeros > 0 {
                self.file.write_all_at(&vec![0; usize::try_from(zeros).unwrap_or(0)], self.allocated)?;
            }
            self.allocated = (self.allocated + zeros).max(self.used + size);
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

#[cfg(test)]
mod tests {
    use super::last_in_use;

    #[test]
    fn the_last_byte_in_use_is_found_wherever_a_block_begins() {
        for len in [0, 1, 4_095, 4_096, 4_097, 8_192, 9_000] {
            let mut bytes = vec![0; len];
            assert_eq!(last_in_use(&bytes), None, "{len}");
            for at in [0, 1, 4_095, 4_096, 8_191, 8_999].into_iter().filter(|at| *at < len) {
                bytes[at] = 1;
                assert_eq!(last_in_use(&bytes), Some(at), "{len}");
            }
        }
    }
}
