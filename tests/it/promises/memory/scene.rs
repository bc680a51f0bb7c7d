//! A server, and everything secret that was sent to it or shown by it.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use mfa_ledger::vault::backup_codes::BackupCode;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::grep;
use crate::support::memory::{Find, Needles};
use crate::support::server::{FIRST, Server, totp};

/// What stays for a while, and what stands behind it: see `SECURITY.md`, "Secrets in memory". The list should only ever
/// shrink.
const EXEMPT: &[(&str, &[u8])] = &[
    // The head of the answer to a log-in, in the HTTP library's buffer for heads of answers.
    ("session token", b"; Path=/; Secure; HttpOnly"),
    // The head of a request without a body, in the HTTP library's buffer for what it reads.
    ("session token", b"\r\n"),
    ("service account token", b"\r\n"),
];

/// How long the server has to finish after its last answer.
const WITHIN: Duration = Duration::from_secs(10);

pub struct Scene {
    pub server: Server,
    pub needles: Needles,
    pub root: Client,
}

pub struct Person {
    pub id: String,
    pub password: String,
    pub client: Client,
    pub key: String,
    pub backup_codes: Vec<String>,
}

impl Scene {
    pub async fn open() -> Self {
        let server = Server::start();
        let mut needles = Needles::default();
        note(&mut needles, "first password", &server.password);
        let (root, _) = log_in(&mut needles, &server, FIRST, &server.password).await;
        let mut scene = Self { server, needles, root: root.clone() };
        scene.enroll(&root).await;
        scene
    }

    pub async fn log_in(&mut self, user_name: &str, password: &str) -> Client {
        log_in(&mut self.needles, &self.server, user_name, password).await.0
    }

    pub fn note(&mut self, what: &str, secret: &str) {
        note(&mut self.needles, what, secret);
    }

    /// A code of six digits: found by accident without what is written around it.
    pub fn note_code(&mut self, code: &str) {
        for around in [format!("\"code\":\"{code}\""), format!("code={code}")] {
            self.needles.add("TOTP code", around.as_bytes());
        }
    }

    pub fn note_backup_codes(&mut self, codes: &[String]) {
        for code in codes {
            self.needles.add("backup code", code.as_bytes());
            self.needles.add("backup code in one piece", code.replace('-', "").as_bytes());
            assert!(BackupCode::parse(code).is_some(), "{code}");
        }
    }

    pub fn note_seed(&mut self, manual_key: &str) -> String {
        let key = manual_key.replace([' ', '-'], "");
        let seed = BASE32_NOPAD.decode(key.as_bytes()).expect("base32");
        for (form, bytes) in grep::forms(&seed) {
            self.needles.add(format!("seed, {form}"), &bytes);
        }
        key
    }

    pub async fn register(&mut self, user_name: &str, role: &str) -> (String, String) {
        let who = json!({
            "user_name": user_name, "display_name": user_name, "emails": ["p@example.org"], "role": role,
        });
        let made = self.root.post("/v1/administrators", &who).await.ok(201);
        let password = text(&made["password"]);
        self.note("generated password", &password);
        (text(&made["administrator"]), password)
    }

    /// Registers, logs in and enrolls.
    pub async fn enrolled(&mut self, user_name: &str, role: &str) -> Person {
        let (id, password) = self.register(user_name, role).await;
        let client = self.log_in(user_name, &password).await;
        let (key, backup_codes) = self.enroll(&client).await;
        Person { id, password, client, key, backup_codes }
    }

    /// Enrolls the person who is logged in; the seed and the backup codes.
    async fn enroll(&mut self, client: &Client) -> (String, Vec<String>) {
        let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
        let key = self.note_seed(&text(&begun["manual_key"]));
        let code = totp(&key, 0);
        self.note_code(&code);
        let enabled = client.post("/v1/me/mfa/enrollment/confirm", &json!({ "code": code })).await.ok(200);
        let backup_codes: Vec<_> =
            enabled["backup_codes"].as_array().expect("codes").iter().map(text).collect();
        self.note_backup_codes(&backup_codes);
        (key, backup_codes)
    }

    /// What is in the server's memory of all that was noted, without what is exempt.
    pub fn found(&self) -> Vec<Find> {
        let exempt = |find: &Find| {
            EXEMPT.iter().any(|(what, behind)| find.what == *what && find.behind.starts_with(behind))
        };
        self.needles.found_in(self.server.pid()).into_iter().filter(|find| !exempt(find)).collect()
    }

    /// Waits until nothing is there any more.
    pub async fn nothing_left(&self, after: &str) {
        let until = tokio::time::Instant::now() + WITHIN;
        loop {
            let found = self.found();
            if found.is_empty() {
                return;
            }
            if tokio::time::Instant::now() > until {
                let told: Vec<_> = found.iter().map(told).collect();
                panic!("after {after}, {} are in memory:\n{}", found.len(), told.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn told(find: &Find) -> String {
    let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
    format!("{} in {}: {} [...] {}", find.what, find.place, shown(&find.before), shown(&find.behind))
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Notes a text of letters as it is, and in the forms that it goes through.
fn note(needles: &mut Needles, what: &str, secret: &str) {
    assert!(secret.len() >= 12, "a shorter secret is found by accident: {what}");
    needles.add(what, secret.as_bytes());
    for (form, bytes) in grep::forms(secret.as_bytes()).into_iter().filter(|(form, _)| form != "raw") {
        needles.add(format!("{what}, {form}"), &bytes);
    }
}

async fn log_in(needles: &mut Needles, server: &Server, user_name: &str, password: &str) -> (Client, Value) {
    let (client, session) = server.client().log_in(user_name, password).await;
    needles.add("session token", text(&session["token"]).as_bytes());
    (client, session)
}
