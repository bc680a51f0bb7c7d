//! Tiles that are not those of the checkpoint.

use mfa_ledger::tlog::{Checkpoint, SignedCheckpoint};

use super::case::Case;
use super::changes::{Changed, flip, flipped, other_number, sign};
use super::material::Material;
use crate::support::draws::Draws;

const HASH: usize = 32;

pub fn change(
    draws: &Draws,
    material: &Material,
    keys: &[String],
    set: usize,
    case: &Case,
) -> Option<Changed> {
    let Case::Tile { note, change, .. } = case else { panic!("another kind: {case:?}") };
    let (mut note, mut change) = (note.clone(), change.clone());
    let tiles = material.tiles(set);
    let paths: Vec<_> = tiles.keys().collect();
    let path = *draws.pick(&paths);
    let mut tile = tiles[path].clone();
    let hashes = tile.len() / HASH;
    let what = match draws.below(8) {
        0 | 1 => {
            let Checkpoint { origin, mut size, mut root } =
                SignedCheckpoint::parse(&note).expect("a checkpoint").checkpoint;
            let what = if draws.coin() {
                size = other_number(draws, size);
                "another size"
            } else {
                root = flipped(draws, root);
                "another root"
            };
            note = sign(&Checkpoint { origin, size, root }, &material.liar);
            return Some((what, Case::Tile { keys: keys.to_vec(), note, set, change }));
        }
        2 => {
            change.insert(path.clone(), None);
            return Some(("a tile that is gone", Case::Tile { keys: keys.to_vec(), note, set, change }));
        }
        3 => {
            tile.truncate(draws.index(tile.len()));
            "a tile truncated"
        }
        4 => {
            tile.extend_from_within(tile.len() - HASH..);
            "a tile with something behind it"
        }
        5 => {
            tile.clone_from(&tiles[*draws.pick(&paths)]);
            "a tile in the place of another"
        }
        6 => {
            let (one, other) = (draws.index(hashes) * HASH, draws.index(hashes) * HASH);
            for byte in 0..HASH {
                tile.swap(one + byte, other + byte);
            }
            "two hashes exchanged"
        }
        _ => {
            flip(draws, &mut tile);
            "a bit flipped"
        }
    };
    // Exchanged with itself, or replaced by itself.
    let differs = tile != tiles[path];
    change.insert(path.clone(), Some(tile));
    differs.then(|| (what, Case::Tile { keys: keys.to_vec(), note, set, change }))
}
