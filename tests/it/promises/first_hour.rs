//! A stranger's first hour, with `mfa-ledger demo` and nothing but what it prints.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::support::client::Client;
use crate::support::server::{Server, now, text, totp};

/// From the start to the first answer.
const UP_WITHIN: Duration = Duration::from_secs(20);

/// The demo that runs, and what it printed.
struct Demo {
    printed: String,
    url: String,
    child: Child,
    directory: TempDir,
}

impl Demo {
    fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut child = Command::new(env!("CARGO_BIN_EXE_mfa-ledger"))
            .arg("demo")
            .env("TMPDIR", directory.path())
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut printed = String::new();
        while !printed.contains("Stop with Ctrl-C") {
            assert!(stdout.read_line(&mut printed).expect("it prints text") > 0, "it ended:\n{printed}");
        }
        let url = after(&printed, "API ").to_owned();
        Self { printed, url, child, directory }
    }

    /// The password in an account's line, which lies between its name and what is said about it.
    fn password(&self, user_name: &str) -> &str {
        let line = self.printed.lines().find_map(|line| line.trim().strip_prefix(user_name));
        let line = line.unwrap_or_else(|| panic!("no account {user_name}:\n{}", self.printed)).trim();
        line.split("  ").next().unwrap_or_default()
    }

    /// What the printed line that makes codes gives, pasted into a shell.
    fn help_desk_code(&self) -> String {
        bash(after(&self.printed, "A code for hanna.desk: ")).trim().to_owned()
    }

    fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Ctrl-C.
    fn stop(mut self) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.expect("there is kill").success());
        assert!(self.child.wait().expect("it ends").success());
        let left = std::fs::read_dir(self.directory.path()).expect("it can be read").count();
        assert_eq!(left, 0, "everything went with it");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// The rest of the line behind these words.
fn after<'a>(printed: &'a str, words: &str) -> &'a str {
    let rest = printed.split(words).nth(1).unwrap_or_else(|| panic!("no {words:?} in\n{printed}"));
    rest.lines().next().unwrap_or_default().trim()
}

/// Pastes lines into a shell.
fn bash(lines: &str) -> String {
    let output = Command::new("bash").args(["-c", lines]).stdin(Stdio::null()).output().expect("bash");
    assert!(output.status.success(), "{lines}\n{}", text(&output.stderr));
    text(&output.stdout)
}

/// The secret in an `otpauth://` URI.
fn secret(uri: &str) -> &str {
    let rest = uri.split("secret=").nth(1).unwrap_or_else(|| panic!("no secret in {uri}"));
    rest.split('&').next().unwrap_or_default()
}

/// Enrolls with an app that scanned the URI.
async fn enroll(client: &Client, seconds_fast: u32) -> Value {
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    let uri = begun["otpauth_uri"].as_str().expect("a URI");
    let code = json!({ "code": totp(secret(uri), seconds_fast) });
    client.post("/v1/me/mfa/enrollment/confirm", &code).await.ok(200)
}

