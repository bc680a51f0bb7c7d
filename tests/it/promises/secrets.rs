//! Secrets are where they belong and nowhere else: not in what the server tells at TRACE, not in any file of
//! the data directory; and after a reset not even for whoever has the master key.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use data_encoding::BASE32_NOPAD;
use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::vault::{EntryId, MasterKey, Purpose, Vault};
use mfa_ledger_schemas::AdministratorId;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::grep;
use crate::support::server::{FIRST, Server, now, totp};

/// All that must not be found, by what it is.
#[derive(Default)]
struct Secrets {
    texts: Vec<(&'static str, String)>,
    seeds: Vec<Vec<u8>>,
}

/// Somebody in the story.
struct Person {
    id: AdministratorId,
    password: String,
    client: Client,
    manual_key: String,
    backup_codes: Vec<String>,
}

impl Secrets {
    fn note(&mut self, what: &'static str, text: &Value) -> String {
        let text = text.as_str().unwrap_or_else(|| panic!("{what}")).to_owned();
        assert!(text.len() >= 10, "a shorter secret is found by accident: {what}");
        self.texts.push((what, text.clone()));
        text
    }

    async fn log_in(&mut self, server: &Server, user_name: &str, password: &str) -> (Client, Value) {
        let (client, session) = server.client().log_in(user_name, password).await;
        let token = self.note("session token", &session["token"]);
        // Half a token is as secret as the whole.
        self.texts.push(("end of a token", token[token.len() / 2..].to_owned()));
        (client, session)
    }

    /// Begins to enroll: the seed, as it is shown.
    async fn begin(&mut self, client: &Client) -> String {
        let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
        let shown = self.note("manual key", &begun["manual_key"]);
        self.note("otpauth URI", &begun["otpauth_uri"]);
        let key = shown.replace([' ', '-'], "");
        self.texts.extend([("seed", key.clone()), ("seed in small letters", key.to_lowercase())]);
        self.seeds.push(BASE32_NOPAD.decode(key.as_bytes()).expect("base32"));
        key
    }

    fn backup_codes(&mut self, answer: &Value) -> Vec<String> {
        let codes = answer["backup_codes"].as_array().expect("backup codes");
        assert_eq!(codes.len(), 10);
        let codes: Vec<_> = codes.iter().map(|code| self.note("backup code", code)).collect();
        self.texts.extend(codes.iter().map(|code| ("backup code in one piece", code.replace('-', ""))));
        codes
    }

    /// Registers, logs in and enrolls.
    async fn enrolled(&mut self, server: &Server, root: &Client, user_name: &str, role: &str) -> Person {
        let who = json!({
            "user_name": user_name, "display_name": user_name, "emails": ["p@example.org"], "role": role,
        });
        let made = root.post("/v1/administrators", &who).await.ok(201);
        let password = self.note("generated password", &made["password"]);
        let (client, _) = self.log_in(server, user_name, &password).await;
        let manual_key = self.begin(&client).await;
        let code = json!({ "code": totp(&manual_key, 0) });
        let enabled = client.post("/v1/me/mfa/enrollment/confirm", &code).await.ok(200);
        let backup_codes = self.backup_codes(&enabled);
        let id = made["administrator"].as_str().expect("an id").parse().expect("an id");
        Person { id, password, client, manual_key, backup_codes }
    }
}

/// Everything a person does with their secrets between enrolling and losing the phone.
async fn daily_life(secrets: &mut Secrets, server: &Server, dana: &mut Person) {
    let (client, session) = secrets.log_in(server, "dana", &dana.password).await;
    assert_eq!(session["next"], "verify");
    let factor = "/v1/session/second-factor";
    for wrong in [json!({"code": "000000"}), json!({"backup_code": "0000-0000-0000-0000"})] {
        client.post(factor, &wrong).await.ok(401);
    }
    client.post(factor, &json!({"code": totp(&dana.manual_key, 30)})).await.ok(200);
    client.post(factor, &json!({"backup_code": dana.backup_codes[0]})).await.ok(200);
    let new = "a password that dana made up";
    let change = json!({"current_password": dana.password, "new_password": new});
    let method = reqwest::Method::PUT;
    client.ask(method, "/v1/me/password", &[], Some(&change)).await.ok(200);
    dana.password = secrets.note("chosen password", &json!(new));
    let wrong = "a password that is wrong";
    secrets.note("wrong password", &json!(wrong));
    let body = json!({"user_name": "dana", "password": wrong});
    server.client().post("/v1/session", &body).await.ok(401);
    // Not one of a request that is refused for its form, either.
    let typo = "a password in a body with a typo";
    secrets.note("password in a malformed body", &json!(typo));
    server.client().post("/v1/session", &json!({"user_nam": "dana", "password": typo})).await.ok(400);
    dana.client = client;
}

/// A program that asks whether dana's backup code is good.
async fn host_application(secrets: &mut Secrets, server: &Server, root: &Client, dana: &Person) {
    let body = json!({"name": "Ticket system", "scopes": ["verify-second-factor"]});
    let made = root.post("/v1/service-accounts", &body).await.ok(201);
    let token = secrets.note("service account token", &made["token"]);
    let question = json!({"administrator": dana.id.to_string(), "backup_code": dana.backup_codes[1]});
    let verdict = server.client().with_token(&token).post("/v1/verify", &question).await.ok(200);
    assert_eq!(verdict["accepted"], true);
}

async fn reset(desk: &Person, dana: &Person) {
    desk.client.post("/v1/session/second-factor", &json!({"code": totp(&desk.manual_key, 30)})).await.ok(200);
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana Whitfield",
        "requester_contact": "+1 555 0100", "requested_at": now(),
        "ticket": "HD-1042", "confirmation": "dana",
    });
    desk.client.post(&format!("/v1/administrators/{}/mfa/reset", dana.id), &story).await.ok(201);
}

