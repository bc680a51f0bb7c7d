//! A real browser against the real program: the guide's stories, accessibility, no scripts, the keyboard alone.
//! Pictures of every page are kept in `target/console-screenshots`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::asyncapi::packages;
use crate::support::client::Client;
use crate::support::server::{FIRST, Server, now, text, totp};

/// Whom the stories are about.
struct Cast {
    server: Server,
    /// The first administrator, who may do everything.
    root: Client,
    told: Value,
}

/// Enrolls somebody with the code of now: the next one is left for the story.
async fn enroll(client: &Client) -> String {
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    let key = begun["manual_key"].as_str().expect("a key");
    let seed: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let code = json!({ "code": totp(&seed, 0) });
    client.post("/v1/me/mfa/enrollment/confirm", &code).await.ok(200);
    seed
}

impl Cast {
    async fn gather(environment: &[(&str, &str)]) -> Self {
        let server = Server::start_with(environment);
        let (root, _) = server.root().await;
        let seed = server.seed();
        let me = root.get("/v1/me").await.ok(200);
        let mut told = json!({
            "base": server.url, "pictures": pictures(), "pages": [],
            "root": { "user_name": FIRST, "password": server.password, "seed": seed, "id": me["id"] },
        });
        let required = json!({
            "name": "Security Officer", "permissions": ["manage-mfa", "view-activity"], "mfa_required": true,
        });
        root.ask(reqwest::Method::PUT, "/v1/roles/security-officer", &[], Some(&required)).await.ok(200);
        for (key, user_name, name, role) in [
            ("desk", "hanna.desk", "Hanna Desk", "help-desk"),
            ("dana", "dana.reyes", "Dana Reyes", "general-staff"),
            ("sven", "sven.security", "Sven Security", "security-officer"),
            ("third", "third.staff", "Third Staff", "general-staff"),
        ] {
            let who = json!({
                "user_name": user_name, "display_name": name, "emails": [format!("{user_name}@example.org")],
                "role": role,
            });
            let made = root.post("/v1/administrators", &who).await.ok(201);
            told[key] = json!({
                "user_name": user_name, "password": made["password"], "id": made["administrator"], "seed": null,
            });
        }
        Self { server, root, told }
    }

    /// Enrolls one of them.
    async fn enrolled(mut self, key: &str) -> Self {
        let own = |name: &str| self.told[key][name].as_str().expect("text").to_owned();
        let (client, _) = self.server.client().log_in(&own("user_name"), &own("password")).await;
        self.told[key]["seed"] = enroll(&client).await.into();
        self
    }

    /// The browser's part, which ends well or says why not.
    fn play(&self, story: &str) -> Value {
        let script = root().join("tests/console/run.cjs");
        let output = Command::new("node")
            .arg(script)
            .arg(packages("console"))
            .arg(self.told.to_string())
            .arg(story)
            .stdin(Stdio::null())
            .output()
            .expect("node is missing: run .ci/install test");
        assert!(output.status.success(), "{story}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("a story ends with JSON")
    }

    /// How many records of an action there are.
    async fn records(&self, action: &str) -> usize {
        let page = self.root.get(&format!("/v1/activity?action={action}")).await.ok(200);
        page["data"].as_array().expect("a page").len()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pictures() -> PathBuf {
    assert!(Path::new("/usr/bin/chromium").exists(), "chromium is missing: run .ci/install test");
    let folder = root().join("target/console-screenshots");
    std::fs::create_dir_all(&folder).expect("a directory can be made");
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_enrolls_with_a_camera_and_logs_in() {
    Cast::gather(&[]).await.play("enroll");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_is_six_clicks_from_the_dashboard() {
    let cast = Cast::gather(&[]).await.enrolled("desk").await.enrolled("dana").await;
    let told = cast.play("lost_phone");
    assert!(told["clicks"].as_u64().is_some_and(|clicks| clicks <= 6), "{told}");
    assert_eq!(cast.records("mfa.reset").await, 1, "a double click resets once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_is_refused_and_reported_and_a_super_administrator_is_out_of_reach() {
    let cast = Cast::gather(&[]).await.enrolled("desk").await.enrolled("dana").await;
    cast.play("refused");
    assert_eq!(cast.records("mfa.reset").await, 0);
    assert_eq!(cast.records("reset.reported_suspicious").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn forced_enrollment_lets_nobody_past() {
    Cast::gather(&[]).await.play("forced");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_scripts_on_a_narrow_screen_in_the_other_language() {
    let cast = Cast::gather(&[]).await.enrolled("desk").await.enrolled("dana").await;
    cast.play("without_scripts");
    assert_eq!(cast.records("mfa.reset").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough() {
    let cast = Cast::gather(&[]).await.enrolled("desk").await.enrolled("dana").await;
    cast.play("keyboard");
    assert_eq!(cast.records("mfa.reset").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_auditors_pages_are_live_look_back_and_save() {
    let cast = Cast::gather(&[]).await.enrolled("desk").await;
    cast.play("watch");
    let roles = cast.root.get("/v1/roles/auditor").await.ok(200);
    let held = roles["permissions"].as_array().expect("permissions");
    assert!(held.contains(&json!("manage-alerts")), "the matrix saved it: {roles}");
}

/// A house where something has happened, so that there is a page of each kind.
async fn busy() -> Cast {
    let mut cast = Cast::gather(&[]).await.enrolled("desk").await.enrolled("dana").await;
    let own = |key: &str, name: &str| cast.told[key][name].as_str().expect("text").to_owned();
    let (desk, _) = cast.server.client().log_in("hanna.desk", &own("desk", "password")).await;
    let code = json!({ "code": totp(&own("desk", "seed"), 30) });
    desk.post("/v1/session/second-factor", &code).await.ok(200);
    let request = json!({
        "administrator": own("dana", "id"), "reason": "new_phone", "verification": "video_call",
        "requester_name": "Dana Reyes", "requester_contact": "+1 555 0100",
        "requested_at": now(),
    });
    desk.post("/v1/reset-requests", &request).await.ok(201);
    let mut reset = request;
    let body = reset.as_object_mut().expect("an object");
    body.remove("administrator");
    body.insert("confirmation".to_owned(), "dana.reyes".into());
    desk.post(&format!("/v1/administrators/{}/mfa/reset", own("dana", "id")), &reset).await.ok(201);
    let person = format!("/console/administrators/{}", own("desk", "id"));
    cast.told["pages"] = json!([person, format!("{person}/reset"), "/console/me/enrollment"]);
    cast
}

/// Kinds of pages that there are at least.
const KINDS: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_to_everybody() {
    let told = busy().await.play("every_page");
    assert!(told["pages"].as_array().is_some_and(|pages| pages.len() >= KINDS), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_on_paper_on_a_telephone_and_in_the_other_language() {
    let told = busy().await.play("elsewhere");
    assert!(told["pages"].as_array().is_some_and(|pages| pages.len() >= KINDS), "{told}");
}
