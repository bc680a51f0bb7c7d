//! A mail host of its own, as its own process: aiosmtpd with a certificate from openssl.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::server::text;

/// What is waited for is there by then, or never.
const WITHIN: Duration = Duration::from_secs(30);

/// A mail host; ended when dropped.
#[derive(Debug)]
pub struct Post {
    pub port: u16,
    dir: TempDir,
    mode: &'static str,
    child: Option<Child>,
}

impl Post {
    /// With STARTTLS, and user name and password.
    pub fn secured() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        certify(dir.path());
        Self::begin(dir, "secured")
    }

    /// With TLS from the first byte, and user name and password.
    pub fn implicit() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        certify(dir.path());
        Self::begin(dir, "implicit")
    }

    /// With neither.
    pub fn plain() -> Self {
        Self::begin(tempfile::tempdir().expect("a directory"), "plain")
    }

    fn begin(dir: TempDir, mode: &'static str) -> Self {
        let mut post = Self { port: 0, dir, mode, child: None };
        post.open();
        post
    }

    /// Opens it again, at the same port.
    pub fn open(&mut self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/tools/bin/python");
        let mut child = Command::new(&python)
            .arg(root.join("tests/it/notify/post_office.py"))
            .arg(self.dir.path())
            .arg(self.port.to_string())
            .arg(self.mode)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} ({error}): `.ci/install test` installs it", python.display()));
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("its output can be read");
        self.child = Some(child);
        self.port = line.trim().parse().expect("aiosmtpd starts; `.ci/install test` installs it");
    }

    /// As if its machine had lost power.
    pub fn close(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // It may have ended by itself.
        let _gone = child.kill();
        let _waited = child.wait();
    }

    /// What it refuses from here on.
    pub fn behave(&self, behaviour: &Value) {
        let (file, made) = (self.dir.path().join("behaviour.json"), self.dir.path().join("made.json"));
        std::fs::write(&made, behaviour.to_string()).expect("it can be written");
        std::fs::rename(made, file).expect("it can be moved");
    }

    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// The environment for a server that sends here.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("MFA_LEDGER__MAIL__HOST", "localhost".to_owned()),
            ("MFA_LEDGER__MAIL__PORT", self.port.to_string()),
            ("MFA_LEDGER__MAIL__SENDER", "MFA <mfa@example.org>".to_owned()),
            ("MFA_LEDGER__MAIL__TIMEOUT_SECONDS", "5".to_owned()),
            ("MFA_LEDGER__HTTP__PUBLIC_URL", "https://mfa.example.org/".to_owned()),
        ];
        if self.mode == "implicit" {
            environment.push(("MFA_LEDGER__MAIL__TLS", "implicit".to_owned()));
        }
        if self.mode == "plain" {
            environment.push(("MFA_LEDGER__MAIL__TLS", "none".to_owned()));
        } else {
            environment.push(("MFA_LEDGER__MAIL__CA_FILE", self.ca_file().display().to_string()));
            environment.push(("MFA_LEDGER__MAIL__USER_NAME", "ledger".to_owned()));
            environment.push(("MFA_LEDGER__MAIL__PASSWORD", "open sesame".to_owned()));
        }
        environment
    }

    /// Everything that came, as Python reads it. Nothing is ever wrong with the form of it.
    pub fn mails(&self) -> Vec<Value> {
        let lines = std::fs::read_to_string(self.dir.path().join("mails.jsonl")).unwrap_or_default();
        let whole = lines.rfind('\n').map_or("", |end| &lines[..end]);
        let mails: Vec<Value> =
            whole.lines().map(|line| serde_json::from_str(line).expect("lines are JSON")).collect();
        for mail in &mails {
            assert_eq!(mail["defects"], serde_json::json!([]), "{mail}");
        }
        mails
    }

    /// Those with a subject, once there are so many.
    pub async fn wait_for(&self, subject: &str, count: usize) -> Vec<Value> {
        let looking = async {
            loop {
                let mails = self.mails().into_iter();
                let found: Vec<_> = mails.filter(|it| it["headers"]["subject"] == subject).collect();
                if found.len() >= count {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let found = tokio::time::timeout(WITHIN, looking).await;
        found.unwrap_or_else(|_| panic!("no {count} of {subject:?} among {:?}", self.subjects()))
    }

    pub fn subjects(&self) -> Vec<String> {
        self.mails().iter().map(|mail| mail["headers"]["subject"].to_string()).collect()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.close();
    }
}

/// An authority, and a certificate of it for `localhost`.
fn certify(dir: &Path) {
    std::fs::write(dir.join("names"), "subjectAltName=DNS:localhost\n").expect("it can be written");
    let lines = "set -e
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=post-ca \
            -keyout ca.key -out ca.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
            -keyout host.key -out host.csr
        openssl x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
            -out host.pem";
    let made = Command::new("sh").args(["-c", lines]).current_dir(dir).output().expect("there is sh");
    assert!(made.status.success(), "openssl: {}", text(&made.stderr));
}
