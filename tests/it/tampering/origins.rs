//! An origin signs one history: a backup from before an accepted loss does not go on under the keys that follow it.

use std::path::{Path, PathBuf};

use super::{TAMPERED, ledger, refused};
use crate::support::server::{Place, Server, text};

fn origin(place: &Place) -> String {
    let checkpoint = std::fs::read_to_string(place.data_dir().join("checkpoint")).expect("a checkpoint");
    checkpoint.lines().next().expect("an origin").to_owned()
}

fn backup(place: &Place, name: &str) -> PathBuf {
    let to = place.outside().join(name);
    let made = place.run(&["backup", "create", "--to", &to.display().to_string()]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    to
}

/// The backup as a ledger of its own, with the keys as they are now.
fn restored(place: &Place, from: &Path) -> Place {
    let to = Place::empty();
    for name in ["ledger.key", "ledger.signing"] {
        std::fs::copy(place.outside().join(name), to.outside().join(name)).expect("a key");
    }
    let output = to.run(&["backup", "restore", &from.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    to
}

#[test]
fn a_backup_from_before_an_accepted_loss_is_refused_beside_the_newer_keys() {
    let place = ledger();
    let old = backup(&place, "old");
    std::fs::remove_file(place.data_dir().join("checkpoint")).expect("there is one");
    let (status, place, _) = Server::accepting(place, "the checkpoint was deleted").end();
    assert!(status.success());
    assert!(origin(&place).ends_with("/2"), "{}", origin(&place));
    let new = backup(&place, "new");

    let other = restored(&place, &old);
    let before = std::fs::read(other.data_dir().join("checkpoint")).expect("a checkpoint");
    let output = refused(&other);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), TAMPERED, "{told}");
    for word in
        ["these signing keys went on as", "/2", "an origin never signs two histories", "--accept-loss"]
    {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
    for door in [&["doctor"][..], &["log", "verify"], &["keys", "rotate"], &["administrator", "list"]] {
        let output = other.run(door);
        assert_eq!(output.status.code(), TAMPERED, "{door:?}: {}", text(&output.stderr));
    }
    assert_eq!(std::fs::read(other.data_dir().join("checkpoint")).expect("a checkpoint"), before);
    let (status, other, _) = Server::accepting(other, "only the old backup is left").end();
    assert!(status.success());
    assert!(origin(&other).ends_with("/3"), "{}", origin(&other));
    assert!(Server::on(other, String::new(), &[]).end().0.success());

    // One that knows of the loss goes on.
    let same = restored(&place, &new);
    let (status, same, _) = Server::on(same, String::new(), &[]).end();
    assert!(status.success());
    assert!(origin(&same).ends_with("/2"), "{}", origin(&same));
}
