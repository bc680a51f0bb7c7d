//! Backups by the real binary, beside a real server; and what becomes of them when something fails.

mod altered;
mod ended;
mod faults;
mod load;
mod restored;
mod whole;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{Place, Server, now, text, totp};

/// An administrator with MFA, and what they carry.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) password: String,
    pub(crate) seed: String,
    pub(crate) client: Client,
}

/// Registers, logs in and enrolls.
pub(crate) async fn enrolled(server: &Server, root: &Client, user_name: &str, role: &str) -> Person {
    let who = json!({
        "user_name": user_name, "display_name": user_name, "emails": ["p@example.org"], "role": role,
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let password = made["password"].as_str().expect("a password").to_owned();
    let (client, _) = server.client().log_in(user_name, &password).await;
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    let seed = begun["manual_key"].as_str().expect("a key").to_owned();
    client.post("/v1/me/mfa/enrollment/confirm", &json!({"code": totp(&seed, 0)})).await.ok(200);
    let id = made["administrator"].as_str().expect("an id").to_owned();
    Person { id, user_name: user_name.into(), password, seed, client }
}

/// Resets the MFA of `whom`; the desk has proved its own in this session.
pub(crate) async fn reset(desk: &Person, whom: &Person) {
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": whom.user_name,
        "requester_contact": "+1 555 0100", "requested_at": now(),
        "ticket": "HD-1042", "confirmation": whom.user_name,
    });
    desk.client.post(&format!("/v1/administrators/{}/mfa/reset", whom.id), &story).await.ok(201);
}

/// Whether they get in with their password and the code of their app.
async fn gets_in(server: &Server, person: &Person) -> bool {
    let body = json!({ "user_name": person.user_name, "password": person.password });
    let session = server.client().post("/v1/session", &body).await;
    if session.status != 201 {
        println!("{} does not get in: {} {}", person.user_name, session.status, session.json);
        return false;
    }
    let client = server.client().with_token(session.json["token"].as_str().expect("a token"));
    let code = json!({"code": totp(&person.seed, 30)});
    let answer = client.post("/v1/session/second-factor", &code).await;
    if answer.status != 200 {
        println!("the code of {} is not taken: {} {}", person.user_name, answer.status, answer.json);
    }
    answer.status == 200
}

/// `backup create`: what it printed.
pub(crate) fn create(place: &Place, to: &Path) -> Value {
    let output = place.run(&["backup", "create", "--output", "json", "--to", &to.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

pub(crate) fn verify(place: &Place, backup: &Path) -> Output {
    place.run(&["backup", "verify", "--output", "json", &backup.display().to_string()])
}

/// A new place with the keys of another one and its backup restored.
fn restored(from: &Place, backup: &Path) -> Place {
    let place = with_keys(from);
    let output = place.run(&["backup", "restore", &backup.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    place
}

pub(crate) fn with_keys(from: &Place) -> Place {
    let place = Place::empty();
    for extension in ["key", "signing"] {
        let name = format!("ledger.{extension}");
        std::fs::copy(from.outside().join(&name), place.outside().join(&name)).expect("it can be copied");
    }
    // The first administrator keeps their telephone, if they have enrolled one.
    let kept = "authenticator";
    if from.outside().join(kept).exists() {
        std::fs::copy(from.outside().join(kept), place.outside().join(kept)).expect("it can be copied");
    }
    place
}

/// What lies in a directory, hidden or not.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("it can be read");
    let mut names: Vec<_> =
        entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub(crate) fn below(place: &Place, name: &str) -> PathBuf {
    place.outside().join(name)
}
