//! A log held against what was signed for it, record by record.
//!
//! The root over the records is compared at every size that somebody remembers. Where it is another, the
//! tiles on disk name the first record that differs, provided that they themselves come to a root that was
//! signed.

use mfa_ledger_schemas::LedgerId;

use super::examined::Examined;
use super::resume::{self, Rest};
use super::{Bad, Kind, Tampered};
use crate::tiles::TileStore;
use crate::tlog::tile::{Kind as TileKind, Tile};
use crate::tlog::{Checkpoint, Frontier, Hash, TileBuilder};

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
mod tests {
    use super::*;
    use crate::disk::Disk;
    use crate::tlog::leaf_hash;

    fn leaf(number: u64) -> Hash {
        leaf_hash(&number.to_be_bytes())
    }

    fn checkpoint(leaves: &[Hash]) -> Checkpoint {
        let mut tree = Frontier::default();
        for leaf in leaves {
            tree.push(*leaf);
        }
        Checkpoint { origin: "o".into(), size: tree.size(), root: tree.root().unwrap() }
    }

    fn remembered(source: &str, leaves: &[Hash]) -> Remembered {
        Remembered { source: source.into(), checkpoint: checkpoint(leaves) }
    }

    fn judged(
        remembered: &[Remembered],
        tiles: Option<TileStore>,
        leaves: &[Hash],
    ) -> Result<Sound, Tampered> {
        let mut holding = Holding::new(remembered.to_vec(), tiles);
        for (hash, position) in leaves.iter().zip(1..) {
            holding.add(position, Examined { hash: *hash, fault: None });
        }
        holding.judge(leaves.len() as u64)
    }

    fn tiles(dir: &std::path::Path, leaves: &[Hash]) -> TileStore {
        let (store, mut builder) = (TileStore::new(dir, Disk::real()), TileBuilder::default());
        for leaf in leaves {
            builder.push(*leaf, |tile, hashes| store.write(tile, hashes).unwrap());
        }
        store.write_edge(&builder).unwrap();
        store
    }

    #[test]
    fn a_log_that_went_on_is_sound() {
        let leaves: Vec<_> = (0..700).map(leaf).collect();
        let dir = tempfile::tempdir().unwrap();
        let known = [remembered("checkpoint", &leaves[..600]), remembered("anchor", &leaves[..0])];
        let sound = judged(&known, Some(tiles(dir.path(), &leaves[..600])), &leaves).unwrap();
        assert_eq!((sound.size, sound.root, sound.tiles_fit), (700, checkpoint(&leaves).root, true));
        assert_eq!(sound.builder.size(), 700);
        assert!(!judged(&known, None, &leaves).unwrap().tiles_fit);
        let fewer = TileStore::new(dir.path(), Disk::real());
        std::fs::remove_file(dir.path().join("tile/0/001")).unwrap();
        assert!(!judged(&known, Some(fewer), &leaves).unwrap().tiles_fit);
    }

    #[test]
    fn a_log_is_held_from_its_middle_on_when_its_tiles_are_what_was_signed_for() {
        let leaves: Vec<_> = (0..1_000).map(leaf).collect();
        let dir = tempfile::tempdir().unwrap();
        let store = tiles(dir.path(), &leaves[..900]);
        let known = [remembered("checkpoint", &leaves[..900]), remembered("anchor", &leaves[..300])];
        for size in [1, 255, 256, 300, 301, 600, 899, 900] {
            let mut holding = Holding::new(known.to_vec(), Some(store.clone()));
            let rest = holding.resume(size).unwrap();
            let (before, after) = leaves.split_at(usize::try_from(size).unwrap());
            for (hash, position) in after.iter().zip(size + 1..) {
                holding.add(position, Examined { hash: *hash, fault: None });
            }
            let sound = holding.judge(1_000).unwrap();
            assert_eq!((sound.root, sound.tiles_fit), (checkpoint(&leaves).root, true), "{size}");
            // What lies before is held against it later.
            for altered in [None, Some(0), Some(before.len() - 1)] {
                let mut holding = rest.clone().holding();
                for (hash, position) in before.iter().zip(1..) {
                    let hash = if altered == Some(position - 1) { leaf(9_999) } else { *hash };
                    holding.add(position as u64, Examined { hash, fault: None });
                }
                let bad = holding.judge(size).map_err(|tampered| tampered.bad);
                assert_eq!(bad.err(), altered.map(|index| Bad::At(index as u64 + 1)), "{size}");
            }
        }
        let resumes = |known: &[Remembered], tiles: Option<TileStore>, size| {
            Holding::new(known.to_vec(), tiles).resume(size).is_some()
        };
        assert!(!resumes(&known, Some(store.clone()), 0) && !resumes(&known, None, 300));
        assert!(!resumes(&known, Some(store.clone()), 901), "nobody has signed for that");
        let longer = [known[0].clone(), remembered("anchor", &leaves)];
        assert!(!resumes(&longer, Some(store.clone()), 300), "the tiles end before what is remembered");
        let other = [known[0].clone(), remembered("anchor", &leaves[1..300])];
        assert!(!resumes(&other, Some(store), 300), "another history");
    }

