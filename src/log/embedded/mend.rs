//! Holding the reading copy against the journal: what is missing is caught up; a copy that does not
//! open or has other records is moved aside and rebuilt; one that has more of them, and whole ones,
//! shows that the journal has lost them.

use std::path::Path;

use super::frame::{Frame, Seal};
use super::tree::{Tree, guard, key_position};
use crate::disk::Disk;
use crate::log::{BoxError, Position};

/// Records applied to sled at once while catching up.
const STRIDE: usize = 1_024;

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
    stored: Option<sled::Iter>,
    batch: sled::Batch,
    waiting: usize,
    /// Records the copy did not have.
    pub added: u64,
    /// Why the copy is of no use.
    broken: Option<BoxError>,
}

impl Mend {
    /// Opens the copy. All of it is compared unless it was `closed_at` the very position it ends at.
    pub fn open(dir: &Path, seal: Seal, disk: &Disk, closed_at: Option<Position>) -> Self {
        let absent = !dir.exists();
        let opened = Tree::open(dir, seal, disk).and_then(|tree| Ok((tree.last()?, tree)));
        let mut mend = Self {
            tree: None,
            seal,
            last: Position::START,
            trusted: false,
            compare_from: Position(1),
            stored: None,
            batch: sled::Batch::default(),
            waiting: 0,
            added: 0,
            broken: None,
        };
        match opened {
            Ok((last, tree)) => {
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
                mend.stored = Some(tree.values_from(mend.compare_from));
                mend.last = last;
                mend.tree = Some(tree);
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
        if position >= self.compare_from
            && let Some(tree) = &self.tree
        {
            self.compare_from = position.next();
            self.stored = Some(tree.values_from(self.compare_from));
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

    /// The copy, equal to a journal that ends at `head`, or why it cannot be had.
    pub fn finish(mut self, head: Position) -> Result<(Tree, u64), BoxError> {
        if self.broken.is_none() && self.last > head {
            self.broken = Some(format!("it ends at {}, the journal at {head}", self.last).into());
        }
        if self.broken.is_none()
            && let Err(error) = self.apply()
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
            let (key, stored) = self.stored.as_mut().and_then(Iterator::next).ok_or("it ends early")??;
            if key_position(&key) != Some(frame.position) || stored != value {
                return Err(format!("it differs from the journal at {}", frame.position).into());
            }
            return Ok(());
        }
        self.batch.insert(&frame.position.0.to_be_bytes(), value);
        self.waiting += 1;
        self.added += 1;
        if self.waiting == STRIDE { self.apply() } else { Ok(()) }
    }

    fn apply(&mut self) -> Result<(), BoxError> {
        let batch = std::mem::take(&mut self.batch);
        self.waiting = 0;
        match &self.tree {
            Some(tree) => tree.apply_batch(batch),
            None => Ok(()),
        }
    }
}
