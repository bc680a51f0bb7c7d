//! The real binary, on a data directory of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;

use mfa_ledger::clock::Clock;
use mfa_ledger_schemas::Instant;
use serde_json::Value;
use tempfile::TempDir;

use super::client::Client;

/// Hashes that cost nothing: what they protect here is worth nothing.
const FAST: &[(&str, &str)] = &[
    ("MFA_LEDGER__HASHING__MEMORY_KIB", "64"),
    ("MFA_LEDGER__HASHING__PASSES", "1"),
    ("MFA_LEDGER__HTTP__ATTEMPTS_PER_SECOND", "0"),
];

/// The user name of the first administrator.
pub const FIRST: &str = "root";

/// A data directory with its key beside it; gone when the last copy of this is dropped.
#[derive(Clone, Debug)]
pub struct Place(Arc<TempDir>);

impl Place {
    /// An empty place, in which nothing was begun.
    pub fn empty() -> Self {
        Self(Arc::new(tempfile::tempdir().expect("a directory can be made")))
    }

    /// The same in a directory of choice, for tests to which the disk matters.
    pub fn empty_in(dir: &Path) -> Self {
        Self(Arc::new(tempfile::tempdir_in(dir).expect("a directory can be made")))
    }

    /// A place with a ledger, and the password of its first administrator.
    pub fn initialised() -> (Self, String) {
        let place = Self::empty();
        let password = place.init();
        (place, password)
    }

    /// Begins a ledger; the password of its first administrator.
    pub fn init(&self) -> String {
        let output = self.run(&["init", "--user-name", FIRST, "--output", "json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let shown: Value = serde_json::from_slice(&output.stdout).expect("init prints JSON");
        shown["password"].as_str().expect("init prints a password").to_owned()
    }

    /// Takes away both marks of an orderly stop, as a kill would have: an attacker who does that is not told from one.
    pub fn unmark(&self) {
        unmark(&self.data_dir());
    }

    /// The directory above, for files of the test's own.
    pub fn outside(&self) -> &Path {
        self.0.path()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.0.path().join("ledger")
    }

    pub fn key_file(&self) -> PathBuf {
        self.0.path().join("ledger.key")
    }

    /// The program with these arguments, on this place.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-ledger"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MFA_LEDGER") {
                command.env_remove(name);
            }
        }
        command.envs(FAST.iter().copied()).args(arguments).arg("--data-dir").arg(self.data_dir());
        command.stdin(Stdio::null()).current_dir(self.0.path());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }
}

/// A server that runs; killed when dropped.
#[derive(Debug)]
pub struct Server {
    pub place: Place,
    pub url: String,
    /// The password of the first administrator, whose user name is [`FIRST`].
    pub password: String,
    child: Child,
}

impl Server {
    /// Begins a ledger and serves it.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more in the environment.
    pub fn start_with(environment: &[(&str, &str)]) -> Self {
        let (place, password) = Place::initialised();
        Self::on(place, password, environment)
    }

    /// Serves a ledger that is there.
    pub fn on(place: Place, password: String, environment: &[(&str, &str)]) -> Self {
        Self::with(place, password, environment, &[])
    }

    /// Serves a ledger that has lost something.
    pub fn accepting(place: Place, reason: &str) -> Self {
        Self::with(place, String::new(), &[], &["--accept-loss", reason])
    }

    fn with(place: Place, password: String, environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let told =
            std::fs::File::options().create(true).append(true).open(place.outside().join("stderr.log"));
        let mut child = place
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(told.expect("a file can be made"))
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("its output can be read");
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        let url = ready["listening"].as_str().map(str::to_owned);
        let mut server = Self { place, url: String::new(), password, child };
        server.url = url.unwrap_or_else(|| panic!("not ready: {line:?}\n{}", server.told()));
        server
    }

