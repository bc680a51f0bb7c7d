//! `mfa-ledger witness`: the real binary, asked as the logs that it watches would ask it
//! (c2sp.org/tlog-witness).

mod answers;
mod crash;
mod genuine;
mod keys;
mod memory;
mod together;

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use mfa_ledger::tlog::key::KeyType;
use mfa_ledger::tlog::proof::{self, Nodes};
use mfa_ledger::tlog::tree::{Frontier, Node};
use mfa_ledger::tlog::{Checkpoint, Hash, Note, SigningKey, VerifierKey, leaf_hash};
use serde_json::Value;

use crate::support::server::{Place, text};

const NAME: &str = "witness.example/w1";
/// Leaves of a log that a test makes up.
const LEAVES: u8 = 250;

/// A log that a test makes up: leaves, a key, and all that can be asked of it.
struct Log {
    key: SigningKey,
    nodes: HashMap<Node, Hash>,
}

impl Nodes for Log {
    type Error = Infallible;
    fn node(&self, node: Node) -> Result<Hash, Infallible> {
        Ok(self.nodes[&node])
    }
}

impl Log {
    /// A log with its leaves, other ones for another `history`.
    fn new(origin: &str, history: u8) -> Self {
        let key = SigningKey::from_seed(origin, KeyType::Ed25519, &[7; 32]).expect("a key");
        let (mut nodes, mut tree) = (HashMap::new(), Frontier::default());
        for number in 0..LEAVES {
            tree.push_with(leaf_hash(&[history, number]), |node, hash| {
                nodes.insert(node, hash);
            });
        }
        Self { key, nodes }
    }

    fn verifier(&self) -> String {
        self.key.verifier().to_string()
    }

    fn checkpoint(&self, size: u64) -> Checkpoint {
        let Ok(root) = proof::root(self, size);
        Checkpoint { origin: self.key.verifier().name().to_owned(), size, root }
    }

    /// Its checkpoint, signed.
    fn note(&self, size: u64) -> Note {
        signed(&self.checkpoint(size), &self.key)
    }

    /// The body that moves a witness from one size to another.
    fn request(&self, old: u64, new: u64) -> String {
        let Ok(hashes) = proof::consistency(self, old, new);
        body(old, &hashes, &self.note(new).to_string())
    }
}

fn signed(checkpoint: &Checkpoint, key: &SigningKey) -> Note {
    let mut note = Note::unsigned(checkpoint.text()).expect("a text");
    note.sign(key);
    note
}

fn body(old: u64, hashes: &[Hash], note: &str) -> String {
    let hashes: String = hashes.iter().flat_map(|hash| [hash.to_string(), "\n".to_owned()]).collect();
    format!("old {old}\n{hashes}\n{note}")
}

/// A witness that runs; killed when dropped.
struct Witness {
    place: Place,
    key: VerifierKey,
    url: String,
    child: Child,
    http: reqwest::Client,
}

/// What it answers.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    kind: String,
    text: String,
}

impl Witness {
    /// Makes a key, and serves these logs.
    fn start(logs: &[&str]) -> Self {
        let place = Place::empty();
        let key = init(&place);
        Self::on(place, key, logs)
    }

    /// Serves where a witness was before.
    fn on(place: Place, key: VerifierKey, logs: &[&str]) -> Self {
        let mut child = serve(&place, logs).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("its output can be read");
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        let url = ready["listening"].as_str().unwrap_or_default().to_owned();
        let http = crate::support::http();
        let witness = Self { place, key, url, child, http };
        assert!(!witness.url.is_empty(), "not ready: {line:?}");
        witness
    }

    async fn ask(&self, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.http.post(format!("{}/add-checkpoint", self.url)).body(body);
        answer(request.send().await.expect("it answers")).await
    }

    async fn look(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.url)).send().await.expect("it answers")).await
    }

    /// Cosigns, with a cosignature that holds.
    #[track_caller]
    fn cosigned(&self, log: &Log, size: u64, answer: &Answer) {
        assert_eq!(answer.status, 200, "{answer:?}");
        let note = format!("{}{}", log.note(size), answer.text);
        let note = Note::parse(note.as_bytes()).expect("its answer are signature lines");
        assert_eq!(note.verify(std::slice::from_ref(&self.key)).expect("it holds").len(), 1);
    }

    /// Kills it as a power cut would; its place and key stay.
    fn kill(mut self) -> (Place, VerifierKey) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
        (self.place.clone(), self.key.clone())
    }

    /// Asks it to end, and waits.
    fn end(mut self) -> (Place, VerifierKey) {
        let pid = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.expect("there is kill").success());
        assert!(self.child.wait().expect("it ends").success());
        (self.place.clone(), self.key.clone())
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

async fn answer(response: reqwest::Response) -> Answer {
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    Answer { status, kind, text: response.text().await.expect("a text") }
}

/// The directory of what it remembers.
fn dir(place: &Place) -> PathBuf {
    place.outside().join("witness")
}

fn init(place: &Place) -> VerifierKey {
    let output = run_init(place);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim().parse().expect("it prints its key")
}

fn run_init(place: &Place) -> Output {
    place.run(&["witness", "init", "--name", NAME, "--dir", path(&dir(place))])
}

fn serve(place: &Place, logs: &[&str]) -> std::process::Command {
    let dir = dir(place);
    let mut arguments = vec!["witness", "serve", "--listen", "127.0.0.1:0", "--dir", path(&dir)];
    for log in logs {
        arguments.extend(["--log", log]);
    }
    let mut command = place.command(&arguments);
    let told = std::fs::File::options().create(true).append(true).open(place.outside().join("stderr.log"));
    command.stderr(told.expect("a file can be made"));
    command
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
