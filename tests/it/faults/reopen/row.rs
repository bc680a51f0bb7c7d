//! One row of the table: a fault of the disk under a server that runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use mfa_ledger::config::Config;
use mfa_ledger::data_dir::{StartError, master_key_at_hand, open_with};
use mfa_ledger::disk::{Disk, Fate, Faults, Kind};
use mfa_ledger::vault::Vault;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::ledger::{means, records};
use super::base::{Base, config};
use super::served::Served;
use crate::support::client::{Answer, Client};
use crate::support::ram;
use crate::support::server::FIRST;

/// Rows at the same time: each mostly waits.
const AT_ONCE: usize = 4;
/// Commands by which a fault that was armed must have hit.
const MOST_COMMANDS: usize = 120;
/// What is written while nobody asks for anything is written within this.
const IDLE: Duration = Duration::from_secs(5);
/// What was dropped lets go of the directory within this.
const LETS_GO_WITHIN: Duration = Duration::from_secs(10);

/// A way in which a write fails.
#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    /// The first step that fails; all after it do until the disk is well.
    pub kind: Kind,
    /// The directory of the step, and how the name in it ends.
    pub place: (&'static str, &'static str),
    pub fate: Fate,
    /// How often it fails, with the disk well in between.
    pub times: u32,
    /// Whether the step is taken while nobody asks for anything.
    pub idle: bool,
    /// Whether commands are carried out before the fault.
    pub calm_before: bool,
}

impl Row {
    /// The check that must tell of it, and the code of what is refused then.
    fn told(&self) -> (&'static str, &'static str) {
        let vault = self.place.0 == "vault" || self.place.1 == "vault";
        if vault { ("vault", "vault-unavailable") } else { ("log", "log-unavailable") }
    }
}

#[derive(Clone)]
struct Ask {
    path: String,
    body: Option<Value>,
    /// Whom it registers.
    name: Option<String>,
}

struct Life<'r> {
    row: &'r Row,
    served: Served,
    client: Client,
    faults: Arc<Faults>,
    jane: &'r str,
    asked: usize,
    /// What was carried out, by key.
    acknowledged: BTreeMap<String, Ask>,
    /// What nobody knows the outcome of.
    unknown: BTreeMap<String, Ask>,
    /// What was answered with: nothing was recorded.
    unrecorded: BTreeSet<String>,
}