/// Registers somebody: their id and password.
async fn register(root: &Client, user_name: &str, role: &str) -> (String, String) {
    let who = json!({
        "user_name": user_name, "display_name": user_name, "emails": ["fresh@example.org"], "role": role,
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let own = |key: &str| made[key].as_str().expect("text").to_owned();
    (own("administrator"), own("password"))
}

/// Resets somebody as the guide wants it documented, and looks for the one entry of it.
async fn reset((desk, performer): (&Client, &str), reader: &Client, user_name: &str, id: &str, ticket: &str) {
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": user_name,
        "requester_contact": "+1 555 0100", "requested_at": now(),
        "ticket": ticket, "confirmation": user_name,
    });
    let done = desk.post(&format!("/v1/administrators/{id}/mfa/reset"), &story).await.ok(201);
    let page = reader.get(&format!("/v1/activity?action=mfa.reset&ticket={ticket}")).await.ok(200);
    let entries = page["data"].as_array().expect("a page");
    assert_eq!(entries.len(), 1, "one reset, one entry: {page}");
    let entry = &entries[0];
    assert_eq!(entry["position"], done["position"]);
    assert_eq!((&entry["outcome"], &entry["void"]), (&json!("success"), &json!(false)), "{entry}");
    assert_eq!(
        (&entry["actor"]["name"], &entry["target"]["user_name"]),
        (&performer.into(), &user_name.into())
    );
    assert_eq!(entry["origin"]["address"], "127.0.0.1");
    assert_eq!(entry["target"]["administrator"], id);
    let (details, told) = (&entry["details"], &entry["details"]["story"]);
    assert_eq!(
        (&details["status_before"], &details["status_after"]),
        (&"enabled".into(), &"not_enabled".into())
    );
    assert_eq!((&details["backup_codes_left"], &details["epoch"]), (&10.into(), &1.into()), "{details}");
    for member in ["reason", "verification", "ticket", "requested_at"] {
        assert_eq!(told[member], story[member], "{entry}");
    }
    for member in ["requester_name", "requester_contact"] {
        assert_eq!(entry["words"][member], story[member], "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_through_the_first_hour_with_what_the_demo_prints() {
    let began = Instant::now();
    let demo = Demo::start();
    demo.client().get("/readyz").await.ok(200);
    assert!(began.elapsed() < UP_WITHIN, "up after {:?}", began.elapsed());

    // Three lines to paste.
    bash("command -v curl || { echo 'this test needs curl: apt-get install curl' >&2; exit 1; }");
    let lines: Vec<_> = demo.printed.lines().filter(|line| line.contains("curl ")).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in &lines[1..] {
        let shown: Value = serde_json::from_str(&bash(&format!("{}\n{line}", lines[0]))).expect("JSON");
        let entries = shown["data"].as_array().unwrap_or_else(|| panic!("{line}\n{shown}"));
        assert_eq!(entries.len(), 3, "{line}");
    }
    let shown: Value = serde_json::from_str(&bash(&lines[..2].join("\n"))).expect("JSON");
    assert!(shown["data"].as_array().expect("a page").iter().all(|it| it["action"] == "mfa.reset"));

    // Both log in with a code of an authenticator that scanned the printed URI.
    let (root, session) = demo.client().log_in("ada.root", demo.password("ada.root")).await;
    assert_eq!(session["next"], "verify");
    let code = json!({ "code": totp(secret(after(&demo.printed, "ada.root?")), 0) });
    root.post("/v1/session/second-factor", &code).await.ok(200);
    // What was planted beside the reset is noticed.
    for rule in ["suspicious-report", "reported-then-reset", "address-changed-then-reset"] {
        let alerts = root.get("/v1/alerts?limit=100").await.ok(200);
        let found = alerts["data"].as_array().expect("a page").iter().filter(|it| it["rule"] == rule).count();
        assert_eq!(found, 1, "{rule}: {alerts}");
    }
    let (desk, session) = demo.client().log_in("hanna.desk", demo.password("hanna.desk")).await;
    assert_eq!(session["next"], "verify");
    let code = json!({ "code": demo.help_desk_code() });
    desk.post("/v1/session/second-factor", &code).await.ok(200);
    let dana = desk.get("/v1/administrators?q=dana.reyes&mfa=enabled").await.ok(200);
    assert_eq!(
        dana["data"].as_array().map(Vec::len),
        Some(1),
        "whoever lost her phone has MFA to reset: {dana}"
    );
    assert!(demo.printed.contains("dana.reyes has lost her phone: reset her MFA as hanna.desk."));
    let (reader, _) = demo.client().log_in("otto.audit", demo.password("otto.audit")).await;

    // Where the role requires MFA, the way after a reset leads through an enrollment; elsewhere it is free.
    for (name, role, required) in
        [("fresh.security", "security-officer", true), ("fresh.staff", "general-staff", false)]
    {
        let (id, password) = register(&root, name, role).await;
        let expected = if required { "enroll" } else { "done" };
        let (fresh, session) = demo.client().log_in(name, &password).await;
        assert_eq!(session["next"], expected, "{name}");
        enroll(&fresh, 0).await;
        // The help desk does not reset people with more permissions than it has.
        let performer = if required { (&root, "ada.root") } else { (&desk, "hanna.desk") };
        reset(performer, &reader, name, &id, &format!("HD-{name}")).await;
        assert_eq!(fresh.get("/v1/me").await.status, 401, "the sessions have ended");
        let (fresh, session) = demo.client().log_in(name, &password).await;
        assert_eq!(session["next"], expected, "{name}");
        let roles = fresh.get("/v1/roles").await;
        if required {
            assert_eq!((roles.status, &roles.json["code"]), (403, &"enrollment-required".into()));
            enroll(&fresh, 30).await;
        }
        assert_eq!(fresh.get("/v1/me").await.ok(200)["user_name"], name);
    }
    let (_, session) = demo.client().log_in("sven.security", demo.password("sven.security")).await;
    assert_eq!(session["next"], "enroll");
    demo.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_everything_is_still_there() {
    let server = Server::start();
    let (root, _) = server.root().await;
    let (_, password) = register(&root, "fresh", "general-staff").await;
    let (fresh, _) = server.client().log_in("fresh", &password).await;
    let enabled = enroll(&fresh, 0).await;
    let looks =
        ["/v1/administrators", "/v1/roles", "/v1/settings", "/v1/activity?action=mfa.enabled", "/v1/me"];
    let mut before = Vec::new();
    for path in looks {
        before.push(root.get(path).await.ok(200));
    }
    let (status, place, first) = server.end();
    assert!(status.success());

    let server = Server::on(place, first, &[]);
    let root = server.client().with_token(root.token.as_deref().expect("logged in"));
    for (path, before) in looks.iter().zip(before) {
        assert_eq!(root.get(path).await.ok(200), before, "{path}");
    }
    let (fresh, session) = server.client().log_in("fresh", &password).await;
    assert_eq!(session["next"], "verify", "the authenticator is still there");
    let backup_code = json!({ "backup_code": enabled["backup_codes"][9] });
    fresh.post("/v1/session/second-factor", &backup_code).await.ok(200);
}
