//! A disk that fills up under the real server: with a reserve it turns read-only in time and goes on by
//! itself; without one it is really full, and still nothing is lost that was acknowledged.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::client::Client;
use crate::support::grep::files;
use crate::support::server::{FIRST, Place, Server, text};
use crate::support::tmpfs::Tmpfs;

const MIB: u64 = 1024 * 1024;
const DISK_MIB: u64 = 48;
const RESERVE: (&str, &str) = ("MFA_LEDGER__LOG__RESERVE_MIB", "16");
const RESERVE_BYTES: u64 = 16 * MIB;
const NO_RESERVE: (&str, &str) = ("MFA_LEDGER__LOG__RESERVE_MIB", "0");

/// Commands that a full disk may go on taking: they go into what was written ahead.
const COMMANDS: usize = 3_000;

/// A ledger on a disk of its own; `None` where this cannot be.
fn on_a_small_disk(reserve: (&str, &str)) -> Option<(Place, Tmpfs, String)> {
    let place = Place::empty();
    let disk = Tmpfs::mount(&place.data_dir(), DISK_MIB)?;
    let init = place.command(&["init", "--user-name", FIRST, "--output", "json"]).envs([reserve]).output();
    let init = init.expect("the program starts");
    assert!(init.status.success(), "{}", text(&init.stderr));
    let shown: Value = serde_json::from_slice(&init.stdout).expect("init prints JSON");
    Some((place, disk, shown["password"].as_str().expect("a password").to_owned()))
}

async fn register(client: &Client, name: &str) -> (u16, String) {
    let body = json!({
        "user_name": name, "display_name": name, "emails": ["new@example.org"], "role": "general-staff"
    });
    let answer = client.post("/v1/administrators", &body).await;
    (answer.status, answer.json["code"].as_str().unwrap_or_default().to_owned())
}

async fn names(client: &Client) -> Vec<String> {
    let listed = client.get("/v1/administrators?limit=1000").await.ok(200);
    let data = listed["data"].as_array().expect("a list");
    data.iter().map(|it| it["user_name"].as_str().expect("a name").to_owned()).collect()
}

