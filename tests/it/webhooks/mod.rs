//! Webhooks: the real binary against a receiver that uses the official library of Standard Webhooks.

mod asked;
mod genuine;
mod reach;
mod restarts;
mod silenced;
mod unwell;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Server;

/// Deliveries go out within a second; the first repetition comes after five.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server is told so that it delivers on this machine.
const LOOPBACK: &[(&str, &str)] =
    &[("MFA_LEDGER__WEBHOOKS__ALLOW_HTTP", "true"), ("MFA_LEDGER__WEBHOOKS__ALLOW_NETWORKS", "127.0.0.0/8")];

/// The receiver; ended when dropped.
struct Receiver {
    child: Child,
    port: u16,
    http: reqwest::Client,
}

impl Receiver {
    fn start() -> Self {
        Self::on(0)
    }

    fn on(port: u16) -> Self {
        Self::with(&[port.to_string().as_ref()], crate::support::http())
    }

    fn with(arguments: &[&OsStr], http: reqwest::Client) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/tools/bin/python");
        let mut child = Command::new(&python)
            .arg(root.join("tests/it/webhooks/receiver.py"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; `make install` installs it", python.display()));
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("its output can be read");
        let told = line.trim().parse();
        let port = told.expect("the receiver tells its port: `make install` installs standardwebhooks");
        Self { child, port, http }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Tells it which secrets there are.
    async fn knows(&self, keys: &[&str]) {
        let told = self.http.post(self.url("/keys")).json(&keys).send().await.expect("it answers");
        assert!(told.status().is_success());
    }

    /// What was sent to a path.
    async fn seen(&self, path: &str) -> Vec<Value> {
        self.seen_at(&self.url("/seen"), path).await
    }

    async fn seen_at(&self, url: &str, path: &str) -> Vec<Value> {
        let seen = self.http.get(url).send().await.expect("it answers");
        let seen: Vec<Value> = seen.json().await.expect("it tells in JSON");
        seen.into_iter().filter(|it| it["path"] == path).collect()
    }

    /// The same once it is so much.
    async fn wait_for(&self, path: &str, count: usize) -> Vec<Value> {
        let waiting = async {
            loop {
                let seen = self.seen(path).await;
                if seen.len() >= count {
                    return seen;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("not {count} deliveries to {path} in time"))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// A server that may deliver on this machine, and its first administrator.
async fn server() -> (Server, Client) {
    let server = Server::start_with(LOOPBACK);
    let (root, _) = server.root().await;
    (server, root)
}

/// A webhook that is told of roles: id and key.
async fn create(root: &Client, url: &str, more: Value) -> (String, String) {
    let mut body = json!({ "url": url, "actions": ["role.defined"], "description": "a test" });
    for (name, value) in more.as_object().cloned().unwrap_or_default() {
        body[name] = value;
    }
    let created = root.post("/v1/webhooks", &body).await.ok(201);
    let text = |name: &str| created[name].as_str().expect("a text").to_owned();
    (text("webhook"), text("key"))
}

/// Something to be told of; its position.
async fn define_role(root: &Client, name: &str) -> u64 {
    let body = json!({ "name": name, "permissions": [], "mfa_required": false });
    let answer = root.ask(reqwest::Method::PUT, &format!("/v1/roles/{name}"), &[], Some(&body)).await;
    let position = answer.position();
    assert!(answer.status < 300, "{}", answer.text);
    position.expect("a record")
}

/// The attempts at a webhook, newest first, once there are so many.
async fn attempts(root: &Client, id: &str, count: usize) -> Vec<Value> {
    let waiting = async {
        loop {
            let page = root.get(&format!("/v1/webhooks/{id}/deliveries")).await.ok(200);
            let data = page["data"].as_array().cloned().expect("a page");
            if data.len() >= count {
                return data;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("not {count} attempts in time"))
}

fn header<'s>(seen: &'s Value, name: &str) -> &'s str {
    seen["headers"][name].as_str().unwrap_or_default()
}

fn body(seen: &Value) -> Vec<u8> {
    BASE64.decode(seen["body"].as_str().expect("a body").as_bytes()).expect("base64")
}
