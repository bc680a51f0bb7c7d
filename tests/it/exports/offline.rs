//! `log checkpoint`, `log prove` and `log diff`: what can be asked of a data directory without a server.

use std::path::Path;

use mfa_ledger::tlog::receipt::Receipt;
use serde_json::Value;

use super::{TAMPERED, add_administrator, export_to, keys};
use crate::support::server::{Place, Server, text};

#[test]
fn the_checkpoint_is_printed_when_it_counts() {
    let (place, _) = Place::initialised();
    let file = place.data_dir().join("checkpoint");
    let stored = std::fs::read(&file).expect("a checkpoint");
    let output = place.run(&["log", "checkpoint"]);
    assert_eq!((output.status.code(), &output.stdout), (Some(0), &stored), "{}", text(&output.stderr));
    std::fs::write(&file, text(&stored).replacen("\n8\n", "\n9\n", 1)).expect("it is written");
    let output = place.run(&["log", "checkpoint"]);
    assert_eq!((output.status.code(), output.stdout.len()), (TAMPERED, 0), "{}", text(&output.stderr));
    let (other, _) = Place::initialised();
    std::fs::copy(other.data_dir().join("checkpoint"), &file).expect("it is copied");
    assert_eq!(place.run(&["log", "checkpoint"]).status.code(), TAMPERED, "that of another log");
    assert_eq!(place.run(&["log", "checkpoint", "--unsigned"]).status.code(), TAMPERED);
    assert_eq!(Place::empty().run(&["log", "checkpoint", "--unsigned"]).status.code(), Some(5));
}

#[test]
fn a_receipt_is_made_beside_a_server_and_without_one_with_tiles_and_without() {
    let server = Server::start();
    let (_, place, _) = server.end();
    let prove = |position: &str| place.run(&["log", "prove", position]);
    let output = prove("3");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let server = Server::on(place.clone(), String::new(), &[]);
    let here = server.place.run(&["log", "prove", "3"]);
    assert_eq!(text(&here.stdout), text(&output.stdout), "beside a server as well");
    drop(server);
    let leaves = std::fs::read_to_string(export_to(&place, "leaves", &["--leaves"])).expect("leaves");
    let leaves: Vec<&str> = leaves.lines().filter(|line| line.starts_with('{')).collect();
    let known = keys(&place);
    let all = || {
        for (leaf, position) in leaves.iter().zip(1..) {
            let output = prove(&format!("{position}"));
            let receipt = Receipt::parse(&output.stdout).expect("a receipt");
            assert_eq!(receipt.index, position - 1);
            assert_eq!(receipt.verify(leaf.as_bytes(), &known), Ok(()), "position {position}");
        }
    };
    all();
    let first = prove("2").stdout;
    std::fs::remove_dir_all(place.data_dir().join("tile")).expect("there are tiles");
    all();
    assert_eq!(prove("2").stdout, first, "the same from the journal alone");
    for none in [leaves.len() + 1, 1_000_000] {
        let output = prove(&none.to_string());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(5), 0), "{}", text(&output.stderr));
    }
    assert_eq!(prove("0").status.code(), Some(2));
}

#[tokio::test]
async fn the_server_gives_the_same_bytes_under_the_same_checkpoint() {
    let server = Server::start();
    let (root, _) = server.root().await;
    for _ in 0..20 {
        let before = std::fs::read(server.place.data_dir().join("checkpoint")).expect("a checkpoint");
        let given = root.get("/v1/activity/3/proof").await;
        let here = server.place.run(&["log", "prove", "3"]);
        let after = std::fs::read(server.place.data_dir().join("checkpoint")).expect("a checkpoint");
        if before == after && given.text.ends_with(&text(&after)) {
            assert_eq!(given.text, text(&here.stdout));
            return;
        }
    }
    panic!("the checkpoint never stood still");
}

#[test]
fn a_receipt_of_an_altered_log_is_not_made() {
    let (place, _) = Place::initialised();
    let journal = place.data_dir().join("journal/00000000000000000001.segment");
    let mut bytes = std::fs::read(&journal).expect("a journal");
    bytes[200] ^= 1;
    std::fs::write(&journal, bytes).expect("it is written");
    let output = place.run(&["log", "prove", "1"]);
    assert_eq!((output.status.code(), output.stdout.len()), (TAMPERED, 0), "{}", text(&output.stderr));
}

fn diff(place: &Place, a: &Path, b: &Path) -> (Option<i32>, Value) {
    let [a, b] = [a, b].map(|dir| dir.display().to_string());
    let output = place.run(&["log", "diff", &a, &b, "--output", "json"]);
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(copied.expect("there is cp").success());
}

/// The same ledger in another place.
fn fork(place: &Place) -> Place {
    let other = Place::empty();
    for name in ["ledger", "ledger.key", "ledger.signing"] {
        copy(&place.outside().join(name), &other.outside().join(name));
    }
    other
}

#[test]
fn two_directories_are_the_same_one_begins_the_other_or_they_differ_somewhere() {
    let (place, _) = Place::initialised();
    let copy = |name: &str| {
        let to = place.outside().join(name);
        copy(&place.data_dir(), &to);
        to
    };
    let here = place.data_dir();
    let older = copy("older");
    let forked = fork(&place);
    let (code, report) = diff(&place, &here, &older);
    assert_eq!((code, &report["result"], &report["common"]), (Some(0), &"same".into(), &8.into()));
    assert!(report["first_difference"].is_null() && report["a"]["leaf"].is_null(), "{report}");
    add_administrator(&place, "ann");
    let (code, report) = diff(&place, &here, &older);
    assert_eq!((code, &report["result"], &report["shorter"]), (Some(6), &"beginning".into(), &"b".into()));
    assert_eq!((&report["common"], &report["first_difference"]), (&8.into(), &9.into()));
    assert!(report["a"]["leaf"].as_str().expect("a leaf").contains("administrator.registered"), "{report}");
    assert!(report["b"]["leaf"].is_null(), "{report}");
    assert_eq!(diff(&place, &older, &here).1["shorter"], "a");
    // The other goes on by itself.
    add_administrator(&forked, "bob");
    let (code, report) = diff(&place, &here, &forked.data_dir());
    assert_eq!(
        (code, &report["result"], &report["first_difference"]),
        (Some(6), &"different".into(), &9.into())
    );
    assert!(report["shorter"].is_null(), "{report}");
    let (stranger, _) = Place::initialised();
    let (code, report) = diff(&place, &here, &stranger.data_dir());
    assert_eq!(
        (code, &report["result"], &report["first_difference"]),
        (Some(6), &"different".into(), &1.into())
    );
    assert_ne!(report["a"]["leaf"], report["b"]["leaf"]);
    let journal = forked.data_dir().join("journal/00000000000000000001.segment");
    let mut bytes = std::fs::read(&journal).expect("a journal");
    bytes[400] ^= 1;
    std::fs::write(&journal, bytes).expect("it is written");
    assert_eq!(diff(&place, &here, &forked.data_dir()).0, TAMPERED, "a damaged journal");
    assert_eq!(diff(&place, &here, &place.outside().join("none")).0, Some(5));
}

#[test]
fn a_running_server_is_compared_up_to_its_checkpoint() {
    let (place, password) = Place::initialised();
    let to = place.outside().join("copy");
    copy(&place.data_dir(), &to);
    let server = Server::on(place.clone(), password, &[]);
    let (code, report) = diff(&place, &place.data_dir(), &to);
    assert_eq!(
        (code, &report["a"]["in_use"], &report["b"]["in_use"]),
        (Some(0), &true.into(), &false.into())
    );
    drop(server);
}