/// Tries all rows, each on a copy of the base.
pub async fn hold(base: &Base, rows: &[Row]) {
    let rows = futures_util::stream::iter(rows).map(|row| one(base, row));
    rows.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

async fn one(base: &Base, row: &Row) {
    println!("{}", row.name);
    let dir = ram::dir();
    ram::copy_all(base.dir.path(), dir.path());
    let config = config(dir.path());
    let (disk, faults) = Disk::faulty(u64::MAX, row.fate);
    let served = Served::start(&config, disk).await;
    let client = base.root(&served.client).await;
    let mut life = Life {
        row,
        served,
        client,
        faults,
        jane: &base.jane,
        asked: 0,
        acknowledged: BTreeMap::new(),
        unknown: BTreeMap::new(),
        unrecorded: BTreeSet::new(),
    };
    if row.calm_before {
        life.acts().await;
    }
    for _ in 0..row.times {
        life.faults.fail_from(row.kind, row.place.0, row.place.1);
        life.fails().await;
        life.gets_well().await;
    }
    life.acts().await;
    life.judged(&config).await;
    println!("{}: held", row.name);
}

impl Life<'_> {
    /// Every second command ends a secret and makes one, every other makes two.
    fn next(&mut self) -> (String, Ask) {
        self.asked += 1;
        let ask = if self.asked.is_multiple_of(2) {
            let path = format!("/v1/administrators/{}/password-reset", self.jane);
            Ask { path, body: None, name: None }
        } else {
            let name = format!("person-{}", self.asked);
            let body = json!({
                "user_name": name, "display_name": name, "emails": ["new@example.org"], "role": "general-staff"
            });
            Ask { path: "/v1/administrators".to_owned(), body: Some(body), name: Some(name) }
        };
        (format!("key-{}", self.asked), ask)
    }

    async fn ask(&self, key: &str, ask: &Ask) -> Answer {
        self.client.ask(Method::POST, &ask.path, &[("idempotency-key", key)], ask.body.as_ref()).await
    }

    /// Commands on a disk that is well.
    async fn acts(&mut self) {
        for _ in 0..6 {
            let (key, ask) = self.next();
            let answer = self.ask(&key, &ask).await;
            assert!([200, 201].contains(&answer.status), "{}: {}", self.row.name, answer.text);
            self.acknowledged.insert(key, ask);
        }
    }

    /// Commands until the fault hits; then everything tells of it.
    async fn fails(&mut self) {
        let name = self.row.name;
        let mut refused = false;
        for number in 0..MOST_COMMANDS {
            if self.row.idle && number == 2 {
                tokio::time::sleep(IDLE).await;
            }
            let (key, ask) = self.next();
            let answer = self.ask(&key, &ask).await;
            match (answer.status, answer.json["code"].as_str()) {
                (200 | 201, _) => drop(self.acknowledged.insert(key, ask)),
                (503, Some("outcome-unknown")) => drop(self.unknown.insert(key, ask)),
                (503, Some("log-unavailable" | "vault-unavailable")) => drop(self.unrecorded.insert(key)),
                other => panic!("{name}: {other:?}"),
            }
            refused = answer.status == 503;
            if refused {
                assert!(answer.headers.contains_key("retry-after"), "{name}");
                break;
            }
        }
        assert!(refused && self.faults.failed().is_some(), "{name}: the fault has not hit");

        let (check, code) = self.row.told();
        let checks = self.served.until_ready_is(503).await;
        let told = checks.iter().find(|it| it["name"] == check).unwrap();
        assert_eq!(told["status"], "unavailable", "{name}: {checks:?}");
        assert!(told["since"].is_string(), "{name}: {told}");
        let before = self.faults.steps().len();
        let (key, ask) = self.next();
        let answer = self.ask(&key, &ask).await;
        assert_eq!((answer.status, answer.json["code"].as_str()), (503, Some(code)), "{name}");
        self.unrecorded.insert(key);
        let touched = self.faults.steps().split_off(before);
        let ours = touched.iter().filter(|step| ["journal", "vault"].iter().any(|dir| is_in(step, dir)));
        assert_eq!(ours.count(), 0, "{name}: it is refused before anything is written: {touched:?}");
        self.client.get("/v1/administrators?limit=1000").await.ok(200);
        let metrics = self.client.get("/metrics").await.text;
        for line in ["mfa_ledger_ready 0".to_owned(), format!("mfa_ledger_{check}_writable 0")] {
            assert!(metrics.lines().any(|it| it == line), "{name}: {line} is not in {metrics}");
        }
    }

    /// The disk is well again: commands are taken, and keys tell what was unknown.
    async fn gets_well(&mut self) {
        self.faults.heal();
        self.served.until_ready_is(200).await;
        for (key, ask) in std::mem::take(&mut self.unknown) {
            let answer = self.ask(&key, &ask).await;
            assert!([200, 201].contains(&answer.status), "{}: {}", self.row.name, answer.text);
            self.acknowledged.insert(key, ask);
        }
        let metrics = self.client.get("/metrics").await.text;
        assert!(metrics.contains("mfa_ledger_vault_writable 1\n"), "{metrics}");
        assert!(!metrics.contains("mfa_ledger_reopenings_total 0\n"), "{metrics}");
    }

    /// Everything acknowledged is there, once, and nothing else; what was ended is gone.
    async fn judged(self, config: &Config) {
        let name = self.row.name;
        let listed = self.client.get("/v1/administrators?limit=1000").await.ok(200);
        let listed: Vec<_> =
            listed["data"].as_array().unwrap().iter().map(|it| it["user_name"].clone()).collect();
        let made = self.acknowledged.values().filter_map(|ask| ask.name.as_ref());
        let wanted: BTreeSet<String> = made.cloned().chain([FIRST.to_owned(), "jane".to_owned()]).collect();
        assert_eq!(listed.len(), wanted.len(), "{name}: {listed:?}");
        assert!(wanted.iter().all(|it| listed.contains(&json!(it))), "{name}: {listed:?}");
        self.served.end().await;

        let opening = async {
            loop {
                match open_with(config, &means(Disk::real())).await {
                    Err(StartError::InUse(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
                    opened => return opened.unwrap_or_else(|error| panic!("{name}: {error}")),
                }
            }
        };
        let opened = tokio::time::timeout(LETS_GO_WITHIN, opening).await.expect("it lets go");
        opened.close().await.unwrap();
        let records = records(&config.data_dir);
        let mut keys = BTreeSet::new();
        for key in records.iter().filter_map(|record| record.idempotency.as_ref()).map(|it| &it.key) {
            assert!(keys.insert(key), "{name}: {key} is on record twice");
            assert!(!self.unrecorded.contains(key), "{name}: {key} was not recorded");
        }
        assert!(self.acknowledged.keys().all(|key| keys.contains(key)), "{name}: something is lost");
        let key = master_key_at_hand(config).unwrap();
        let there: BTreeSet<_> =
            Vault::look(&config.data_dir.join("vault"), &key).unwrap().into_iter().collect();
        let ended = records.iter().flat_map(|record| record.event.ended_entries());
        assert_eq!(ended.filter(|id| there.contains(id)).count(), 0, "{name}: an ended secret is there");
        let kept = records.iter().filter_map(|record| record.event.created_secret()).next_back().unwrap();
        assert!(there.contains(&kept.0.bytes()), "{name}: the newest secret is lost");
    }
}

fn is_in(step: &mfa_ledger::disk::Step, dir: &str) -> bool {
    step.act.path().parent().is_some_and(|parent| parent.ends_with(dir))
}
