//! Servers that want the same data directory at the same moment, the one that had it killed or not: one of
//! them gets it, the others say so and end, and the log stays sound.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::draws::{Draws, rounds, seeds};
use crate::support::server::{FIRST, Place, enroll, text};

/// What a program ends with that finds the directory taken (`mfa-ledger help`: failed).
const TAKEN: i32 = 1;

/// A server that has just been started, and may not get the directory.
struct Racer {
    child: Child,
    out: BufReader<ChildStdout>,
    told: ChildStderr,
}

enum Fate {
    Serves(Racer, String),
    Ended(Option<i32>, String),
}

impl Racer {
    fn start(place: &Place) -> Self {
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("MFA_LEDGER__TELEMETRY__FILTER", "error");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, told) = (BufReader::new(child.stdout.take().unwrap()), child.stderr.take().unwrap());
        Self { child, out, told }
    }

    /// Waits until it serves, or has ended.
    fn fate(mut self) -> Fate {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(url) = ready["listening"].as_str() {
            return Fate::Serves(self, url.to_owned());
        }
        let mut told = String::new();
        self.told.read_to_string(&mut told).unwrap();
        Fate::Ended(self.child.wait().unwrap().code(), told)
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn register(client: &Client, name: &str) -> u16 {
    let body = json!({
        "user_name": name, "display_name": name, "emails": ["new@example.org"], "role": "general-staff"
    });
    client.post("/v1/administrators", &body).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_servers_that_race_for_one_directory_exactly_one_serves() {
    let (place, password) = Place::initialised();
    let draws = Draws::new(seeds(1, 1).next().unwrap());
    let mut serving: Option<Racer> = None;
    let mut token: Option<String> = None;
    let mut names = vec![FIRST.to_owned()];
    for round in 0..rounds(10, 200) {
        // The one that has it stays, goes a moment before, or goes while the others start.
        let incumbent = if draws.below(4) == 0 { None } else { serving.take() };
        let contested = serving.is_none();
        let early = draws.coin();
        let mut incumbent = incumbent;
        if early && let Some(incumbent) = incumbent.take() {
            incumbent.kill();
        }
        let racers: Vec<_> = (0..2 + draws.below(2)).map(|_| Racer::start(&place)).collect();
        std::thread::sleep(std::time::Duration::from_micros(draws.below(20_000)));
        let killed_late = incumbent.map(Racer::kill).is_some();
        let mut served = Vec::new();
        for racer in racers {
            match racer.fate() {
                Fate::Serves(racer, url) => served.push((racer, url)),
                Fate::Ended(code, told) => {
                    assert_eq!(code, Some(TAKEN), "{told}");
                    assert!(told.contains("in use") || told.contains("belongs to one server"), "{told}");
                }
            }
        }
        // Where the one that had it died late, all others may have come too early.
        let least = usize::from(contested && !killed_late);
        assert!((least..=usize::from(contested)).contains(&served.len()), "{} serve", served.len());
        let Some((racer, url)) = served.pop() else { continue };
        let client = Client::new(&url);
        let client = if let Some(token) = &token {
            client.with_token(token)
        } else {
            let (client, _) = client.log_in(FIRST, &password).await;
            enroll(&client).await;
            client
        };
        token.clone_from(&client.token);
        let listed = client.get("/v1/administrators?limit=1000").await.ok(200);
        let there = listed["data"].as_array().unwrap().iter().map(|it| it["user_name"].as_str().unwrap());
        assert_eq!(there.collect::<Vec<_>>(), names, "what was acknowledged is there");
        for number in 0..3 {
            let name = format!("name-{round:03}-{number}");
            assert_eq!(register(&client, &name).await, 201);
            names.push(name);
        }
        serving = Some(racer);
    }
    if let Some(racer) = serving {
        racer.kill();
    }
    let verified = place.run(&["log", "verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    assert!(names.len() > 3, "somebody has served");
}
