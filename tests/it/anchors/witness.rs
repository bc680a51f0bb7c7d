//! Witnesses of a server: the checkpoints that it serves carry their cosignatures, and a log that was put back
//! as it once was is not served.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use mfa_ledger::tlog::VerifierKey;
use mfa_ledger::tlog::cosignature;
use serde_json::Value;

use super::{check, copy, ended, head, kept, metric, more, put_back, put_back_all, refused, until};
use crate::support::server::{Place, Server, text};

/// A witness on "another host"; killed when dropped.
pub struct Witness {
    key: VerifierKey,
    pub url: String,
    child: Child,
}

impl Witness {
    /// One that knows the log of a place.
    pub fn of(place: &Place) -> Self {
        let dir = Self::dir(place);
        let dir = dir.to_str().expect("a path");
        let init = plain(place, &["witness", "init", "--dir", dir, "--name", "witness.example/w1"]);
        let key = text(&init).trim().parse().expect("a verifier key");
        Self::serve(place, key)
    }

    /// Where it keeps what it remembers.
    pub fn dir(place: &Place) -> std::path::PathBuf {
        place.outside().join("witness")
    }

    fn serve(place: &Place, key: VerifierKey) -> Self {
        let dir = Self::dir(place);
        let dir = dir.to_str().expect("a path");
        let log = text(&place.run(&["log", "keys"]).stdout);
        let arguments = ["witness", "serve", "--dir", dir, "--listen", "127.0.0.1:0", "--log", log.trim()];
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_mfa-ledger"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it is read");
        let ready: Value = serde_json::from_str(&line).expect("a ready line");
        let url = ready["listening"].as_str().expect("an address").to_owned();
        Self { key, url, child }
    }

    /// The same key on the same directory, of which the files of checkpoints are treated so before.
    pub fn again(mut self, place: &Place, treat: impl Fn(&std::path::Path)) -> Self {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
        for entry in std::fs::read_dir(Self::dir(place)).expect("its directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|it| it == "checkpoint") {
                treat(&path);
            }
        }
        Self::serve(place, self.key.clone())
    }

    pub fn named(&self) -> String {
        self.named_at(&self.url)
    }

    /// At another address, which leads to it.
    pub fn named_at(&self, url: &str) -> String {
        format!("{} {url}", self.key)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn plain(place: &Place, arguments: &[&str]) -> Vec<u8> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mfa-ledger"));
    let output = command.args(arguments).current_dir(place.outside()).output().expect("it starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    output.stdout
}

#[tokio::test]
async fn checkpoints_are_cosigned_and_yesterday_is_refused() {
    let (place, password) = Place::initialised();
    let witness = Witness::of(&place);
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let named = witness.named();
    let environment = [("MFA_LEDGER__LOG__WITNESSES", named.as_str())];
    let server = Server::on(place, password, &environment);
    let client = server.client();
    let cosigned = async || {
        let signed = kept(client.get("/checkpoint").await.text.as_bytes());
        let lines = signed.note.signatures().to_vec();
        let found = lines.iter().filter(|line| line.name == "witness.example/w1");
        found.filter_map(|line| cosignature::verify(&witness.key, signed.note.text(), &line.bytes)).count()
    };
    until("the checkpoint is cosigned", async || cosigned().await == 1).await;
    let known = head(&client).await;
    let position = "mfa_ledger_anchor_position{anchor=\"witness-1\"}";
    until("it is told", async || metric(&client, position).await == Some(known)).await;
    assert_eq!(check(&client).await, "ready");
    let place = ended(server);
    put_back(&place, &yesterday);
    refused(&place, &environment, &["witness witness.example/w1", "records are missing at the end"]);
}

/// A witness that was away during a roll-back shows what it remembers once it is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_comes_back_ends_the_server() {
    let (place, password) = Place::initialised();
    let witness = Witness::of(&place);
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let named = witness.named();
    let environment = [("MFA_LEDGER__LOG__WITNESSES", named.as_str())];
    let place = ended(Server::on(place, password.clone(), &environment));
    put_back_all(&place, &yesterday);
    let stop = |signal: &str| {
        let sent =
            std::process::Command::new("kill").args([signal, &witness.child.id().to_string()]).status();
        assert!(sent.expect("there is kill").success());
    };
    // Stopped, it takes calls and does not answer them: the start goes on without it.
    stop("-STOP");
    let mut server = Server::on(place, password, &environment);
    stop("-CONT");
    let (status, server) =
        tokio::task::spawn_blocking(move || (server.wait(), server)).await.expect("it is waited for");
    assert_eq!(status.code(), Some(10), "{}", server.told());
    assert!(server.told().contains("the log was rolled back"), "{}", server.told());
}
