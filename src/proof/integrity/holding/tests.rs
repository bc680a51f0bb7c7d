//! A log held against what is remembered of it: whole, altered, shorter, and from its middle on.

use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tlog::leaf_hash;

use super::*;

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

fn judged(remembered: &[Remembered], tiles: Option<TileStore>, leaves: &[Hash]) -> Result<Sound, Tampered> {
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
    assert_eq!((tampered.against.as_deref(), tampered.bad), (Some("b"), Bad::Within { first: 1, last: 2 }));
    let other: Vec<_> = (1..11).map(leaf).collect();
    let known = [remembered("a", &leaves), remembered("b", &other)];
    let tampered = judged(&known, None, &leaves).unwrap_err();
    assert_eq!((tampered.against.as_deref(), tampered.bad), (Some("b"), Bad::Within { first: 1, last: 10 }));
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

#[test]
fn checkpoints_that_come_one_by_one_count_as_those_at_hand_and_are_forgotten() {
    let leaves: Vec<_> = (0..300).map(leaf).collect();
    let mut altered = leaves.clone();
    altered[123] = leaf(9_999);
    for (found, bad) in [(&leaves, None), (&altered, Some(Bad::Within { first: 121, last: 130 }))] {
        let mut holding = Holding::new(vec![remembered("newest", &leaves)], None);
        for (hash, position) in found.iter().zip(1_u64..) {
            if position % 10 == 0 {
                let upto = usize::try_from(position).unwrap();
                assert!(holding.remember(remembered("one", &leaves[..upto])));
            }
            holding.add(position, Examined { hash: *hash, fault: None });
            assert!(holding.remembered.len() <= 4, "{}", holding.remembered.len());
        }
        assert!(!holding.remember(remembered("late", &leaves[..299])), "the tree has grown past it");
        assert_eq!(holding.judge(300).err().map(|tampered| tampered.bad), bad);
    }
}
