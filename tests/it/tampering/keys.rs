//! The checkpoint, the keys and the tiles, changed or taken away.

use std::os::unix::fs::PermissionsExt;

use super::{is_tampering, ledger, refused};

use crate::support::server::{Server, text};

#[test]
fn every_flipped_byte_of_the_checkpoint() {
    let place = ledger();
    let file = place.data_dir().join("checkpoint");
    let sound = std::fs::read(&file).expect("a checkpoint");
    // A start a byte would take minutes: every seventh, and the ends.
    for at in (0..sound.len()).step_by(7).chain([sound.len() - 1]) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        std::fs::write(&file, &bytes).expect("it is written");
        is_tampering(&place, &["checkpoint"]);
    }
    std::fs::write(&file, &sound).expect("it is written");
    assert!(Server::on(place, String::new(), &[]).end().0.success());
}

#[test]
fn the_checkpoint_taken_away() {
    let place = ledger();
    std::fs::remove_file(place.data_dir().join("checkpoint")).expect("there is one");
    is_tampering(&place, &["the checkpoint of the log", "is gone"]);
}

#[test]
fn a_whole_ledger_of_somebody_elses_keys() {
    let (place, other) = (ledger(), ledger());
    for name in ["journal", "sled", "tile"] {
        std::fs::remove_dir_all(place.data_dir().join(name)).expect("it is there");
        std::fs::rename(other.data_dir().join(name), place.data_dir().join(name)).expect("it moves");
    }
    for name in ["checkpoint", "closed", "ledger.json"] {
        std::fs::copy(other.data_dir().join(name), place.data_dir().join(name)).expect("it is copied");
    }
    is_tampering(&place, &["is not a checkpoint of this log"]);
}

#[test]
fn keys_that_are_gone_or_open_are_no_tampering_but_no_start_either() {
    let place = ledger();
    let keys = place.outside().join("ledger.signing");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    let open = refused(&place);
    assert_eq!(open.status.code(), Some(1));
    assert!(text(&open.stderr).contains("chmod 600"), "{}", text(&open.stderr));
    std::fs::remove_file(&keys).expect("it is there");
    let gone = refused(&place);
    assert_eq!(gone.status.code(), Some(1));
    assert!(
        text(&gone.stderr).contains("put the signing keys of this ledger back"),
        "{}",
        text(&gone.stderr)
    );
}

#[test]
fn tiles_are_made_anew_from_the_log() {
    let place = ledger();
    let dir = place.data_dir().join("tile/0/000.p");
    let tile = std::fs::read_dir(&dir).expect("tiles").next().expect("one").expect("readable").path();
    let sound = std::fs::read(&tile).expect("a tile");
    let mut bytes = sound.clone();
    bytes[40] ^= 1;
    std::fs::write(&tile, &bytes).expect("it is written");
    let (status, place, _) = Server::on(place, String::new(), &[]).end();
    assert!(status.success());
    assert_eq!(std::fs::read(&tile).expect("a tile"), sound);
    std::fs::remove_dir_all(place.data_dir().join("tile")).expect("there are tiles");
    let (status, _place, _) = Server::on(place, String::new(), &[]).end();
    assert!(status.success());
    assert_eq!(std::fs::read(&tile).expect("a tile"), sound);
}

#[test]
fn a_rotated_key_goes_on_where_the_old_one_stopped() {
    let place = ledger();
    let before = std::fs::read_to_string(place.data_dir().join("checkpoint")).expect("a checkpoint");
    let rotated = place.run(&["keys", "rotate", "--output", "json"]);
    assert!(rotated.status.success(), "{}", text(&rotated.stderr));
    let rotated: serde_json::Value = serde_json::from_slice(&rotated.stdout).expect("JSON");
    let after = std::fs::read_to_string(place.data_dir().join("checkpoint")).expect("a checkpoint");
    let signatures = |note: &str| note.lines().filter(|line| line.starts_with("— ")).count();
    assert_eq!((signatures(&before), signatures(&after)), (1, 2), "the old key vouches for the new one");
    assert_ne!(rotated["retired"], rotated["verifier"]);
    let listed = text(&place.run(&["activity", "list", "--output", "ndjson"]).stdout);
    assert!(listed.contains("log.signing_key_rotated"), "{listed}");
    let (status, place, _) = Server::on(place, String::new(), &[]).end();
    assert!(status.success());
    let held = place.run(&["doctor", "--output", "json"]);
    assert!(text(&held.stdout).contains("2 of them, the last signs"), "{}", text(&held.stdout));
}

/// Neither who signs nor what was signed is there: nobody may take this for a ledger that begins.
#[test]
fn keys_and_checkpoint_taken_away_together() {
    let place = ledger();
    let keys = place.outside().join("ledger.signing");
    std::fs::remove_file(&keys).expect("there are keys");
    std::fs::remove_file(place.data_dir().join("checkpoint")).expect("there is one");
    is_tampering(&place, &["both its checkpoint and its signing keys are gone"]);
    is_tampering(&place, &["both its checkpoint and its signing keys are gone"]);
    assert!(!keys.exists(), "nothing is signed with other keys in silence");
    let (status, place, _) = Server::accepting(place, "the key file was lost with the old machine").end();
    assert!(status.success());
    assert!(Server::on(place, String::new(), &[]).end().0.success());
}
