//! A log held against what was signed for it, record by record.
//!
//! The root over the records is compared at every size that somebody remembers. Where it is another, the
//! tiles on disk name the first record that differs, provided that they themselves come to a root that was
//! signed.

use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::tile::{Kind as TileKind, Tile};
use mfa_ledger_base::tlog::{Checkpoint, Frontier, Hash, TileBuilder};
use mfa_ledger_schemas::LedgerId;

use super::examined::Examined;
use super::resume::{self, Rest};
use super::{Bad, Kind, Tampered};

/// A checkpoint whose signature was checked, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// `checkpoint`, or `anchor /mnt/x`.
    pub source: String,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// A log that is being held against what is remembered. Its memory does not grow with the log.
#[derive(Debug)]
pub struct Holding {
    /// By size, each with the root that was found there.
    remembered: Vec<(Remembered, Option<Hash>)>,
    reached: usize,
    tiles: Option<TileStore>,
    ledger: Option<LedgerId>,
    builder: TileBuilder,
    fault: Option<(u64, Kind, String)>,
    /// The first position whose leaf is another than in the tiles.
    differs: Option<u64>,
    tiles_fit: bool,
}

/// A log that is all that is remembered of it.
#[derive(Clone, Debug)]
pub struct Sound {
    /// How many records it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The tree over them, to go on with.
    pub builder: TileBuilder,
    /// Whether every full tile of this tree is on disk as it should be; `false` without tiles.
    pub tiles_fit: bool,
}

impl Holding {
    /// Before the first record. `tiles` are those on disk, which nobody vouches for yet.
    pub fn new(remembered: Vec<Remembered>, tiles: Option<TileStore>) -> Self {
        let mut remembered: Vec<_> = remembered.into_iter().map(|it| (it, None)).collect();
        remembered.sort_by_key(|(it, _)| it.checkpoint.size);
        let tiles_fit = tiles.is_some();
        let builder = TileBuilder::default();
        let mut holding = Self {
            remembered,
            reached: 0,
            tiles,
            ledger: None,
            builder,
            fault: None,
            differs: None,
            tiles_fit,
        };
        holding.reach();
        holding
    }

    /// Goes on behind the first `size` records without having seen any, if the tiles come to what is remembered; they
    /// are to be held against what this returns. Where that is `None`, nothing has changed.
    pub fn resume(&mut self, size: u64) -> Option<Rest> {
        let tiles = self.tiles.as_ref().filter(|_| self.builder.size() == 0 && size > 0)?;
        let remembered: Vec<_> = self.remembered.iter().map(|(it, _)| it.clone()).collect();
        let (builder, before) = resume::tree(size, &remembered, tiles)?;
        let origin = remembered.first()?.checkpoint.origin.clone();
        let rest = Rest::new(before, tiles.clone(), &origin, size, builder.root());
        for (it, found) in
            self.remembered.iter_mut().filter(|(it, _)| (1..size).contains(&it.checkpoint.size))
        {
            *found = Some(it.checkpoint.root);
        }
        self.reached = self.remembered.iter().take_while(|(it, _)| it.checkpoint.size < size).count();
        self.builder = builder;
        self.reach();
        Some(rest)
    }

    /// The same, and every leaf must be the very bytes that this version renders for its record.
    #[must_use]
    pub fn rendering(mut self, ledger: LedgerId) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// The next record: its position and its stored bytes.
    pub fn record(&mut self, position: u64, stored: &[u8]) {
        let examined = Examined::of(stored, self.ledger);
        self.add(position, examined);
    }

    /// The next record, looked at elsewhere.
    pub fn add(&mut self, position: u64, examined: Examined) {
        let due = self.builder.size() + 1;
        if position != due {
            self.note(due, Kind::Gap, format!("position {position} stands where {due} should"));
        }
        if let Some((kind, why)) = examined.fault {
            self.note(position, kind, why);
        }
        let (tiles, differs, fit) = (&self.tiles, &mut self.differs, &mut self.tiles_fit);
        self.builder.push(examined.hash, |tile, hashes| {
            let Some(tiles) = tiles else { return };
            match tiles.read(tile) {
                Ok(Some(stored)) if stored == hashes => {}
                Ok(Some(stored)) => {
                    *fit = false;
                    if tile.kind == TileKind::Hashes(0) && differs.is_none() {
                        *differs = first_difference(tile, &stored, hashes);
                    }
                }
                // A tile that is not there, or cannot be read, is written anew: it is a copy.
                Ok(None) | Err(_) => *fit = false,
            }
        });
        self.reach();
    }

    /// One more checkpoint, for a log with too many of them to have all at hand: they come in the order of their
    /// sizes. `false` where the tree has grown past it, so that it cannot be compared any more. Of those that were
    /// reached, only the newest that fits and the first that does not are kept.
    pub fn remember(&mut self, remembered: Remembered) -> bool {
        let size = remembered.checkpoint.size;
        if size < self.builder.size() {
            return false;
        }
        let contradicts = |(it, found): &(Remembered, Option<Hash>)| *found != Some(it.checkpoint.root);
        let reached = &self.remembered[..self.reached];
        let contradicted = reached.iter().position(contradicts);
        if contradicted.is_some() {
            return true;
        }
        let passed = self.reached.saturating_sub(1);
        self.remembered.drain(..passed);
        self.reached -= passed;
        let at = self.remembered.partition_point(|(it, _)| it.checkpoint.size <= size).max(self.reached);
        self.remembered.insert(at, (remembered, None));
        self.reach();
        true
    }

