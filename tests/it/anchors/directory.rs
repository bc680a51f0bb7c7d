//! Directories as anchors.

use std::path::{Path, PathBuf};

use super::{check, copy, ended, head, kept, metric, more, put_back, refused, until};
use crate::support::server::{Place, Server, text};

pub const ANCHORS: &str = "MFA_LEDGER__LOG__ANCHORS";

pub fn anchor(place: &Place) -> PathBuf {
    let dir = place.outside().join("anchor");
    std::fs::create_dir(&dir).expect("it is made");
    dir
}

/// The checkpoint in it, of the only log that there is.
pub fn checkpoint(dir: &Path) -> Option<PathBuf> {
    let of_a_log = std::fs::read_dir(dir).ok()?.next()?.ok()?.path();
    Some(of_a_log.join("checkpoint")).filter(|path| path.exists())
}

pub fn size(dir: &Path) -> u64 {
    checkpoint(dir).map_or(0, |path| kept(&std::fs::read(path).expect("it is read")).checkpoint.size)
}

#[tokio::test]
async fn yesterdays_directory_is_refused_and_named() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let server = Server::on(place, password.clone(), &anchors);
    let client = server.client();
    assert_eq!(check(&client).await, "ready");
    let head = head(&client).await;
    until("the first checkpoint is anchored", async || size(&dir) == head).await;
    assert_eq!(metric(&client, "mfa_ledger_anchor_position{anchor=\"anchor-1\"}").await, Some(head));
    let place = ended(server);
    let yesterday = copy(&place, "yesterday");

    let server = Server::on(place, password.clone(), &anchors);
    let (client, _) = server.root().await;
    let head = super::head(&client).await;
    let place = ended(server);
    // The last checkpoint gets there before the server is gone.
    let anchored = size(&dir);
    assert!(anchored >= head, "{anchored} of {head}");

    let kept_size = kept(&std::fs::read(yesterday.join("checkpoint")).expect("one")).checkpoint.size;
    put_back(&place, &yesterday);
    let bad = format!("position {}", kept_size + 1);
    let name = format!("anchor {}", dir.display());
    refused(&place, &anchors, &[&bad, &name, "--accept-loss"]);
    let doctor = place.command(&["doctor"]).envs(anchors).output().expect("it starts");
    assert_eq!(doctor.status.code(), Some(10), "{}", text(&doctor.stdout));
    assert!(text(&doctor.stdout).contains(&bad), "{}", text(&doctor.stdout));
    let verify = place.command(&["log", "verify"]).envs(anchors).output().expect("it starts");
    assert_eq!(verify.status.code(), Some(10), "{}", text(&verify.stderr));
    assert!(text(&verify.stderr).contains(&name), "{}", text(&verify.stderr));
    // Taking the anchor out of the configuration is no way around it.
    refused(&place, &[], &[&bad, &name, "as it was at 2"]);
    // Nobody would know without the anchor and what is remembered of it: that is what they are for.
    std::fs::remove_file(super::memory(&place)).expect("it is there");
    std::fs::remove_file(place.data_dir().join("anchors")).expect("it is there");
    assert!(ended(Server::on(place.clone(), String::new(), &[])).data_dir().exists());
}

#[tokio::test]
async fn a_loss_that_is_accepted_is_anchored_as_another_history() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let place = ended(Server::on(place, password.clone(), &anchors));
    put_back(&place, &yesterday);
    refused(&place, &anchors, &["the log ends before records that were signed for"]);
    let mut accept =
        place.command(&["serve", "--listen", "127.0.0.1:0", "--accept-loss", "the disk was lost"]);
    let mut accepting = accept.envs(anchors).stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    until("both histories are anchored", async || {
        std::fs::read_dir(&dir).is_ok_and(|entries| entries.count() == 2)
    })
    .await;
    let sent = std::process::Command::new("kill").arg(accepting.id().to_string()).status();
    assert!(sent.expect("there is kill").success());
    assert!(accepting.wait().expect("it ends").success());
    assert!(ended(Server::on(place, password, &anchors)).data_dir().exists());
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_told_and_tried_again() {
    let (place, password) = Place::initialised();
    let dir = place.outside().join("not-mounted");
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let server = Server::on(place, password, &anchors);
    let client = server.client();
    let failures = "mfa_ledger_anchor_failures{anchor=\"anchor-1\"}";
    until("it fails", async || metric(&client, failures).await > Some(0)).await;
    assert!(!dir.exists(), "nothing is made where a share should be mounted");
    std::fs::create_dir(&dir).expect("it is made");
    let head = head(&client).await;
    until("it is anchored", async || size(&dir) == head).await;
    until("it is well", async || metric(&client, failures).await == Some(0)).await;
    let place = ended(server);
    assert!(!place.data_dir().join("not-mounted").exists());
}

#[tokio::test]
async fn what_none_of_our_keys_has_signed_ends_the_start() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let place = ended(Server::on(place, password.clone(), &anchors));
    let file = checkpoint(&dir).expect("it is anchored");
    let sound = std::fs::read(&file).expect("it is read");
    for (at, flip) in [(0, 1_u8), (sound.len() / 2, 4), (sound.len() - 3, 2)] {
        let mut bytes = sound.clone();
        bytes[at] ^= flip;
        std::fs::write(&file, bytes).expect("it is written");
        refused(&place, &anchors, &["knows another log than this one", "take it out of the configuration"]);
    }
    std::fs::write(&file, &sound).expect("it is written");
    assert!(ended(Server::on(place, password, &anchors)).data_dir().exists());
}

#[test]
fn texts_that_name_no_anchor_end_the_start() {
    let (place, _) = Place::initialised();
    let texts = [
        ("MFA_LEDGER__LOG__ANCHORS", "relative/path"),
        ("MFA_LEDGER__LOG__ANCHORS", "https://host"),
        ("MFA_LEDGER__LOG__WITNESSES", "http://host"),
        ("MFA_LEDGER__LOG__WITNESSES", "w.example+00000000+AAAA http://host"),
    ];
    for (name, value) in texts {
        let mut start = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        let output = start.env(name, value).output().expect("it starts");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("log."), "{}", text(&output.stderr));
    }
}
