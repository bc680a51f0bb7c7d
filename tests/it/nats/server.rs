//! A nats-server of a test's own: on a port and a directory that nobody else has, ended by its process id.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::Config;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions};
use tempfile::TempDir;
use tokio::time::Instant;

/// It listens by then, or never.
const WITHIN: Duration = Duration::from_secs(20);

pub struct Nats {
    pub url: String,
    pub dir: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Nats {
    /// Anybody may do anything.
    pub fn start() -> Self {
        Self::with("")
    }

    /// With more in its configuration.
    pub fn with(configuration: &str) -> Self {
        let mut nats = Self::not_started();
        nats.configure(configuration);
        nats.restart();
        nats
    }

    /// A place for one, which does not run yet.
    pub fn not_started() -> Self {
        let dir = tempfile::tempdir().expect("a directory can be made");
        let port = free_port();
        let nats = Self { url: format!("nats://127.0.0.1:{port}"), dir, port, child: None };
        nats.configure("");
        nats
    }

    pub fn configure(&self, configuration: &str) {
        let (port, store) = (self.port, self.dir.path().join("store"));
        let store = store.display();
        let text = format!(
            "listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{store}\", max_file_store: 4GB }}\n{configuration}\n"
        );
        std::fs::write(self.dir.path().join("nats.conf"), text).expect("a file can be made");
    }

    /// Starts it, and waits until it listens.
    pub fn restart(&mut self) {
        let begun = Instant::now();
        loop {
            let mut child = self.spawn();
            while begun.elapsed() < WITHIN && child.try_wait().expect("it can be asked").is_none() {
                if self.speaks() {
                    self.child = Some(child);
                    return;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            // Somebody may have had the port for a moment.
            let _gone = child.kill();
            let _waited = child.wait();
            assert!(begun.elapsed() < WITHIN, "nats-server does not listen: {}", self.told());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn spawn(&self) -> Child {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/nats-server");
        assert!(installed.exists(), "{} is missing: run .ci/install test", installed.display());
        let told = std::fs::File::options().create(true).append(true).open(self.log());
        Command::new(installed)
            .arg("-c")
            .arg(self.dir.path().join("nats.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(told.expect("a file can be made"))
            .spawn()
            .expect("nats-server starts")
    }

    fn speaks(&self) -> bool {
        let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut line = String::new();
        let limited = stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok();
        limited && BufReader::new(stream).read_line(&mut line).is_ok() && line.starts_with("INFO ")
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("nats.log")
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Kills it as a power cut of the process would; its files stay.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.child.as_ref().expect("it runs").id().to_string();
        assert!(
            Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("there is kill").success()
        );
    }

    /// A client that may do anything.
    pub async fn client(&self) -> Client {
        self.client_with(ConnectOptions::new()).await
    }

    pub async fn client_with(&self, options: ConnectOptions) -> Client {
        options.connect(&self.url).await.expect("it can be reached")
    }

    pub async fn jetstream(&self) -> Context {
        jetstream::new(self.client().await)
    }

    /// A stream as it should be, but for what is changed.
    pub async fn make_stream(&self, change: impl FnOnce(&mut Config)) -> Config {
        let mut config = Config {
            name: super::EVENTS.to_owned(),
            subjects: vec!["mfa.v1.>".to_owned()],
            discard: jetstream::stream::DiscardPolicy::New,
            duplicate_window: Duration::from_mins(2),
            deny_delete: true,
            deny_purge: true,
            num_replicas: 1,
            ..Config::default()
        };
        change(&mut config);
        self.jetstream()
            .await
            .create_stream(&config)
            .await
            .expect("it can be made")
            .cached_info()
            .config
            .clone()
    }

    /// Every message of a stream.
    pub async fn messages(&self, stream: &str) -> Vec<StreamMessage> {
        let stream = self.jetstream().await.get_stream(stream).await.expect("there is one");
        let mut messages = Vec::new();
        for sequence in 1..=stream.cached_info().state.last_sequence {
            messages.push(stream.get_raw_message(sequence).await.expect("it is there"));
        }
        messages
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody had a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    listener.local_addr().expect("it has an address").port()
}
