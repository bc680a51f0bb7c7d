//! Holding the reading copy against the journal: what is missing is caught up; a copy that does not
//! open or has other records is moved aside and rebuilt; one that has more of them, and whole ones,
//! shows that the journal has lost them.

use std::path::Path;

use mfa_ledger_base::disk::Disk;

use super::BATCH_RECORDS;
use super::frame::{Frame, Seal};
use super::tree::{Stored, Tree, guard};
use crate::{BoxError, Position};

/// Records applied to sled at once while catching up.
const STRIDE: usize = 1_024;

/// The newest records, which sled is given only at the end: those of the last batch, which may not be durable yet.
const HELD_BACK: usize = BATCH_RECORDS;

/// Records compared at the end of a copy that was closed in good order.
const SAMPLE: u64 = 1_024;

/// Follows a scan of the journal and holds the copy against it.
pub(super) struct Mend {
    tree: Option<Tree>,
    seal: Seal,
    /// The newest position the copy had when it was opened.
    pub last: Position,
    /// It ends where the mark says.
    trusted: bool,
    /// Positions before this one are taken on trust.
    compare_from: Position,
    stored: Option<Stored>,
    /// What waits to be applied.
    waiting: Vec<(Position, Vec<u8>)>,
    /// Records the copy did not have.
    pub added: u64,
    /// Why the copy is of no use.
    broken: Option<BoxError>,
}

impl Mend {
    /// Opens the copy. All of it is compared unless it was `closed_at` the very position it ends at.
    pub fn open(dir: &Path, seal: Seal, disk: &Disk, closed_at: Option<Position>) -> Self {
        let absent = !dir.exists();
        let opened = Tree::open(dir, seal, disk);
        let mut mend = Self {
            tree: None,
            seal,
            last: Position::START,
            trusted: false,
            compare_from: Position(1),
            stored: None,
            waiting: Vec::new(),
            added: 0,
            broken: None,
        };
        match opened {
            Ok(tree) => {
                let last = tree.last();
                match closed_at {
                    Some(at) if at == last => {
                        mend.trusted = true;
                        mend.compare_from = Position(last.0.saturating_sub(SAMPLE) + 1);
                    }
                    // sled opens a file that was cut or overwritten as if it had always been empty.
                    Some(at) if !absent => {
                        mend.broken = Some(format!("it ends at {last}, it was closed at {at}").into());
                    }
                    _ => {}
                }
                mend.last = last;
                mend.tree = Some(tree);
                mend.begin_at(mend.compare_from);
            }
            Err(error) => mend.broken = Some(error),
        }
        mend
    }

    /// Whether the copy ends where the log was closed, and nothing but its end is compared.
    pub fn is_trusted(&self) -> bool {
        self.broken.is_none() && self.trusted
    }

    /// Nothing up to a position is compared: the journal is not read there.
    pub fn begin_after(&mut self, position: Position) {
        if position >= self.compare_from {
            self.begin_at(position.next());
        }
    }

    fn begin_at(&mut self, position: Position) {
        self.compare_from = position;
        match self.tree.as_ref().map(|tree| tree.stored_from(position)).transpose() {
            Ok(stored) => self.stored = stored,
            Err(error) => self.broken = self.broken.take().or(Some(error)),
        }
    }

    /// The next frame of the journal.
    pub fn visit(&mut self, frame: &Frame<'_>) {
        if self.broken.is_none()
            && let Err(error) = guard(|| self.follow(frame))
        {
            self.broken = Some(error);
        }
    }

    /// The first whole record of the copy behind `head`. sled is given durable records only, and a
    /// checksum that starts from the ledger's id does not fit by chance: a journal that ends at `head` has
    /// lost it. A copy that cannot be read proves nothing.
    pub fn proves_beyond(&self, head: Position) -> Option<Position> {
        self.tree.as_ref()?.sound_beyond(head).ok()?
    }

    /// The copy, equal to a journal that ends at `head` and is durable, or why it cannot be had.
    pub fn finish(mut self, head: Position) -> Result<(Tree, u64), BoxError> {
        if self.broken.is_none() && self.last > head {
            self.broken = Some(format!("it ends at {}, the journal at {head}", self.last).into());
        }
        if self.broken.is_none()
            && let Err(error) = self.apply(self.waiting.len())
        {
            self.broken = Some(error);
        }
        match (self.tree, self.broken) {
            (Some(tree), None) => Ok((tree, self.added)),
            (_, why) => Err(why.unwrap_or_else(|| "it is not open".into())),
        }
    }

    fn follow(&mut self, frame: &Frame<'_>) -> Result<(), BoxError> {
        if frame.position < self.compare_from {
            return Ok(());
        }
        let value = self.seal.value_of(frame);
        if frame.position <= self.last {
            let next = self.stored.as_mut().and_then(Iterator::next);
            let (position, stored) = next.ok_or("it ends early")??;
            if position != frame.position || stored != value {
                return Err(format!("it differs from the journal at {}", frame.position).into());
            }
            return Ok(());
        }
        self.waiting.push((frame.position, value));
        self.added += 1;
        if self.waiting.len() == STRIDE + HELD_BACK { self.apply(STRIDE) } else { Ok(()) }
    }

    /// Applies the oldest of what waits.
    fn apply(&mut self, records: usize) -> Result<(), BoxError> {
        match &self.tree {
            Some(tree) => tree.apply_pieces(self.waiting.drain(..records)),
            None => Ok(()),
        }
    }
}
