//! `log verify --url`: a server is checked by its tiles, and believed nothing.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;

use mfa_ledger::tlog::Hash;
use serde_json::Value;

use super::{TAMPERED, add_administrator};
use crate::support::server::{Place, Server, text};

fn verify(place: &Place, url: &str, token: Option<&str>, more: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = place.command(&[&["log", "verify", "--output", "json", "--url", url], more].concat());
    if let Some(token) = token {
        command.env("MFA_LEDGER_TOKEN", token);
    }
    let output = command.output().expect("the program starts");
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), text(&output.stderr))
}

/// Enough records for more than one tile.
async fn long(server: &Server) -> String {
    let (root, _) = server.root().await;
    let me = root.get("/v1/me").await.ok(200);
    let path =
        format!("/v1/administrators/{}", me["id"].as_str().or(me["administrator"].as_str()).expect("an id"));
    for _ in 0..300 {
        // Refused, and recorded.
        root.ask(reqwest::Method::DELETE, &format!("{path}/personal-data"), &[], None).await;
        server.client().post("/v1/session", &serde_json::json!({"user_name": "x", "password": "y"})).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    root.token.expect("a token")
}

#[tokio::test]
async fn a_server_is_sound_for_whoever_has_its_public_key_and_its_leaves_for_whoever_may_export() {
    let server = Server::start();
    let token = long(&server).await;
    let key = text(&server.place.run(&["log", "keys"]).stdout).trim().to_owned();
    let elsewhere = Place::empty();
    let (code, report, told) = verify(&elsewhere, &server.url, None, &["--key", &key]);
    assert_eq!(
        (code, &report["result"], &report["leaves_checked"]),
        (Some(0), &"sound".into(), &false.into()),
        "{told}"
    );
    assert!(report["records"].as_u64() > Some(300), "more than one tile: {report}");
    let (code, report, told) =
        verify(&elsewhere, &format!("{}/", server.url), Some(&token), &["--key", &key]);
    assert_eq!((code, &report["leaves_checked"]), (Some(0), &true.into()), "{told}");
    assert_eq!(report["signed_by"][0], key);
    let few = ["--key", &key, "--from", "3", "--to", "4"];
    assert_eq!(verify(&elsewhere, &server.url, Some(&token), &few).0, Some(0));
    assert_eq!(verify(&elsewhere, &server.url, Some("nobody"), &["--key", &key]).0, Some(4));
    assert_eq!(verify(&elsewhere, &server.url, None, &[]).0, Some(1), "no key, no proof");
    let other = text(&Place::initialised().0.run(&["log", "keys"]).stdout).trim().to_owned();
    let (code, report, told) = verify(&elsewhere, &server.url, None, &["--key", &other]);
    assert_eq!((code, &report["kind"]), (TAMPERED, &"signature".into()), "{told}");
    assert_eq!(verify(&elsewhere, "https://localhost:1", None, &["--key", &key]).0, Some(2));
    assert_eq!(verify(&elsewhere, "http://127.0.0.1:1", None, &["--key", &key]).0, Some(3));
}

#[tokio::test]
async fn a_server_that_was_rolled_back_is_found_by_a_checkpoint_that_somebody_kept() {
    let (place, password) = Place::initialised();
    let older = Place::empty();
    for name in ["ledger", "ledger.key", "ledger.signing"] {
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .arg(place.outside().join(name))
            .arg(older.outside().join(name))
            .status();
        assert!(copied.expect("there is cp").success());
    }
    add_administrator(&place, "ann");
    let kept = place.data_dir().join("checkpoint").display().to_string();
    let server = Server::on(older, password, &[]);
    assert_eq!(verify(&place, &server.url, None, &[]).0, Some(0));
    let (code, report, told) = verify(&place, &server.url, None, &["--checkpoint", &kept]);
    assert_eq!((code, &report["kind"]), (TAMPERED, &"shorter".into()), "{told}");
    assert_eq!(report["first_bad_position"], 9);
}

/// Serves what it is given, and 404.
fn liar(pages: HashMap<String, Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let pages = Arc::new(pages);
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = Arc::clone(&pages);
            std::thread::spawn(move || {
                let mut lines = BufReader::new(&stream).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
                let path = first.split(' ').nth(1).unwrap_or_default();
                let (status, page) = match pages.get(path) {
                    Some(page) => ("200 OK", page.as_slice()),
                    None => ("404 Not Found", &b""[..]),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    page.len()
                );
                // Whoever had enough of it is gone.
                let _gone = (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(page));
            });
        }
    });
    url
}

