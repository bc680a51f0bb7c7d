//! A whole server within the test: the log in memory, the clock set by hand, HTTP on a free port.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::console;
use mfa_ledger::disk::Disk;
use mfa_ledger::http::{Options, router};
use mfa_ledger::log::Log;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::react::detect::{Detector, Rules};
use mfa_ledger::service::command::ChangeSettings;
use mfa_ledger::service::{Call, Caller, Done, Guard, Parts, Service, UseCase, command, presets};
use mfa_ledger::vault::hashing::{HashCost, Hashing};
use mfa_ledger::vault::{MasterKey, Vault};
use mfa_ledger_schemas::{Instant, LedgerId, Personal};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// When every house opens: Monday, 4 May 2026, 09:00 UTC.
pub const MORNING: i64 = 1_777_885_200_000;
/// The ledger of a house, unless the test wants another.
const LEDGER: LedgerId = LedgerId::from_bytes([1; 16]);

/// The server, and whom to ask when HTTP is not enough.
pub struct House {
    pub base: String,
    pub service: Arc<Service>,
    clock: Arc<Clock>,
    client: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
    /// Where the vault lies.
    dir: tempfile::TempDir,
}

/// What the service of every house is made of.
pub fn parts(log: Arc<dyn Log>, dir: &Path, clock: Arc<Clock>, chance: Arc<Chance>) -> Parts {
    let master = MasterKey::from_bytes([7; 32]);
    let vault = Vault::open(dir, &master, Disk::real(), Arc::clone(&chance)).expect("a vault");
    let cheap = HashCost { memory_kib: 8, passes: 1, lanes: 1 };
    let hashing = Arc::new(Hashing::with_threads(cheap, 1, 64).expect("a pool"));
    let (ledger, guard, snapshots) = (LEDGER, Guard::off(), None);
    Parts { log, vault, master, hashing, clock, chance, ledger, guard, snapshots }
}

/// An administrator, with all that they know and carry.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub user_name: String,
    pub password: String,
    /// The session's token; empty before the first log-in.
    pub token: String,
    /// The seed in base32, once enrolled.
    pub seed: Option<String>,
    pub backup_codes: Vec<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The body, `null` where it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The status, and the code of a problem.
    pub fn told(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }

    /// The body of a success with this status.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.body
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A request in the making.
pub struct Ask<'a> {
    house: &'a House,
    request: reqwest::RequestBuilder,
}

