//! Receivers can tell that it was us.

use std::process::Command;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{Receiver, attempts, body, create, define_role, header, server};

/// Every delivery before, during and after a rotation is good for whoever knows one of the two secrets.
#[tokio::test]
async fn the_official_library_verifies_every_delivery_across_a_rotation() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let (id, old) = create(&root, &receiver.url("/ok"), json!({})).await;
    receiver.knows(&[&old]).await;
    let position = define_role(&root, "one").await;
    let seen = receiver.wait_for("/ok", 1).await;
    assert_eq!(seen[0]["verified"], json!([old]));
    assert_eq!(header(&seen[0], "content-type"), "application/cloudevents+json; charset=utf-8");

    // Byte for byte what lies in the log.
    let leaf = root.get(&format!("/v1/activity/{position}/leaf")).await;
    assert_eq!(String::from_utf8(body(&seen[0])).expect("UTF-8"), leaf.text);

    let rotated = root.post(&format!("/v1/webhooks/{id}/rotate-secret"), &Value::Null).await.ok(200);
    let new = rotated["key"].as_str().expect("a key");
    assert_ne!(new, old);
    receiver.knows(&[&old, new]).await;
    define_role(&root, "two").await;
    let seen = receiver.wait_for("/ok", 2).await;
    assert_eq!(seen[1]["verified"], json!([old, new]), "both sign during the overlap");
    assert_eq!(header(&seen[1], "webhook-signature").split(' ').count(), 2);

    // A second rotation ends the first secret at once.
    root.post(&format!("/v1/webhooks/{id}/rotate-secret"), &Value::Null).await.ok(200);
    define_role(&root, "three").await;
    let seen = receiver.wait_for("/ok", 3).await;
    assert_eq!(seen[2]["verified"], json!([new]));

    let ids: Vec<_> = seen.iter().map(|it| header(it, "webhook-id")).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    let listed = attempts(&root, &id, 3).await;
    assert_eq!(listed[0]["webhook_id"], ids[2]);
    assert!(listed.iter().all(|it| it["outcome"] == "delivered" && it["status"] == 204));
}

/// What it is not: a secret is shown once, and lies nowhere in clear.
#[tokio::test]
async fn a_secret_is_shown_once_and_lies_nowhere_in_clear() {
    let (receiver, (server, root)) = (Receiver::start(), server().await);
    let body = json!({ "url": receiver.url("/ok"), "description": "x" });
    let key = [("idempotency-key", "once")];
    let first = root.ask(reqwest::Method::POST, "/v1/webhooks", &key, Some(&body)).await.ok(201);
    let again = root.ask(reqwest::Method::POST, "/v1/webhooks", &key, Some(&body)).await.ok(201);
    assert_eq!((&first["key_shown"], &again["key_shown"]), (&json!(true), &json!(false)));
    assert_eq!((&again["key"], &again["webhook"]), (&Value::Null, &first["webhook"]));
    let id = first["webhook"].as_str().expect("an id");
    let shown = root.get(&format!("/v1/webhooks/{id}")).await;
    let secret = first["key"].as_str().expect("a key").strip_prefix("whsec_").expect("a secret");
    assert!(!shown.text.contains(secret));
    let secret = BASE64.decode(secret.as_bytes()).expect("base64");
    assert_eq!(secret.len(), 32);
    assert_eq!(crate::support::grep::hits(&server.place.data_dir(), &secret), []);
}

#[tokio::test]
async fn openssl_verifies_what_ed25519_signed() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let (id, key) =
        create(&root, &receiver.url("/ok"), json!({ "signing": "ed25519", "form": "ocsf" })).await;
    let shown = root.get(&format!("/v1/webhooks/{id}")).await.ok(200);
    assert_eq!(shown["public_key"], key);
    define_role(&root, "one").await;
    let seen = receiver.wait_for("/ok", 1).await.remove(0);
    let event: Value = serde_json::from_slice(&body(&seen)).expect("JSON");
    assert_eq!((&event["class_uid"], &event["type_uid"]), (&json!(3004), &json!(300_401)));
    let acted = &event["actor"]["user"];
    assert_eq!((&acted["name"], &acted["type_id"]), (&json!("root"), &json!(1)));

    let public = BASE64.decode(key.strip_prefix("whpk_").expect("a public key").as_bytes()).expect("base64");
    // SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
    let spki = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], &*public].concat();
    let signature = header(&seen, "webhook-signature").strip_prefix("v1a,").expect("a v1a");
    let signature = BASE64.decode(signature.as_bytes()).expect("base64");
    let head = format!("{}.{}.", header(&seen, "webhook-id"), header(&seen, "webhook-timestamp"));
    let signed = [head.as_bytes(), &body(&seen)].concat();
    assert!(openssl_accepts(&spki, &signed, &signature));
    assert!(!openssl_accepts(&spki, &[&*signed, b"x"].concat(), &signature), "and nothing else");
}

fn openssl_accepts(spki: &[u8], signed: &[u8], signature: &[u8]) -> bool {
    let dir = tempfile::tempdir().expect("a directory");
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("a file can be written");
        path
    };
    let (key, data, signature) = (file("key", spki), file("data", signed), file("signature", signature));
    let status = Command::new("openssl")
        .args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-inkey"])
        .arg(key)
        .arg("-in")
        .arg(data)
        .arg("-sigfile")
        .arg(signature)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    status.expect("openssl is installed").success()
}