#[test]
fn a_server_that_lies_is_found_out() {
    let (place, _) = Place::initialised();
    let checkpoint = std::fs::read(place.data_dir().join("checkpoint")).expect("a checkpoint");
    let tile = std::fs::read(place.data_dir().join("tile/0/000.p/8")).expect("a tile");
    let leaves = std::fs::read_to_string(super::export_to(&place, "leaves", &["--leaves"])).expect("leaves");
    let leaves: Vec<_> = leaves.lines().filter(|line| line.starts_with('{')).map(str::as_bytes).collect();
    let bundle = |leaves: &[&[u8]]| mfa_ledger::tlog::tile::bundle(leaves.iter().copied());
    let serve = |checkpoint: &[u8], tile: &[u8], entries: Vec<u8>| {
        liar(HashMap::from([
            ("/checkpoint".to_owned(), checkpoint.to_vec()),
            ("/tile/0/000.p/8".to_owned(), tile.to_vec()),
            ("/tile/entries/000.p/8".to_owned(), entries),
        ]))
    };
    let judged = |url: &str| verify(&place, url, Some("token"), &[]);
    let (code, report, told) = judged(&serve(&checkpoint, &tile, bundle(&leaves)));
    assert_eq!((code, &report["leaves_checked"]), (Some(0), &true.into()), "{told}");

    let mut changed = tile.clone();
    changed[40] ^= 1;
    let (code, report, told) = judged(&serve(&checkpoint, &changed, bundle(&leaves)));
    assert_eq!((code, &report["result"]), (TAMPERED, &"tampered".into()), "{told}");
    let (code, report, told) = judged(&serve(&checkpoint, &tile[..224], bundle(&leaves)));
    assert_eq!((code, &report["kind"]), (TAMPERED, &"tile".into()), "{told}");

    let mut other = leaves.clone();
    other[4] = leaves[5];
    let (code, report, told) = judged(&serve(&checkpoint, &tile, bundle(&other)));
    assert_eq!(
        (code, &report["kind"], &report["first_bad_position"]),
        (TAMPERED, &"tile".into(), &5.into()),
        "{told}"
    );
    for entries in [bundle(&leaves[..7]), vec![0xff; 40], Vec::new()] {
        let (code, report, told) = judged(&serve(&checkpoint, &tile, entries));
        assert_eq!((code, &report["kind"]), (TAMPERED, &"tile".into()), "{told}");
    }

    // Another root, so that the tile fits, but nobody signed it.
    let text = String::from_utf8(checkpoint.clone()).expect("a note");
    let root = text.lines().nth(2).expect("a root");
    let forged = text.replacen(root, &Hash::of_empty_tree().to_string(), 1);
    let (code, report, told) = judged(&serve(forged.as_bytes(), &tile, bundle(&leaves)));
    assert_eq!((code, &report["kind"]), (TAMPERED, &"signature".into()), "{told}");
    for garbage in [&b""[..], b"garbage", &vec![b'x'; 3_000_000]] {
        assert_eq!(judged(&serve(garbage, &tile, bundle(&leaves))).0, Some(3));
    }
    assert_eq!(judged(&serve(&checkpoint, &vec![7; 3_000_000], Vec::new())).0, Some(3), "no tile is so long");
    assert_eq!(judged(&liar(HashMap::from([("/checkpoint".to_owned(), checkpoint)]))).0, Some(3), "no tiles");
}
