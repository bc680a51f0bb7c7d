//! The reading copy is lost or garbled between two starts: everything is still there, and the start says so.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::grep::files;
use crate::support::server::{Place, Server};

/// How the server ends before the copy is damaged.
#[derive(Clone, Copy, Debug)]
enum End {
    Asked,
    Killed,
}

/// A damage, by name.
type Damage = (&'static str, fn(&Path));

const DAMAGES: &[Damage] = &[
    ("deleted", |sled| std::fs::remove_dir_all(sled).expect("it can be removed")),
    ("its database file deleted", |sled| std::fs::remove_file(sled.join("db")).expect("it can be removed")),
    ("every 64th byte garbled", |sled| {
        change(&sled.join("db"), |bytes| bytes.iter_mut().step_by(64).for_each(|byte| *byte ^= 0x55));
    }),
    ("all files filled with one byte", |sled| {
        for file in files(sled) {
            change(&file, |bytes| bytes.fill(0xa5));
        }
    }),
    ("cut to nothing", |sled| change(&sled.join("db"), Vec::clear)),
    ("cut in its middle", |sled| {
        change(&sled.join("db"), |bytes| {
            // sled reserves room; what counts is the middle of what it has written.
            let written = bytes.iter().rposition(|byte| *byte != 0).unwrap_or_default();
            bytes.truncate(written / 2);
        });
    }),
];

fn change(file: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(file).expect("it can be read");
    how(&mut bytes);
    std::fs::write(file, bytes).expect("it can be written");
}

async fn entries(root: &Client) -> Vec<Value> {
    let page = root.get("/v1/activity?order=asc&limit=1000").await.ok(200);
    page["data"].as_array().expect("a page").clone()
}

/// Some work, so that there is something to lose; tells how many administrators there are then.
async fn work(root: &Client, round: usize) -> usize {
    for number in 0..10 {
        let name = format!("u{round}-{number}");
        let who = json!({
            "user_name": name, "display_name": name, "emails": ["u@example.org"], "role": "general-staff",
        });
        root.post("/v1/administrators", &who).await.ok(201);
        root.ask(reqwest::Method::PATCH, "/v1/settings", &[], Some(&json!({ "issuer": name }))).await.ok(200);
    }
    administrators(root).await
}

async fn administrators(root: &Client) -> usize {
    let page = root.get("/v1/administrators?limit=1000").await.ok(200);
    page["data"].as_array().expect("a page").len()
}

/// Begins a ledger, and after each damage looks whether all is there.
async fn nothing_is_lost(end: End) {
    let (mut place, mut password) = Place::initialised();
    let mut token: Option<String> = None;
    for (round, (name, damage)) in DAMAGES.iter().enumerate() {
        let server = Server::on(place, password, &[]);
        let root = match &token {
            Some(token) => server.client().with_token(token),
            None => server.root().await.0,
        };
        token.clone_from(&root.token);
        let people = work(&root, round).await;
        let before = entries(&root).await;
        let told = server.told().len();
        (place, password) = match end {
            End::Asked => {
                let (status, place, password) = server.end();
                assert!(status.success());
                (place, password)
            }
            End::Killed => server.kill(),
        };
        damage(&place.data_dir().join("sled"));

        let server = Server::on(place, password, &[]);
        let said = server.told()[told..].to_owned();
        let root = server.client().with_token(token.as_deref().expect("logged in"));
        let after = entries(&root).await;
        assert_eq!(after[..before.len()], before, "{name}, {end:?}");
        assert_eq!(administrators(&root).await, people, "{name}, {end:?}");
        // After a kill sled may open what is left as an older state of itself, which is caught up from there.
        let rebuilt = said.contains("the reading copy was rebuilt from the journal; nothing is lost");
        let caught_up = said.contains("the reading copy was behind and was caught up from the journal");
        assert!(rebuilt || matches!(end, End::Killed) && caught_up, "{name}, {end:?}: it says so\n{said}");
        (place, password) = server.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_damaged_after_a_good_end_is_rebuilt_from_the_journal_and_the_start_says_so() {
    nothing_is_lost(End::Asked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_damaged_after_a_kill_is_rebuilt_from_the_journal_and_the_start_says_so() {
    nothing_is_lost(End::Killed).await;
}
