//! A real ledger before a real witness; its cosignatures before openssl.

use std::process::Command;

use data_encoding::BASE64;
use mfa_ledger::tlog::{Hash, SignedCheckpoint};
use serde_json::{Value, json};

use super::{Witness, body};
use crate::support::client::Client;
use crate::support::server::{Place, Server, text};

/// What stands before the 32 bytes of an Ed25519 key to make it one that openssl reads (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

#[tokio::test]
async fn what_a_ledger_publishes_is_cosigned_as_it_grows_and_across_a_change_of_keys() {
    let server = Server::start();
    let (client, _) = server.root().await;
    let first = client.get("/v1/log/keys").await.ok(200)["keys"][0].clone();
    let first = first.as_str().expect("a key").to_owned();
    let witness = Witness::start(&[&first]);
    let at = cosigned(&witness, &client, 0).await;
    let at = cosigned(&witness, &client, at).await;

    let (_, ledger, password) = server.end();
    assert!(ledger.run(&["keys", "rotate"]).status.success());
    let server = Server::on(ledger, password, &[]);
    let (client, _) = server.root().await;
    let keys = client.get("/v1/log/keys").await.ok(200)["keys"].clone();
    let second = keys[1].as_str().expect("a second key");
    let (place, key) = witness.end();
    let witness = Witness::on(place, key, &[&first, second]);
    cosigned(&witness, &client, at).await;
}

/// Moves the witness to the newest checkpoint, and has openssl check what it says.
async fn cosigned(witness: &Witness, client: &Client, old: u64) -> u64 {
    for number in 0..5 {
        let body = json!({"user_name": format!("p{old}-{number}"), "display_name": "Dana Whitfield",
            "emails": ["dana@example.org"], "role": "general-staff"});
        assert!(client.post("/v1/administrators", &body).await.position().is_some());
    }
    let note = newer(client, old).await;
    let signed = SignedCheckpoint::parse(note.as_bytes()).expect("a checkpoint");
    let size = signed.checkpoint.size;
    let proof = client.get(&format!("/v1/log/consistency?from={old}&to={size}")).await.ok(200);
    let hash = |hash: &Value| hash.as_str().and_then(Hash::from_base64).expect("a hash");
    let hashes: Vec<_> = proof["hashes"].as_array().expect("a list").iter().map(hash).collect();
    let answer = witness.ask(body(old, &hashes, &note)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(openssl_agrees(witness, signed.note.text(), &answer.text));
    let altered = signed.note.text().replace(&format!("\n{size}\n"), &format!("\n{}\n", size + 1));
    assert!(!openssl_agrees(witness, &altered, &answer.text));
    size
}

async fn newer(client: &Client, old: u64) -> String {
    for _ in 0..200 {
        let note = client.get("/v1/log/checkpoint").await.text;
        if SignedCheckpoint::parse(note.as_bytes()).expect("a checkpoint").checkpoint.size > old {
            return note;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no checkpoint came after {old}");
}

/// Takes a signature line apart by the specification alone, and asks openssl.
fn openssl_agrees(witness: &Witness, text_signed: &str, line: &str) -> bool {
    let line = line.strip_suffix('\n').expect("a line");
    let (name, bytes) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).expect("a signature");
    let bytes = BASE64.decode(bytes.as_bytes()).expect("base64");
    assert_eq!((name, bytes.len()), (super::NAME, 4 + 8 + 64));
    let key = witness.key.to_string();
    let mut parts = key.splitn(3, '+').skip(1);
    let (id, key) = (parts.next().expect("an id"), parts.next().expect("a key"));
    assert_eq!(data_encoding::HEXLOWER.encode(&bytes[..4]), id);
    let key = BASE64.decode(key.as_bytes()).expect("base64");
    assert_eq!((key[0], key.len()), (4, 33), "an Ed25519 cosignature");
    let time = u64::from_be_bytes(bytes[4..12].try_into().expect("eight bytes"));
    let place = Place::empty();
    let file = |name: &str, bytes: &[u8]| {
        let path = place.outside().join(name);
        std::fs::write(&path, bytes).expect("it is written");
        path
    };
    let message = format!("cosignature/v1\ntime {time}\n{text_signed}");
    let output = Command::new("openssl")
        .args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-inkey"])
        .arg(file("key", &[&SPKI, &key[1..]].concat()))
        .arg("-in")
        .arg(file("message", message.as_bytes()))
        .arg("-sigfile")
        .arg(file("signature", &bytes[12..]))
        .output()
        .unwrap_or_else(|error| panic!("openssl ({error}): `make install` installs it"));
    let told = text(&output.stdout);
    let agrees = told.contains("Signature Verified Successfully");
    assert!(agrees || told.contains("Signature Verification Failure"), "{told}{}", text(&output.stderr));
    agrees && output.status.success()
}
