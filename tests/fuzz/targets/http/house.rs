//! The house that is asked, and those who live in it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use futures_util::StreamExt;
use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::disk::Disk;
use mfa_ledger::follow::seal::{Begin, Sealer};
use mfa_ledger::http::{Options, router};
use mfa_ledger::keyring::Keyring;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::log::{Entry, Log, Position};
use mfa_ledger::react::detect::Rules;
use mfa_ledger::service::{Caller, Service, command};
use mfa_ledger::tlog::TileBuilder;
use mfa_ledger_schemas::bodies::{AlertRaised, Commitment};
use mfa_ledger_schemas::{AlertId, Severity};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower_service::Service as _;

use super::super::scratch;
use crate::support::house::{House, parts};

/// Whoever asks, asks from here.
pub const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// A proxy, which is believed about addresses.
pub const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

/// A furnished house: everything in it, as bytes.
struct Furnished {
    log: Vec<Entry>,
    slots: Vec<u8>,
    sealed: Vec<u8>,
    unix_ms: i64,
    known: Known,
}

/// What lives in the house, and has names that a request can use.
#[derive(Clone)]
pub struct Known {
    /// The token of a super administrator who has just shown the second factor.
    pub token: String,
    /// The token of a program with every scope.
    pub program: String,
    pub administrators: Vec<String>,
    pub requests: Vec<String>,
    pub programs: Vec<String>,
    pub alerts: Vec<String>,
    pub silences: Vec<String>,
    pub webhooks: Vec<String>,
    pub positions: Vec<String>,
    /// Words that mean something here: user names, passwords, time zones, a ticket.
    pub words: Vec<String>,
}

/// A copy of it, in which anything may be done.
pub struct Prey {
    pub runtime: Runtime,
    pub service: Arc<Service>,
    pub known: Known,
    /// Problems whose pages have been looked at.
    pub pages: BTreeSet<String>,
    router: Router,
    log: Arc<Memory>,
    records: u64,
    _dir: tempfile::TempDir,
}

thread_local! {
    static FURNISHED: OnceCell<Furnished> = const { OnceCell::new() };
}

impl Prey {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        FURNISHED.with(|furnished| {
            let furnished = furnished.get_or_init(|| runtime.block_on(furnish()));
            Self::copy_of(furnished, runtime)
        })
    }

    fn copy_of(furnished: &Furnished, runtime: Runtime) -> Self {
        let dir = scratch();
        std::fs::write(dir.path().join("slots"), &furnished.slots).expect("it can be written");
        std::fs::write(dir.path().join("sealed"), &furnished.sealed).expect("it can be written");
        let log = Arc::new(Memory::new());
        let (clock, chance) = (Arc::new(Clock::manual(furnished.unix_ms)), Arc::new(Chance::seeded(2)));
        let (service, router) = runtime.block_on(async {
            for Entry { stream, record, .. } in &furnished.log {
                log.append(stream, &[], record.clone()).await.expect("memory takes it");
            }
            let shared: Arc<dyn Log> = Arc::<Memory>::clone(&log);
            let service = Service::start(parts(Arc::clone(&shared), dir.path(), clock, chance));
            service.catch_up().await.expect("it folds");
            let sealer = Some(Arc::new(sealed(&shared, dir.path()).await));
            let trusted_proxies = vec![PROXY];
            // Nothing follows the log, so that what is in it comes from those who ask.
            let rules = Some(Arc::new(Rules::pack()));
            let options =
                Options { attempts_per_second: 0, trusted_proxies, sealer, rules, ..Options::default() };
            (Arc::clone(&service), router(service, options))
        });
        let records = furnished.log.len() as u64;
        let known = furnished.known.clone();
        let pages = BTreeSet::new();
        Self { runtime, service, known, pages, router, log, records, _dir: dir }
    }

    /// Whether nothing was recorded since it was made.
    pub fn unchanged(&self) -> bool {
        self.records() == self.records
    }

    /// How many records the log holds.
    pub fn records(&self) -> u64 {
        self.runtime.block_on(self.log.head()).expect("memory has a head").0
    }

    /// The records after a position.
    pub fn since(&self, position: u64) -> Vec<Entry> {
        let count = usize::try_from(self.records() - position).expect("few");
        let entries = self.log.read(Position(position)).take(count);
        self.runtime.block_on(entries.map(|entry| entry.expect("memory reads")).collect())
    }

    /// Asks from an address.
    pub fn ask(&self, from: IpAddr, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from, 40_000)));
        let mut router = self.router.clone();
        let answer: Result<_, Infallible> = self.runtime.block_on(router.call(request));
        answer.unwrap_or_else(|never| match never {})
    }
}