async fn until_ready_is(client: &Client, status: u16) {
    let since = Instant::now();
    while client.get("/readyz").await.status != status {
        assert!(since.elapsed() < Duration::from_secs(20), "/readyz is not {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every file of log and vault with its bytes; sled's are its own business, and come from the journal.
fn written(data_dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let all = ["journal", "vault"].map(|dir| files(&data_dir.join(dir)));
    all.concat().into_iter().map(|file| (file.clone(), std::fs::read(&file).expect("readable"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_turns_read_only_before_the_disk_is_full_and_goes_on_by_itself() {
    let Some((place, disk, password)) = on_a_small_disk(RESERVE) else {
        return super::little_room::without_a_disk_to_fill().await;
    };
    let server = Server::on(place, password, &[RESERVE]);
    let (client, _) = server.root().await;
    assert_eq!(register(&client, "before").await.0, 201);

    disk.fill(RESERVE_BYTES - MIB);
    until_ready_is(&client, 503).await;
    let before = written(&server.place.data_dir());
    for attempt in 0..50 {
        let refused = register(&client, &format!("refused-{attempt}")).await;
        assert_eq!(refused, (503, "read-only".to_owned()));
    }
    assert_eq!(names(&client).await, [FIRST, "before"], "reading goes on");
    assert!(written(&server.place.data_dir()) == before, "log and vault are as they were");
    let told = |what: &str| server.told().matches(what).count();
    assert_eq!(
        (told("read-only: nothing is recorded"), told("there is room again")),
        (1, 0),
        "{}",
        server.told()
    );

    disk.empty();
    until_ready_is(&client, 200).await;
    assert_eq!(register(&client, "after").await.0, 201);
    assert_eq!(
        (told("read-only: nothing is recorded"), told("there is room again")),
        (1, 1),
        "{}",
        server.told()
    );
    let (status, place, password) = server.end();
    assert!(status.success());
    let server = Server::on(place, password, &[RESERVE]);
    let client = server.client().with_token(client.token.as_deref().unwrap_or_default());
    assert_eq!(names(&client).await, [FIRST, "before", "after"]);
}

#[test]
fn the_command_line_says_what_to_do_about_a_disk_without_room() {
    let place = Place::empty();
    // More than any disk has free: this needs none of its own.
    let reserve = ("MFA_LEDGER__LOG__RESERVE_MIB", "1048576");
    let init = place.command(&["init", "--user-name", FIRST]).envs([reserve]).output().expect("it starts");
    let told = text(&init.stderr);
    assert_eq!(init.status.code(), Some(1), "{told}");
    for word in
        ["nothing is recorded for want of room", "1048576 MiB are to be kept", "lower log.reserve_mib"]
    {
        assert!(told.contains(word), "{word} is not in {told}");
    }
    let init = place.command(&["init", "--user-name", FIRST]).output().expect("it starts");
    assert!(init.status.success(), "with room it goes on where it was stopped: {}", text(&init.stderr));
    let create = ["administrator", "create", "--user-name", "ada", "--email", "a@b"];
    let refused = place.command(&create).envs([reserve]).output().expect("it starts");
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("to be kept") && told.contains("lower log.reserve_mib"), "{told}");
    let listed = place.command(&["administrator", "list"]).envs([reserve]).output().expect("it starts");
    assert!(listed.status.success() && !text(&listed.stdout).contains("ada"), "{}", text(&listed.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_really_full_loses_nothing_that_was_acknowledged() {
    let Some((place, disk, password)) = on_a_small_disk(NO_RESERVE) else {
        return super::failing_disk::without_a_disk_to_fill().await;
    };
    let server = Server::on(place, password, &[NO_RESERVE]);
    let (client, _) = server.root().await;
    let mut acknowledged = vec![FIRST.to_owned()];
    let mut unknown = Vec::new();
    let mut full = false;
    for attempt in 0..COMMANDS {
        if attempt == 50 {
            disk.fill(0);
        }
        let name = format!("person-{attempt}");
        match register(&client, &name).await {
            (201, _) => acknowledged.push(name),
            (503, code) => {
                full = true;
                let known = ["log-unavailable", "vault-unavailable", "outcome-unknown"];
                assert!(known.contains(&code.as_str()), "{code}");
                unknown.push(name);
            }
            other => panic!("{other:?}"),
        }
        if unknown.len() >= 20 {
            break;
        }
    }
    assert!(full, "the disk was never full");
    assert!(names(&client).await.len() >= acknowledged.len(), "reading goes on");
    let (place, password) = server.kill();

    // Whether a start on the full disk succeeds is open; what it must not do is to lose something.
    let start = place.command(&["administrator", "list"]).envs([NO_RESERVE]).output().expect("it starts");
    eprintln!("on the full disk: {:?} {}", start.status.code(), text(&start.stderr));
    disk.empty();
    let server = Server::on(place, password, &[NO_RESERVE]);
    let client = server.client().with_token(client.token.as_deref().unwrap_or_default());
    let there = names(&client).await;
    for name in &acknowledged {
        assert!(there.contains(name), "{name} was acknowledged and is gone");
    }
    for name in &there {
        assert!(acknowledged.contains(name) || unknown.contains(name), "nobody asked for {name}");
    }
    assert_eq!(register(&client, "after").await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_was_really_full_is_written_again_without_a_restart() {
    let Some((place, disk, password)) = on_a_small_disk(NO_RESERVE) else {
        return super::failing_disk::without_a_disk_to_fill().await;
    };
    let server = Server::on(place, password, &[NO_RESERVE]);
    let (client, _) = server.root().await;
    disk.fill(0);
    let (mut acknowledged, mut unknown) = (vec![FIRST.to_owned()], Vec::new());
    for attempt in 0..COMMANDS {
        let name = format!("person-{attempt}");
        match register(&client, &name).await {
            (201, _) => acknowledged.push(name),
            (503, code) => {
                let known = ["log-unavailable", "vault-unavailable", "outcome-unknown"];
                assert!(known.contains(&code.as_str()), "{code}");
                unknown.push(name);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(!unknown.is_empty(), "the disk was never full");
    until_ready_is(&client, 503).await;
    disk.empty();
    until_ready_is(&client, 200).await;
    assert_eq!(register(&client, "after").await.0, 201);
    let there = names(&client).await;
    for name in &acknowledged {
        assert!(there.contains(name), "{name} was acknowledged and is gone");
    }
    assert!(
        there.iter().filter(|it| !acknowledged.contains(it)).all(|it| unknown.contains(it) || it == "after")
    );
    assert!(server.end().0.success());
}
