//! Secrets are wiped after use: what the server was told or has shown is not in its memory any more once the answer is
//! sent, and a destroyed key slot is gone from there as well.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use mfa_ledger::vault::backup_codes::BackupCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::console::visitor::{SESSION, Visitor};
use crate::support::client::Client;
use crate::support::grep;
use crate::support::memory::{Find, Needles};
use crate::support::server::{FIRST, Server, totp};

/// What stays for a while, and what stands around it: see `SECURITY.md`, "Secrets in memory". The list should only ever
/// shrink.
const EXEMPT: &[(&str, Context)] = &[
    // The head of the answer to a log-in, in the HTTP library's buffer for heads of answers.
    ("session token", Context { before: b"__Host-mfa_ledger_session=", behind: b"; Path=/; Secure; HttpOnly" }),
];

struct Context {
    before: &'static [u8],
    behind: &'static [u8],
}

/// How long the server has to finish after its last answer.
const WITHIN: Duration = Duration::from_secs(10);

/// Bytes of a key slot.
const SLOT: usize = 64;

/// Bytes of the header page before the slots.
const HEADER: usize = 4096;

struct Scene {
    server: Server,
    needles: Needles,
    root: Client,
}

struct Person {
    id: String,
    password: String,
    client: Client,
    key: String,
    backup_codes: Vec<String>,
}

impl Scene {
    async fn open() -> Self {
        let server = Server::start();
        let mut needles = Needles::default();
        note(&mut needles, "first password", &server.password);
        let (root, _) = log_in(&mut needles, &server, FIRST, &server.password).await;
        Self { server, needles, root }
    }

    async fn log_in(&mut self, user_name: &str, password: &str) -> Client {
        log_in(&mut self.needles, &self.server, user_name, password).await.0
    }

    fn note(&mut self, what: &str, secret: &str) {
        note(&mut self.needles, what, secret);
    }

    /// A code of six digits: found by accident without what is written around it.
    fn note_code(&mut self, code: &str) {
        for around in [format!("\"code\":\"{code}\""), format!("code={code}")] {
            self.needles.add("TOTP code", around.as_bytes());
        }
    }

    fn note_backup_codes(&mut self, codes: &[String]) {
        for code in codes {
            self.needles.add("backup code", code.as_bytes());
            self.needles.add("backup code in one piece", code.replace('-', "").as_bytes());
            assert!(BackupCode::parse(code).is_some(), "{code}");
        }
    }

    fn note_seed(&mut self, manual_key: &str) -> String {
        let key = manual_key.replace([' ', '-'], "");
        let seed = BASE32_NOPAD.decode(key.as_bytes()).expect("base32");
        for (form, bytes) in grep::forms(&seed) {
            self.needles.add(format!("seed, {form}"), &bytes);
        }
        key
    }

    async fn register(&mut self, user_name: &str, role: &str) -> (String, String) {
        let who = json!({
            "user_name": user_name, "display_name": user_name, "emails": ["p@example.org"], "role": role,
        });
        let made = self.root.post("/v1/administrators", &who).await.ok(201);
        let password = text(&made["password"]);
        self.note("generated password", &password);
        (text(&made["administrator"]), password)
    }

    /// Registers, logs in and enrolls.
    async fn enrolled(&mut self, user_name: &str, role: &str) -> Person {
        let (id, password) = self.register(user_name, role).await;
        let client = self.log_in(user_name, &password).await;
        let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
        let key = self.note_seed(&text(&begun["manual_key"]));
        let code = totp(&key, 0);
        self.note_code(&code);
        let enabled =
            client.post("/v1/me/mfa/enrollment/confirm", &json!({ "code": code })).await.ok(200);
        let backup_codes: Vec<_> =
            enabled["backup_codes"].as_array().expect("codes").iter().map(text).collect();
        self.note_backup_codes(&backup_codes);
        Person { id, password, client, key, backup_codes }
    }