/// A sealer that has signed for all of the log.
async fn sealed(log: &Arc<dyn Log>, dir: &Path) -> Sealer {
    let keyring = Arc::new(Keyring::generate("fuzzed", &Chance::seeded(3)));
    let (tree, data_dir, disk) = (TileBuilder::default(), dir.to_owned(), Disk::real());
    let (last, unwritten) = (keyring.of_empty_log(), Vec::new());
    let sealer = Sealer::start(log, Begin { tree, unwritten, last, keyring, data_dir, disk });
    let head = log.head().await.expect("memory has a head").0;
    let mut newest = sealer.watch();
    let reached = newest.wait_for(|sealed| sealed.signed.checkpoint.size == head).await;
    reached.expect("it goes on");
    sealer
}

async fn furnish() -> Furnished {
    let log = Arc::new(Memory::new());
    let shared: Arc<dyn Log> = Arc::<Memory>::clone(&log);
    let house = House::open_on(shared, Options { attempts_per_second: 0, ..Options::default() }).await;
    let known = people(&house).await;
    let head = log.head().await.expect("memory has a head");
    let count = usize::try_from(head.0).expect("few records");
    let entries = log.read(Position::START).take(count).map(|entry| entry.expect("memory reads"));
    let read = |name| std::fs::read(house.dir().join(name)).expect("the vault has two files");
    Furnished {
        log: entries.collect().await,
        slots: read("slots"),
        sealed: read("sealed"),
        unix_ms: house.now().unix_ms(),
        known,
    }
}

/// Three people, a reset, an open request, and a program.
async fn people(house: &House) -> Known {
    let mut boss = house.super_admin("boss").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    let (dana, joe) =
        (house.enrolled("dana", "help-desk").await, house.enrolled("joe", "general-staff").await);
    let done = async |path: &str, body| house.post(path).as_(&boss).json(&body).send().await.ok(201);
    house.step_up(&boss).await;
    let reset = format!("/v1/administrators/{}/mfa/reset", joe.id);
    let reset = done(&reset, story(house, "confirmation", &joe.user_name)).await;
    let request = done("/v1/reset-requests", story(house, "administrator", &dana.id)).await;
    let scopes = ["verify-second-factor", "view-mfa", "view-activity", "export-activity", "request-reset"];
    let program = done("/v1/service-accounts", json!({"name": "Tickets", "scopes": scopes})).await;
    let silence = json!({"rule": "burst-of-resets", "hours": 1, "note": "x"});
    let silence = done("/v1/silences", silence).await;
    let alert = AlertRaised {
        alert: AlertId::from_bytes([8; 16]),
        rule: "burst-of-resets".parse().expect("an id"),
        rule_sha256: Commitment([1; 32]),
        title: "Joe".to_owned(),
        severity: Severity::High,
        group: "x".to_owned(),
        positions: vec![mfa_ledger_schemas::Position(1)],
    };
    house.execute(Caller::System("detect"), command::RaiseAlert(alert.clone())).await;
    let webhook = json!({"url": "https://hooks.example.org/", "description": "x"});
    let webhook = done("/v1/webhooks", webhook).await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let words = ["Joe", "T-1", "Europe/Prague", "mfa.reset", "help-desk", "x", "127.0.0.1"];
    Known {
        token: boss.token.clone(),
        program: text(&program["token"]),
        administrators: [&dana, &joe, &boss].map(|person| person.id.clone()).to_vec(),
        requests: vec![text(&request["reset_request"])],
        programs: vec![text(&program["service_account"])],
        alerts: vec![alert.alert.to_string()],
        silences: vec![text(&silence["silence"])],
        webhooks: vec![text(&webhook["webhook"])],
        positions: vec![reset["position"].to_string(), "1".to_owned()],
        words: [&dana, &joe, &boss]
            .into_iter()
            .flat_map(|person| [person.user_name.clone(), person.password.clone()])
            .chain(words.map(str::to_owned))
            .collect(),
    }
}

fn story(house: &House, whose: &str, name: &str) -> Value {
    json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Joe", "reason_text": "as told",
        "requester_contact": "joe@example.org", "requested_at": house.now(), "ticket": "T-1", whose: name,
    })
}