    #[test]
    fn tiles_that_were_altered_do_not_come_to_what_was_signed_for() {
        let leaves: Vec<_> = (0..700).map(leaf).collect();
        let mut forged = leaves.clone();
        forged[3] = leaf(77);
        let dir = tempfile::tempdir().unwrap();
        let known = vec![remembered("checkpoint", &leaves)];
        let mut holding = Holding::new(known, Some(tiles(dir.path(), &forged)));
        assert!(holding.resume(600).is_none() && holding.resume(700).is_none());
        assert_eq!(holding.size(), 0, "all of it is to be seen");
    }

    #[test]
    fn the_first_position_that_is_another_is_named_by_the_tiles() {
        let leaves: Vec<_> = (0..700).map(leaf).collect();
        let dir = tempfile::tempdir().unwrap();
        let store = tiles(dir.path(), &leaves);
        let known = [remembered("anchor", &leaves[..300]), remembered("checkpoint", &leaves)];
        for index in [0, 255, 256, 299, 300, 511, 512, 698, 699] {
            let mut altered = leaves.clone();
            altered[index] = leaf(9_999);
            let tampered = judged(&known, Some(store.clone()), &altered).unwrap_err();
            assert_eq!(tampered.bad, Bad::At(index as u64 + 1), "{tampered}");
            assert_eq!(tampered.kind, Kind::OtherRoot);
            let source = if index < 300 { "anchor" } else { "checkpoint" };
            assert_eq!(tampered.against.as_deref(), Some(source));
            // Without tiles only the range is known.
            let bad = judged(&known, None, &altered).unwrap_err().bad;
            let (first, last) = if index < 300 { (1, 300) } else { (301, 700) };
            assert_eq!(bad, Bad::Within { first, last });
        }
    }

    #[test]
    fn a_log_that_is_shorter_is_told_where_it_ends() {
        let leaves: Vec<_> = (0..10).map(leaf).collect();
        let dir = tempfile::tempdir().unwrap();
        let known = [remembered("checkpoint", &leaves)];
        let store = tiles(dir.path(), &leaves);
        let tampered = judged(&known, Some(store.clone()), &leaves[..5]).unwrap_err();
        assert_eq!((tampered.kind, tampered.bad), (Kind::Shorter, Bad::At(6)));
        assert!(tampered.page().contains("position 6"), "{}", tampered.page());
        // One taken out of the middle: shorter as well, but wrong from there on.
        let without: Vec<_> = (0..10).filter(|number| *number != 3).map(leaf).collect();
        let tampered = judged(&known, Some(store), &without).unwrap_err();
        assert_eq!((tampered.kind, tampered.bad), (Kind::Shorter, Bad::At(4)));
        let tampered = judged(&known, None, &[]).unwrap_err();
        assert_eq!((tampered.kind, tampered.bad), (Kind::Shorter, Bad::At(1)));
    }

    #[test]
    fn tiles_that_nobody_signed_name_nothing() {
        let leaves: Vec<_> = (0..10).map(leaf).collect();
        let dir = tempfile::tempdir().unwrap();
        let mut forged = leaves.clone();
        forged[2] = leaf(77);
        let store = tiles(dir.path(), &forged);
        let mut altered = leaves.clone();
        altered[8] = leaf(99);
        let tampered = judged(&[remembered("checkpoint", &leaves)], Some(store), &altered).unwrap_err();
        assert_eq!(tampered.bad, Bad::Within { first: 1, last: 10 });
    }

    #[test]
    fn two_roots_of_one_size_cannot_both_be_right() {
        let leaves: Vec<_> = (0..10).map(leaf).collect();
        let known = [remembered("a", &leaves), remembered("b", &[leaf(1), leaf(2)])];
        let tampered = judged(&known, None, &leaves).unwrap_err();
        assert_eq!(
            (tampered.against.as_deref(), tampered.bad),
            (Some("b"), Bad::Within { first: 1, last: 2 })
        );
        let other: Vec<_> = (1..11).map(leaf).collect();
        let known = [remembered("a", &leaves), remembered("b", &other)];
        let tampered = judged(&known, None, &leaves).unwrap_err();
        assert_eq!(
            (tampered.against.as_deref(), tampered.bad),
            (Some("b"), Bad::Within { first: 1, last: 10 })
        );
    }

    #[test]
    fn a_record_that_is_none_is_named() {
        let mut holding = Holding::new(Vec::new(), None);
        holding.add(1, Examined { hash: leaf(1), fault: None });
        holding.record(2, b"garbage");
        let tampered = holding.judge(2).unwrap_err();
        assert_eq!((tampered.kind, tampered.bad), (Kind::Undecodable, Bad::At(2)));
        let mut holding = Holding::new(Vec::new(), None);
        holding.add(2, Examined { hash: leaf(1), fault: None });
        let tampered = holding.judge(2).unwrap_err();
        assert_eq!((tampered.kind, tampered.bad), (Kind::Gap, Bad::At(1)));
    }
}