    /// What is in the server's memory of all that was noted, without what is exempt.
    fn found(&self) -> Vec<Find> {
        let exempt = |find: &Find| {
            EXEMPT.iter().any(|(what, context)| {
                find.what.starts_with(what)
                    && (find.before.ends_with(context.before) || find.behind.starts_with(context.behind))
            })
        };
        self.needles.found_in(self.server.pid()).into_iter().filter(|find| !exempt(find)).collect()
    }

    /// Waits until nothing is there any more.
    async fn nothing_left(&self, after: &str) {
        let until = tokio::time::Instant::now() + WITHIN;
        loop {
            let found = self.found();
            if found.is_empty() {
                return;
            }
            if tokio::time::Instant::now() > until {
                let told: Vec<_> = found.iter().map(told).collect();
                panic!("after {after}, {} are in memory:\n{}", found.len(), told.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn told(find: &Find) -> String {
    let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
    format!("{} in {}: {} [...] {}", find.what, find.place, shown(&find.before), shown(&find.behind))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Notes a text of letters as it is, and in the forms that it goes through.
fn note(needles: &mut Needles, what: &str, secret: &str) {
    assert!(secret.len() >= 12, "a shorter secret is found by accident: {what}");
    needles.add(what, secret.as_bytes());
    for (form, bytes) in grep::forms(secret.as_bytes()).into_iter().filter(|(form, _)| form != "raw") {
        needles.add(format!("{what}, {form}"), &bytes);
    }
}

async fn log_in(needles: &mut Needles, server: &Server, user_name: &str, password: &str) -> (Client, Value) {
    let (client, session) = server.client().log_in(user_name, password).await;
    needles.add("session token", text(&session["token"]).as_bytes());
    (client, session)
}

/// What people do every day, and what goes wrong.
async fn daily_life(scene: &mut Scene, dana: &mut Person) {
    dana.client = scene.log_in("dana", &dana.password).await;
    let factor = "/v1/session/second-factor";
    let code = totp(&dana.key, 30);
    scene.note_code(&code);
    scene.note_code("135790");
    dana.client.post(factor, &json!({"code": "135790"})).await.ok(401);
    dana.client.post(factor, &json!({"code": code})).await.ok(200);
    dana.client.post(factor, &json!({"backup_code": dana.backup_codes[0]})).await.ok(200);
    let new = "quiet harbour \"97\" lanterns \u{17e}lu\u{165}";
    scene.note("chosen password", new);
    scene.note("chosen password as it is escaped", "quiet harbour \\\"97\\\" lanterns");
    let change = json!({"current_password": dana.password, "new_password": new});
    dana.client.ask(reqwest::Method::PUT, "/v1/me/password", &[], Some(&change)).await.ok(200);
    dana.password = new.to_owned();
    dana.client = scene.log_in("dana", new).await;

    let wrong = "marble staircase 41 unlikely";
    scene.note("wrong password", wrong);
    let anyone = scene.server.client();
    anyone.post("/v1/session", &json!({"user_name": "dana", "password": wrong})).await.ok(401);
    anyone.post("/v1/session", &json!({"user_name": "nobody", "password": wrong})).await.ok(401);
    let typo = "copper umbrella 58 sideways";
    scene.note("password in a malformed body", typo);
    for body in [
        json!({"user_nam": "dana", "password": typo}),
        json!({"password": typo}),
        json!({"user_name": "dana", "password": typo, "more": 1}),
        json!({"user_name": "dana", "password": [typo]}),
        json!([typo]),
        json!(typo),
    ] {
        let answer = anyone.post("/v1/session", &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        assert!(!answer.text.contains(typo), "{}", answer.text);
    }
    // A number where a code is meant is not repeated.
    let answer = dana.client.post("/v1/session/second-factor", &json!({"code": 864_209})).await;
    assert!(answer.status == 400 && !answer.text.contains("864209"), "{}", answer.text);
}

/// A program with a token of its own.
async fn host_application(scene: &mut Scene, dana: &Person) {
    let body = json!({"name": "Ticket system", "scopes": ["verify-second-factor"]});
    let made = scene.root.post("/v1/service-accounts", &body).await.ok(201);
    let token = text(&made["token"]);
    scene.note("service account token", &token);
    let question = json!({"administrator": dana.id, "backup_code": dana.backup_codes[1]});
    scene.server.client().with_token(&token).post("/v1/verify", &question).await.ok(200);
}

/// The same at the console: log-in, enrollment, backup codes, password.
async fn at_the_console(scene: &mut Scene) {
    let (_, password) = scene.register("erik", "general-staff").await;
    let mut browser = Visitor::new(&scene.server.url);
    let wrong = "velvet compass & 73 + rivers";
    scene.note("wrong password at the console", wrong);
    scene.note("wrong password, encoded", &percent(wrong));
    let page = browser.post("/console/log-in", &[("user_name", "erik"), ("password", wrong)]).await;
    assert_eq!(page.status, 401, "{}", page.text);
    scene.note("generated password, encoded", &percent(&password));
    let page = browser.post("/console/log-in", &[("user_name", "erik"), ("password", &password)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    scene.needles.add("session token", browser.cookies[SESSION].as_bytes());

    let page = browser.get("/console/me/enrollment").await;
    let key = page.field("key");
    let page = browser.post("/console/me/enrollment", &[("key", &key)]).await;
    let shown = page.text.split("id=\"manual-key\">").nth(1).and_then(|rest| rest.split('<').next());
    let seed = scene.note_seed(shown.expect("the key is shown"));
    let code = totp(&seed, 0);
    scene.note_code(&code);
    let fields =
        [("key", page.field("key")), ("begun_key", page.field("begun_key")), ("code", code.clone())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = browser.post("/console/me/enrollment/confirm", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let codes: Vec<_> = page.text.split("<li>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    let codes: Vec<_> = codes.into_iter().filter(|code| BackupCode::parse(code).is_some()).map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{}", page.text);
    scene.note_backup_codes(&codes);

    let page = browser.get("/console/me/password").await;
    let new = "orchid turbine ~ 26 cellars";
    scene.note("password chosen at the console", new);
    scene.note("password chosen at the console, encoded", &percent(new));
    let fields = [("key", &*page.field("key")), ("current", &*password), ("new", new), ("again", new)];
    let page = browser.post("/console/me/password", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let code = totp(&seed, 30);
    scene.note_code(&code);
    let key = browser.get("/console/me/backup-codes").await.field("key");
    let page = browser.post("/console/me/backup-codes", &[("key", &key), ("code", &code)]).await;
    assert_eq!(page.status, 200, "{}", page.text);
}

/// As the visitor of the console encodes a field.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Requests as no library sends them.
async fn by_hand(scene: &mut Scene, dana: &Person) {
    let address = scene.server.url.trim_start_matches("http://").to_owned();
    let secret = "walnut telegraph 88 northward";
    scene.note("password in a broken request", secret);
    let whole = format!("{{\"user_name\":\"dana\",\"password\":\"{secret}\"}}");
    let escaped = whole.replace("walnut", "wal\\u006eut");
    scene.note("password with an escape, as it was sent", "wal\\u006eut telegraph 88");
    let cut = &whole[..whole.len() - 1];
    let head = |length: usize, more: &str| {
        format!(
            "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n"
        )
    };
    for (pieces, status) in [
        (vec![format!("{}{whole}", head(whole.len(), ""))], "401"),
        (vec![format!("{}{escaped}", head(escaped.len(), ""))], "401"),
        (vec![format!("{}{whole}", head(whole.len(), "connection: close\r\n"))], "401"),
        (vec![format!("{}{cut}", head(cut.len(), ""))], "400"),
        (vec![head(whole.len(), ""), whole[..30].to_owned(), whole[30..].to_owned()], "401"),
        // Broken off within the body.
        (vec![head(whole.len() + 50, ""), whole.clone()], ""),
        // Refused before the body is asked for.
        (vec![format!("{}{whole}", head(whole.len(), "").replace("session", "webhooks"))], "401"),
        (vec![format!("{}{whole}", head(whole.len(), "").replace("/json", "/xml"))], "415"),
    ] {
        let mut stream = TcpStream::connect(&address).await.expect("a connection");
        for piece in &pieces {
            stream.write_all(piece.as_bytes()).await.expect("it is sent");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        if !status.is_empty() {
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(&answer[9..], status.as_bytes(), "{pieces:?}");
        }
    }
    // The token of a caller who asks for the connection to be closed.
    let token = dana.client.token.clone().expect("logged in");
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let asked = format!("GET /v1/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", answer.escape_ascii());
}

/// The slots in use, as they lie in the file.
fn slots(server: &Server) -> Vec<[u8; SLOT]> {
    let file = std::fs::read(server.place.data_dir().join("vault/slots")).expect("the slots can be read");
    file[HEADER..].as_chunks().0.iter().copied().filter(|slot| *slot != [0; SLOT]).collect()
}

async fn reset(scene: &mut Scene, desk: &Person, dana: &Person) {
    let code = totp(&desk.key, 30);
    scene.note_code(&code);
    desk.client.post("/v1/session/second-factor", &json!({ "code": code })).await.ok(200);
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana Whitfield",
        "requester_contact": "+1 555 0100", "requested_at": "2026-05-04T08:45:00.000Z",
        "ticket": "HD-1042", "confirmation": "dana",
    });
    desk.client.post(&format!("/v1/administrators/{}/mfa/reset", dana.id), &story).await.ok(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_stays_in_the_memory_of_the_server_once_it_was_used() {
    let mut scene = Scene::open().await;
    scene.nothing_left("a log-in").await;
    let desk = scene.enrolled("desk", "help-desk").await;
    let mut dana = scene.enrolled("dana", "general-staff").await;
    scene.nothing_left("two enrollments").await;
    daily_life(&mut scene, &mut dana).await;
    scene.nothing_left("a day's work").await;
    by_hand(&mut scene, &dana).await;
    scene.nothing_left("requests by hand").await;
    host_application(&mut scene, &dana).await;
    let path = format!("/v1/administrators/{}/password-reset", desk.id);
    let answer = scene.root.post(&path, &json!({})).await.ok(200);
    scene.note("password after a reset", &text(&answer["password"]));
    scene.nothing_left("tokens and a password reset").await;
    at_the_console(&mut scene).await;
    scene.nothing_left("an hour at the console").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrapped_keys_of_destroyed_secrets_are_gone_from_memory_as_well() {
    let mut scene = Scene::open().await;
    let desk = scene.enrolled("desk", "help-desk").await;
    let before = slots(&scene.server);
    let dana = scene.enrolled("dana", "general-staff").await;
    // Until they are destroyed they are there, and the search finds them.
    scene.needles = Needles::default();
    for slot in slots(&scene.server).iter().filter(|slot| !before.contains(slot)) {
        scene.needles.add("wrapped key", &slot[16..]);
    }
    let live = scene.found().len();
    assert!(live >= 3, "seed, backup codes, password, personal data: {live}");
    let mut gone = slots(&scene.server);
    reset(&mut scene, &desk, &dana).await;
    let after = slots(&scene.server);
    gone.retain(|slot| !after.contains(slot));
    assert_eq!(gone.len(), 2, "the seed and the backup codes");
    scene.needles = Needles::default();
    for slot in &gone {
        scene.needles.add("destroyed key", &slot[16..]);
    }
    scene.nothing_left("a reset").await;
}