/// The texts that stand in any of these files.
fn found(secrets: &Secrets, below: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in grep::files(below) {
        let Some(bytes) = grep::content(&file) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let hits = secrets.texts.iter().filter(|(_, secret)| text.contains(secret));
        found.extend(hits.map(|(what, secret)| format!("{what} {secret} in {}", file.display())));
    }
    found
}

/// What opens in a vault: of dana, whichever credential it is.
fn seeds_that_open(dir: &Path, key: &Path, owner: AdministratorId) -> (BTreeSet<EntryId>, Vec<Vec<u8>>) {
    let key = MasterKey::read_file(key).expect("the master key");
    let vault = Vault::open(dir, &key, Disk::real(), Arc::new(Chance::System)).expect("the vault opens");
    let ids: BTreeSet<_> = vault.ids().into_iter().collect();
    let read = |id: &EntryId| vault.read(*id, Purpose::TotpSeed, owner.bytes()).ok().flatten();
    let seeds = ids.iter().filter_map(read).map(|seed| seed.to_vec()).collect();
    (ids, seeds)
}

fn copy(from: &Path, names: &[&str], to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for name in names {
        std::fs::copy(from.join(name), to.join(name)).expect("it can be copied");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_at_trace_or_lies_in_a_file_and_a_reset_seed_never_opens_again() {
    let server = Server::start_with(&[("MFA_LEDGER__TELEMETRY__FILTER", "trace")]);
    let mut secrets = Secrets::default();
    secrets.note("first password", &json!(server.password));
    let (root, _) = secrets.log_in(&server, FIRST, &server.password).await;
    let manual_key = secrets.begin(&root).await;
    let code = json!({ "code": totp(&manual_key, 0) });
    let enabled = root.post("/v1/me/mfa/enrollment/confirm", &code).await.ok(200);
    secrets.backup_codes(&enabled);
    let desk = secrets.enrolled(&server, &root, "desk", "help-desk").await;
    let mut dana = secrets.enrolled(&server, &root, "dana", "general-staff").await;
    let dana_seed = secrets.seeds.last().expect("dana's").clone();
    daily_life(&mut secrets, &server, &mut dana).await;
    host_application(&mut secrets, &server, &root, &dana).await;

    let aside = tempfile::tempdir().expect("a directory");
    std::fs::write(aside.path().join("control"), &dana.password).expect("a file");
    assert_eq!(found(&secrets, aside.path()).len(), 1, "the search finds what is there");
    let (vault, key) = (server.place.data_dir().join("vault"), server.place.key_file());
    let (then, mixed) = (aside.path().join("then"), aside.path().join("mixed"));
    copy(&vault, &["slots", "sealed"], &then);
    reset(&desk, &dana).await;
    let path = format!("/v1/administrators/{}/password-reset", dana.id);
    let answer = root.post(&path, &json!({})).await.ok(200);
    secrets.note("password after a reset", &answer["password"]);
    copy(&vault, &["slots", "sealed"], &mixed);
    // What was sealed since stays behind the old bytes: without it the vault would not open for anybody.
    let old = std::fs::read(then.join("sealed")).expect("sealed bytes");
    let mut bytes = std::fs::read(mixed.join("sealed")).expect("sealed bytes");
    bytes[..old.len()].copy_from_slice(&old);
    std::fs::write(mixed.join("sealed"), bytes).expect("they can be put back");

    // What the server wrote: its files and its standard error, both below this directory.
    let told = server.told();
    assert!(told.contains("\"TRACE\""), "the filter took effect");
    for body in ["code\\\":", "\"code\":", "password\\\":", "\"password\":", "Bearer "] {
        assert!(!told.contains(body), "{body} of a request is told");
    }
    assert_eq!(found(&secrets, server.place.outside()), BTreeSet::new());
    assert_eq!(grep::hits(server.place.outside(), &dana_seed), []);
    let (_, place, _) = server.end();
    assert_eq!(found(&secrets, place.outside()), BTreeSet::new());
    for seed in &secrets.seeds {
        assert_eq!(grep::hits(place.outside(), seed), [], "once the server has ended");
    }

    // Whoever has the key opens the vault as it was: the search below would find what there is.
    let (ids_then, seeds) = seeds_that_open(&then, &key, dana.id);
    assert!(seeds.iter().any(|stored| stored.windows(20).any(|it| it == dana_seed)), "{}", seeds.len());
    // The sealed bytes as they were, beside the key slots as they are: gone for good.
    let (ids_now, seeds) = seeds_that_open(&mixed, &key, dana.id);
    assert_eq!(seeds, Vec::<Vec<u8>>::new());
    assert!(ids_then.difference(&ids_now).count() >= 2, "the seed and the backup codes");
}
