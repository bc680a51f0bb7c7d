//! Places out of reach of whoever runs the machine, with the real binary: each new checkpoint is put there, and
//! a data directory that was put back as it once was does not start, or does not go on.

mod directory;
mod emptied;
mod host;
mod remembered;
mod web;
mod witness;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use mfa_ledger::tlog::SignedCheckpoint;

use crate::support::client::Client;
use crate::support::server::{Place, Server, text};

/// What is waited for is there by then, or never.
const WITHIN: Duration = Duration::from_secs(20);

/// Time between two looks at a process.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A copy of a data directory as it is now.
pub fn copy(place: &Place, name: &str) -> std::path::PathBuf {
    let to = place.outside().join(name);
    let copied = std::process::Command::new("cp").arg("-a").arg(place.data_dir()).arg(&to).status();
    assert!(copied.expect("there is cp").success());
    to
}

/// Puts a copy in the place of the data directory.
pub fn put_back(place: &Place, copy: &Path) {
    std::fs::remove_dir_all(place.data_dir()).expect("it is there");
    std::fs::rename(copy, place.data_dir()).expect("it moves");
}

/// The file outside the data directory that remembers what the anchors held.
pub fn memory(place: &Place) -> std::path::PathBuf {
    place.outside().join("ledger.signing.anchors")
}

/// Puts a copy in the place of the data directory, and takes away what is remembered in it and outside of it: nothing on
/// this machine knows better then.
pub fn put_back_all(place: &Place, copy: &Path) {
    put_back(place, copy);
    std::fs::remove_file(memory(place)).expect("it is there");
    let inside = place.data_dir().join("anchors");
    if inside.exists() {
        std::fs::remove_file(inside).expect("it can be removed");
    }
}

/// Makes an administrator with the command line: at least one more record.
pub fn more(place: &Place, name: &str) {
    let email = format!("{name}@example.org");
    let who = ["administrator", "create", "--user-name", name, "--email", &email, "--role", "auditor"];
    let made = place.run(&who);
    assert!(made.status.success(), "{}", text(&made.stderr));
}

/// The newest position of a log that is served.
pub async fn head(client: &Client) -> u64 {
    client.get("/readyz").await.ok(200)["head"].as_u64().expect("a head")
}

/// A number among the metrics; none where it is not told.
pub async fn metric(client: &Client, name: &str) -> Option<u64> {
    let page = client.get("/metrics").await.text;
    let line = page.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// How the check of the anchors at `/readyz` stands.
pub async fn check(client: &Client) -> String {
    let ready = client.get("/readyz?verbose").await.ok(200);
    let checks = ready["checks"].as_array().expect("checks").clone();
    let anchors =
        checks.into_iter().find(|check| check["name"] == "anchors").expect("a check of the anchors");
    anchors["status"].as_str().expect("a status").to_owned()
}

/// Waits until something is so.
pub async fn until<F: Future<Output = bool>>(what: &str, is: impl Fn() -> F) {
    let looking = async {
        while !is().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(WITHIN, looking).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// A start is refused with exit code 10, and says all of this.
#[track_caller]
pub fn refused(place: &Place, environment: &[(&str, &str)], told: &[&str]) {
    let mut start = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let start = start.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = start.spawn().expect("it starts");
    let mut waited = Duration::ZERO;
    while server.try_wait().expect("it is waited for").is_none() {
        if waited > WITHIN {
            server.kill().expect("it can be killed");
            let output = server.wait_with_output().expect("it is waited for");
            panic!("it is served: {}{}", text(&output.stdout), text(&output.stderr));
        }
        std::thread::sleep(LOOK_EVERY);
        waited += LOOK_EVERY;
    }
    let output = server.wait_with_output().expect("it is waited for");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(10), "{stderr}");
    for words in told {
        assert!(stderr.contains(words), "{words:?} is not in: {stderr}");
    }
}

/// Everything up to now is on disk and signed for, and the server has ended well.
pub fn ended(server: Server) -> Place {
    let (status, place, _) = server.end();
    assert!(status.success());
    place
}

/// What lies where an anchor keeps it.
pub fn kept(bytes: &[u8]) -> SignedCheckpoint {
    SignedCheckpoint::parse(bytes).expect("a checkpoint")
}