    /// How many records there were so far.
    pub fn size(&self) -> u64 {
        self.builder.size()
    }

    fn note(&mut self, position: u64, kind: Kind, why: String) {
        self.fault.get_or_insert((position, kind, why));
    }

    /// Takes down the root where somebody remembers one.
    fn reach(&mut self) {
        let size = self.builder.size();
        while let Some((it, found)) = self.remembered.get_mut(self.reached)
            && it.checkpoint.size <= size
        {
            *found = Some(self.builder.root());
            self.reached += 1;
            if *found != Some(it.checkpoint.root) {
                self.compare_edge(size);
            }
        }
    }

    /// Compares the leaves at the right edge with those in a tile that is not full.
    fn compare_edge(&mut self, size: u64) {
        let edge = self.builder.partial().find(|(tile, _)| tile.kind == TileKind::Hashes(0));
        let (Some((tile, hashes)), Some(tiles), None) = (edge, &self.tiles, self.differs) else { return };
        debug_assert_eq!(tile.index, size / 256, "the edge is where the tree ends");
        if let Ok(Some(stored)) = tiles.read(tile) {
            self.differs = first_difference(tile, &stored, hashes);
        }
    }

    /// Whether the log, which ends at `head`, is all that is remembered of it.
    pub fn judge(mut self, head: u64) -> Result<Sound, Tampered> {
        let size = self.builder.size();
        if head != size {
            self.note(
                size + 1,
                Kind::Gap,
                format!("the log should end at position {head}, {size} were seen"),
            );
        }
        let contradicted = self.remembered.iter().position(|(it, found)| *found != Some(it.checkpoint.root));
        let found = contradicted.map(|index| self.contradicted(index, size));
        let fault =
            self.fault.take().map(|(position, kind, why)| Tampered::at(kind, Bad::At(position), size, why));
        match (found, fault) {
            (None, None) => Ok(Sound {
                size,
                root: self.builder.root(),
                builder: self.builder,
                tiles_fit: self.tiles_fit,
            }),
            // What comes first in the log is told; what is outside of it is the stronger witness.
            (Some(outside), Some(inside)) => {
                let first = inside.first_bad_position() < outside.first_bad_position();
                Err(if first {
                    Tampered {
                        against: outside.against,
                        claimed: outside.claimed,
                        root: outside.root,
                        ..inside
                    }
                } else {
                    outside
                })
            }
            (Some(tampered), None) | (None, Some(tampered)) => Err(tampered),
        }
    }

    fn contradicted(&mut self, index: usize, size: u64) -> Tampered {
        let (it, found) = self.remembered[index].clone();
        let before = self.remembered[..index].iter().map(|(it, _)| it.checkpoint.size);
        let fits = before.filter(|size| *size < it.checkpoint.size).max().unwrap_or(0);
        let shorter = found.is_none();
        if shorter {
            self.compare_edge(size);
        }
        let differs = self.differs.filter(|position| *position <= it.checkpoint.size);
        let vouched = differs.filter(|_| self.tiles_come_to(&it.checkpoint));
        let bad = match vouched {
            Some(position) => Bad::At(position),
            None if shorter => Bad::At(size + 1),
            None => Bad::Within { first: fits + 1, last: it.checkpoint.size },
        };
        let kind = if shorter { Kind::Shorter } else { Kind::OtherRoot };
        let detail = shorter.then(|| {
            let missing = it.checkpoint.size - size;
            format!("{missing} of {} records are missing at the end", it.checkpoint.size)
        });
        let (against, claimed) = (Some(it.source), Some(it.checkpoint));
        Tampered { kind, bad, against, claimed, size, root: found, detail }
    }

    /// Whether the leaves in the tiles on disk are those that were signed for.
    fn tiles_come_to(&self, checkpoint: &Checkpoint) -> bool {
        let Some(tiles) = &self.tiles else { return false };
        let mut tree = Frontier::default();
        while let Some(tile) = Tile::in_tree(TileKind::Hashes(0), tree.size() / 256, checkpoint.size) {
            match tiles.read(tile) {
                Ok(Some(hashes)) => hashes.into_iter().for_each(|hash| tree.push(hash)),
                Ok(None) | Err(_) => return false,
            }
            if tree.size() >= checkpoint.size {
                break;
            }
        }
        tree.root() == Some(checkpoint.root)
    }
}

/// The position of the first hash that is another.
fn first_difference(tile: Tile, stored: &[Hash], found: &[Hash]) -> Option<u64> {
    let at = stored.iter().zip(found).position(|(stored, found)| stored != found)?;
    Some(tile.index * 256 + at as u64 + 1)
}

#[cfg(test)]
mod tests;