    /// Somebody who asks it, not logged in.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// The first administrator, logged in and with a fresh code: what changes who gets in asks for both. Their authenticator
    /// lies in the place, so that it outlives the server.
    pub async fn root(&self) -> (Client, Value) {
        let (client, session) = self.client().log_in(FIRST, &self.password).await;
        let kept = self.place.outside().join("authenticator");
        let (seed, last) = if let Ok(text) = std::fs::read_to_string(&kept) {
            let (seed, last) = text.split_once(' ').expect("a seed and a step");
            (seed.to_owned(), last.parse().expect("a step"))
        } else {
            let begun = client.post("/v1/me/mfa/enrollment", &serde_json::json!({})).await.ok(201);
            (begun["manual_key"].as_str().expect("a key").replace([' ', '-'], ""), 0)
        };
        let path = if last == 0 { "/v1/me/mfa/enrollment/confirm" } else { "/v1/session/second-factor" };
        let (step, code) = unused(&seed, last).await;
        client.post(path, &serde_json::json!({ "code": code })).await.ok(200);
        std::fs::write(&kept, format!("{seed} {step}")).expect("a file can be written");
        (client, session)
    }

    /// The seed of the first administrator's authenticator, once [`root`](Self::root) was asked for.
    pub fn seed(&self) -> String {
        let kept =
            std::fs::read_to_string(self.place.outside().join("authenticator")).expect("they enrolled");
        kept.split_once(' ').expect("a seed and a step").0.to_owned()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has told on standard error, over all its starts.
    pub fn told(&self) -> String {
        std::fs::read_to_string(self.place.outside().join("stderr.log")).unwrap_or_default()
    }

    /// Kills it as a power cut would; place and password stay.
    pub fn kill(mut self) -> (Place, String) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
        (self.place.clone(), self.password.clone())
    }

    /// Asks it to end, and waits.
    pub fn end(mut self) -> (ExitStatus, Place, String) {
        self.signal("TERM");
        let status = self.child.wait().expect("it ends");
        (status, self.place.clone(), self.password.clone())
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("it can be waited for")
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.expect("there is kill").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// The code that an authenticator app shows for a seed in base32, by a clock that is so many seconds fast.
pub fn totp(seed: &str, seconds_fast: u32) -> String {
    totp_at(seed, Clock::System.unix_ms() / 1_000 + i64::from(seconds_fast))
}

/// The same by a clock that shows so many seconds since 1970; `oathtool` stands for the app.
pub fn totp_at(seed: &str, seconds: i64) -> String {
    let now = format!("@{seconds}");
    let seed: String = seed.chars().filter(char::is_ascii_alphanumeric).collect();
    let output = Command::new("oathtool").args(["--totp", "--base32", "--now", &now, &seed]).output();
    let output = output.expect("oathtool is installed");
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

/// Enrolls the person who is logged in, by a clock that shows so many seconds since 1970: a fresh code is given with it. The
/// seed.
pub async fn enroll_at(client: &Client, seconds: i64) -> String {
    let begun = client.post("/v1/me/mfa/enrollment", &serde_json::json!({})).await.ok(201);
    let seed = begun["manual_key"].as_str().expect("a key").to_owned();
    let code = totp_at(&seed, seconds);
    client.post("/v1/me/mfa/enrollment/confirm", &serde_json::json!({ "code": code })).await.ok(200);
    seed
}

/// The same by the clock of the machine.
pub async fn enroll(client: &Client) {
    enroll_at(client, Clock::System.unix_ms() / 1_000).await;
}

/// The time, as the API writes it: for servers that go by the clock of the machine.
pub fn now() -> String {
    Instant::from_unix_ms(Clock::System.unix_ms()).to_string()
}

/// A time step after the last one that was used, as soon as there is one, and its code.
async fn unused(seed: &str, last: u64) -> (u64, String) {
    loop {
        let now = u64::try_from(Clock::System.unix_ms() / 1_000).expect("after 1970");
        for ahead in [0, 30] {
            let step = (now + u64::from(ahead)) / 30;
            if step > last {
                return (step, totp(seed, ahead));
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// Takes away both marks of an orderly stop from a data directory.
pub fn unmark(data_dir: &Path) {
    for mark in ["closed", "vault/closed"] {
        std::fs::remove_file(data_dir.join(mark)).expect("it was closed in good order");
    }
}

/// Output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