impl Ask<'_> {
    pub fn as_(mut self, person: &Person) -> Self {
        self.request = self.request.bearer_auth(&person.token);
        self
    }

    pub fn token(mut self, token: &str) -> Self {
        self.request = self.request.bearer_auth(token);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    pub fn body(mut self, body: &'static str) -> Self {
        self.request = self.request.body(body);
        self
    }

    pub fn text(mut self, body: String) -> Self {
        self.request = self.request.body(body);
        self
    }

    pub async fn send(self) -> Answer {
        let _ = self.house;
        let response = self.request.send().await.expect("the house answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("answers are UTF-8");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, body }
    }
}

impl House {
    /// Opens a house with the recommended roles and the preset settings, and nobody in it.
    pub async fn open() -> Self {
        Self::open_with(Options { attempts_per_second: 0, ..Options::default() }).await
    }

    /// The same, of a ledger with another id.
    pub async fn open_another() -> Self {
        let options = Options { attempts_per_second: 0, ..Options::default() };
        let another = LedgerId::from_bytes([2; 16]);
        Self::build(Arc::new(Memory::new()), options, Guard::off(), None, another).await
    }

    /// The same, with an API that is run another way.
    pub async fn open_with(options: Options) -> Self {
        Self::open_on(Arc::new(Memory::new()), options).await
    }

    /// The same, on a log of the test's own.
    pub async fn open_on(log: Arc<dyn Log>, options: Options) -> Self {
        Self::open_guarded(log, options, Guard::off()).await
    }

    /// The same, with a watch over the room on some disk.
    pub async fn open_guarded(log: Arc<dyn Log>, options: Options, guard: Guard) -> Self {
        Self::open_watched(log, options, guard, None).await
    }

    /// The same, with detection by these rules.
    pub async fn open_watched(
        log: Arc<dyn Log>,
        options: Options,
        guard: Guard,
        rules: Option<Rules>,
    ) -> Self {
        Self::build(log, options, guard, rules, LEDGER).await
    }

    async fn build(
        log: Arc<dyn Log>,
        mut options: Options,
        guard: Guard,
        rules: Option<Rules>,
        ledger: LedgerId,
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (clock, chance) = (Arc::new(Clock::manual(MORNING)), Arc::new(Chance::seeded(1)));
        let parts = parts(log, dir.path(), Arc::clone(&clock), chance);
        let service = Service::start(Parts { guard, ledger, ..parts });
        if let Some(rules) = rules.map(Arc::new) {
            options.rules = Some(Arc::clone(&rules));
            options.detector = Some(Arc::new(Detector::start(Arc::clone(&service), rules)));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let api = router(Arc::clone(&service), options);
        let app = api.clone().merge(console::router(api, Arc::clone(&clock), None));
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        let house = Self { base, service, clock, client: crate::support::http(), server, dir };
        house.settings(ChangeSettings::default()).await;
        for role in presets::roles() {
            house.operate(role).await;
        }
        house
    }

    /// Changes the settings.
    pub async fn settings(&self, change: ChangeSettings) {
        self.operate(change).await;
    }

    /// Makes MFA required of everybody.
    pub async fn require_mfa(&self) {
        self.settings(ChangeSettings { mfa_required_for_all: Some(true), ..ChangeSettings::default() }).await;
    }

    /// A command at the machine's own command line.
    pub async fn operate<C: UseCase>(&self, command: C) -> Done<C::Ending> {
        self.execute(Caller::Operator("root".to_owned()), command).await
    }

    /// A command of anybody, that is carried out.
    pub async fn execute<C: UseCase>(&self, caller: Caller, command: C) -> Done<C::Ending> {
        let answer = self.service.execute(Call::by(caller, "house"), command).await;
        answer.expect("the house is open").expect("no rule refuses it")
    }

    /// The time.
    pub fn now(&self) -> Instant {
        Instant::from_unix_ms(self.clock.unix_ms())
    }

    /// Lets so many seconds pass; a code of the authenticator app is good for thirty.
    pub fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.unix_ms() + seconds * 1_000);
    }

    /// Registers an administrator, who has not logged in yet.
    pub async fn admin(&self, user_name: &str, role: &str) -> Person {
        self.register(user_name, role, false).await
    }

    /// Registers a super administrator.
    pub async fn super_admin(&self, user_name: &str) -> Person {
        self.register(user_name, "system-administrator", true).await
    }

    async fn register(&self, user_name: &str, role: &str, super_administrator: bool) -> Person {
        let command = command::RegisterAdministrator {
            user_name: user_name.to_owned(),
            role: role.parse().expect("a role id"),
            super_administrator,
            personal: Personal::new(
                format!("{user_name} of the house"),
                vec![format!("{user_name}@example.org")],
            ),
        };
        let done = self.operate(command).await;
        let event = &done.event;
        Person {
            id: event.administrator.to_string(),
            user_name: user_name.to_owned(),
            password: done.shown.secret().expect("a generated password").expose().to_owned(),
            token: String::new(),
            seed: None,
            backup_codes: Vec::new(),
        }
    }

    /// Logs in, with the second factor where there is one.
    pub async fn log_in(&self, person: &mut Person) {
        let body = json!({"user_name": person.user_name, "password": person.password});
        let session = self.post("/v1/session").json(&body).send().await.ok(201);
        session["token"].as_str().expect("a token").clone_into(&mut person.token);
        if session["next"] == "verify" {
            self.step_up(person).await;
        }
    }

    /// Proves the second factor, with a fresh code.
    pub async fn step_up(&self, person: &Person) {
        let body = json!({"code": self.code(person)});
        self.post("/v1/session/second-factor").as_(person).json(&body).send().await.ok(200);
    }

    /// Enrolls somebody who is logged in.
    pub async fn enroll(&self, person: &mut Person) {
        let begun = self.post("/v1/me/mfa/enrollment").as_(person).send().await.ok(201);
        let key = begun["manual_key"].as_str().expect("a key");
        person.seed = Some(key.replace([' ', '-'], ""));
        let body = json!({"code": self.code(person)});
        let path = "/v1/me/mfa/enrollment/confirm";
        let enabled = self.post(path).as_(person).json(&body).send().await.ok(200);
        let codes = enabled["backup_codes"].as_array().expect("backup codes").iter();
        person.backup_codes = codes.map(|code| code.as_str().expect("a code").to_owned()).collect();
    }

    /// Registers, logs in and enrolls.
    pub async fn enrolled(&self, user_name: &str, role: &str) -> Person {
        let mut person = self.admin(user_name, role).await;
        self.log_in(&mut person).await;
        self.enroll(&mut person).await;
        person
    }

    /// The next code that the authenticator app shows: another program's, so that both must agree. Lets a
    /// time step pass first, since every code is accepted once.
    pub fn code(&self, person: &Person) -> String {
        self.pass(30);
        self.code_at(person, self.now())
    }

    /// The code of a moment.
    #[expect(clippy::unused_self, reason = "a house's tools are asked of the house")]
    pub fn code_at(&self, person: &Person, at: Instant) -> String {
        let seed = person.seed.as_deref().expect("an enrolled person");
        let now = format!("@{}", at.unix_seconds());
        let tool = Command::new("oathtool").args(["--totp=sha1", "-b", "--now", &now, seed]).output();
        let output = tool.expect("oathtool is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("digits").trim().to_owned()
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PUT, path)
    }

    pub fn patch(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask { house: self, request: self.client.request(method, format!("{}{path}", self.base)) }
    }

    /// The directory of the vault.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// How many records the log holds.
    pub fn records(&self) -> u64 {
        self.service.peek(|state| state.position().0)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.server.abort();
    }
}
