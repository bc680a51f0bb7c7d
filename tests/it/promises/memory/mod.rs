//! Secrets are wiped after use: what the server was told or has shown is not in its memory any more once the answer is
//! sent, and a destroyed key slot is gone from there as well.

mod by_hand;
mod scene;

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use mfa_ledger::vault::backup_codes::BackupCode;
use serde_json::json;

use crate::console::visitor::{SESSION, Visitor};
use crate::support::memory::Needles;
use crate::support::server::{Place, Server, now, totp};
use by_hand::by_hand;
use scene::{Person, Scene, text};

/// Bytes of a key slot.
const SLOT: usize = 64;

/// Bytes of the header page before the slots.
const HEADER: usize = 4096;

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
    new.clone_into(&mut dana.password);
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
    let fields = [("key", page.field("key")), ("begun_key", page.field("begun_key")), ("code", code.clone())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = browser.post("/console/me/enrollment/confirm", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let codes: Vec<_> = page.text.split("<li>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    let codes: Vec<_> =
        codes.into_iter().filter(|code| BackupCode::parse(code).is_some()).map(str::to_owned).collect();
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
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
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
        "requester_contact": "+1 555 0100", "requested_at": now(),
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

/// A server run by somebody other than root: the files of its process tell whether it may be dumped.
#[test]
fn the_process_of_a_server_cannot_be_dumped() {
    const NOBODY: u32 = 65534;
    let (place, _) = Place::initialised();
    let binary = place.outside().join("mfa-ledger");
    std::fs::copy(env!("CARGO_BIN_EXE_mfa-ledger"), &binary).expect("it can be copied");
    let given = Command::new("chown").args(["-R", &NOBODY.to_string()]).arg(place.outside()).status();
    assert!(
        given.expect("there is chown").success(),
        "this test gives files to another user: run it as root"
    );
    let mut server = Command::new(&binary)
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(place.data_dir())
        .uid(NOBODY)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
    let process = Path::new("/proc").join(server.id().to_string());
    let limits = std::fs::read_to_string(process.join("limits")).expect("limits");
    let running = std::fs::read_to_string(process.join("status")).expect("its status");
    let owner = std::fs::metadata(process.join("mem")).map(|memory| memory.uid());
    server.kill().expect("it can be killed");
    server.wait().expect("it ends");

    assert!(line.contains("listening"), "{line}");
    assert!(running.contains("\nUid:\t65534\t"), "{running}");
    assert_eq!(
        owner.expect("there is a process"),
        0,
        "the memory of a process that can be dumped is its user's"
    );
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_a_request_has_at_most_8192_bytes() {
    const HEAD_BYTES: usize = 8 * 1024;
    let server = Server::start();
    for (bytes, status) in [(HEAD_BYTES, "200"), (HEAD_BYTES + 1, "431")] {
        let (start, end) = ("GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ", "\r\n\r\n");
        let request = format!("{start}{}{end}", "a".repeat(bytes - start.len() - end.len()));
        assert_eq!(by_hand::status(&server, &request).await, status, "{bytes} bytes");
    }
}
