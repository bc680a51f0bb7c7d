//! The crash table of a directory that is an anchor: whatever step fails, there lies a checkpoint that was put
//! there or none, the next attempt succeeds, and what was told to be there is there.

use std::path::Path;

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::follow::anchor::{origin_hash, publish_to_directory};
use mfa_ledger::keyring::Keyring;
use mfa_ledger::tiles::TileStore;
use mfa_ledger::tlog::{Checkpoint, Note, SignedCheckpoint, TileBuilder, leaf_hash};

use super::table::crash_table;

/// A log of three leaves, its tiles, and the checkpoints of two sizes of it.
struct Made {
    keyring: Keyring,
    tiles: TileStore,
    checkpoints: [SignedCheckpoint; 2],
    _dir: tempfile::TempDir,
}

fn made() -> Made {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let keyring = Keyring::generate("anchored", &Chance::seeded(4));
    let tiles = TileStore::new(dir.path(), Disk::real());
    let mut tree = TileBuilder::default();
    let mut grow = |leaf: &[u8]| {
        tree.push(leaf_hash(leaf), |tile, hashes| tiles.write(tile, hashes).expect("it is written"));
        tiles.write_edge(&tree).expect("it is written");
        let (size, root) = (tree.size(), tree.root());
        let checkpoint = Checkpoint { origin: keyring.origin().to_owned(), size, root };
        let mut note = Note::unsigned(checkpoint.text()).expect("a note");
        note.sign(keyring.signing());
        SignedCheckpoint { checkpoint, note }
    };
    let first = grow(b"one");
    grow(b"two");
    let checkpoints = [first, grow(b"three")];
    Made { keyring, tiles, checkpoints, _dir: dir }
}

#[tokio::test]
async fn whatever_step_fails_an_anchor_has_a_checkpoint_or_none_and_takes_the_next() {
    let made = made();
    let publish = |dir: &Path, index: usize, disk: &Disk| {
        let signed = &made.checkpoints[index];
        publish_to_directory(dir, signed, &made.tiles, &made.keyring.verifiers(), None, disk)
    };
    let table = crash_table(
        async |_: &Path| {},
        // How many of the two were told to be there.
        async |dir: &Path, disk| (0..2).take_while(|index| publish(dir, *index, &disk).is_ok()).count(),
        async |dir: &Path, told| {
            let file = dir.join(origin_hash(made.keyring.origin())).join("checkpoint");
            let there = match std::fs::read(&file) {
                Ok(bytes) => {
                    let signed = SignedCheckpoint::open(&bytes, &made.keyring.verifiers()).expect("whole");
                    1 + made.checkpoints.iter().position(|it| *it == signed).expect("one of the two")
                }
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
                    0
                }
            };
            assert!(there >= told, "{told} were told to be there, and {there} are");
            publish(dir, 1, &Disk::real()).expect("the next attempt");
            let bytes = std::fs::read(&file).expect("it is there");
            assert_eq!(bytes, made.checkpoints[1].note.to_string().into_bytes());
        },
    )
    .await;
    let named: Vec<_> = table.steps.iter().map(|step| step.act.to_string()).collect();
    assert!(named.iter().any(|step| step.contains("checkpoint")), "{named:#?}");
    assert!(table.rows > table.steps.len() as u64, "{} rows", table.rows);
}
