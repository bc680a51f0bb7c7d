//! A damaged vault under the real binary: one damaged entry costs one value, and a vault that is not the right one is refused.

use std::process::Output;

use mfa_ledger_schemas::{AnnexId, CredentialId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::backup::{Person, create, enrolled, reset};
use crate::support::client::Client;
use crate::support::server::{FIRST, Place, Server, text, totp};

const SLOTS_HEADER: usize = 4096;
const SLOT: usize = 64;

/// Flips a bit of the wrapped key of an entry.
fn flip_key(place: &Place, entry: [u8; 16]) {
    let file = place.data_dir().join("vault/slots");
    let mut slots = std::fs::read(&file).expect("slots");
    let (all, _) = slots[SLOTS_HEADER..].as_chunks_mut::<SLOT>();
    all.iter_mut().find(|slot| slot[..16] == entry).expect("the entry's slot")[30] ^= 4;
    std::fs::write(&file, slots).expect("it can be written");
}

/// A detail of the newest event of an action about somebody.
async fn detail(root: &Client, action: &str, target: &str, path: &str) -> String {
    let found = root.get(&format!("/v1/activity?action={action}&target={target}&limit=1")).await.ok(200);
    let value = found["data"][0]["details"].pointer(path).and_then(Value::as_str);
    value.unwrap_or_else(|| panic!("no {path} in {found}")).to_owned()
}

async fn credential(root: &Client, action: &str, target: &str, path: &str) -> [u8; 16] {
    detail(root, action, target, path).await.parse::<CredentialId>().expect("an id").bytes()
}

async fn annex(root: &Client, action: &str, target: &str, path: &str) -> [u8; 16] {
    detail(root, action, target, path).await.parse::<AnnexId>().expect("an id").bytes()
}

/// What `doctor` says of the vault, and how it ends.
pub(super) fn doctor(place: &Place) -> (Option<i32>, Value) {
    let output = place.run(&["doctor", "--output", "json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let vault = rows.into_iter().find(|row| row["name"] == "vault").expect("a check of the vault");
    (output.status.code(), vault)
}

pub(super) fn serve(place: &Place, more: &[&str]) -> Output {
    place.run(&[&["serve", "--listen", "127.0.0.1:0"], more].concat())
}

/// Waits until this holds.
pub async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..300 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it never came to be");
}

pub async fn alerts(root: &Client) -> Vec<Value> {
    let page = root.get("/v1/alerts?limit=100").await.ok(200);
    let all = page["data"].as_array().expect("alerts").clone();
    all.into_iter().filter(|alert| alert["rule"] == "vault-entry-damaged").collect()
}

/// A server with somebody who enrolled, and the first administrator's session.
async fn with_dana() -> (Server, Client, Person) {
    let server = Server::start();
    let (root, _) = server.root().await;
    let dana = enrolled(&server, &root, "dana", "general-staff").await;
    (server, root, dana)
}

/// Ends the server, has its vault damaged, and starts it again.
fn restarted(server: Server, damage: impl FnOnce(&Place)) -> Server {
    let (status, place, password) = server.end();
    assert!(status.success());
    damage(&place);
    Server::on(place, password, &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn one_damaged_name_in_the_vault_costs_one_name_and_a_change_repairs_it() {
    let (server, root, dana) = with_dana().await;
    let name = annex(&root, "administrator.registered", &dana.id, "/personal/id").await;
    let (status, place, password) = server.end();
    assert!(status.success());
    assert_eq!(doctor(&place).1["status"], "ok");
    flip_key(&place, name);
    let (code, told) = doctor(&place);
    assert_eq!((code, &told["status"]), (Some(1), &json!("fail")), "{told}");
    let said = format!("{} {}", told["detail"], told["advice"]);
    for word in
        ["1 of", "annex", "of dana", "key in its slot is damaged", "--vault-only", "names and addresses"]
    {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }

    let server = Server::on(place, password, &[]);
    let root = server.client().with_token(root.token.as_deref().expect("a token"));
    let page = root.get("/v1/administrators").await.ok(200);
    let [first, second] = page["data"].as_array().expect("accounts").as_slice() else { panic!("{page}") };
    assert_eq!((first["display_name"].is_string(), &first["unreadable"]), (true, &Value::Null), "{page}");
    assert_eq!((&second["display_name"], &second["emails"]), (&Value::Null, &json!([])), "{page}");
    assert_eq!(second["unreadable"], true);
    for accept in ["text/csv", "application/x-ndjson"] {
        let list = root.ask(Method::GET, "/v1/administrators", &[("accept", accept)], None).await;
        assert_eq!(list.status, 200, "{}", list.text);
    }
    let section = root.get(&format!("/v1/administrators/{}/security", dana.id)).await.ok(200);
    assert_eq!(section["unreadable"], json!(["personal_data"]));
    assert_eq!(
        server.client().with_token(dana.client.token.as_deref().unwrap()).get("/v1/me").await.status,
        200
    );

    // On record, once, also over a restart.
    let alert = until(async || alerts(&root).await.pop()).await;
    assert_eq!(alert["severity"], "high");
    assert!(alert["title"].as_str().is_some_and(|title| title.contains("dana")), "{alert}");
    assert_eq!(alert["group"], AnnexId::from_bytes(name).to_string());
    let ready = root.get("/readyz?verbose").await.ok(200);
    assert_eq!(ready["status"], "degraded", "{ready}");
    let metrics = root.get("/metrics").await.text;
    assert!(metrics.contains("\nmfa_ledger_vault_damaged_entries 1\n"), "{metrics}");
    let server = restarted(server, |_| ());
    let root = server.client().with_token(root.token.as_deref().expect("a token"));

    let path = format!("/v1/administrators/{}", dana.id);
    let half = root.ask(Method::PATCH, &path, &[], Some(&json!({"display_name": "Dana"}))).await;
    assert_eq!(half.status, 400, "the other half would be lost: {}", half.text);
    let whole = json!({"display_name": "Dana", "emails": ["dana@example.org"]});
    let changed = root.ask(Method::PATCH, &path, &[], Some(&whole)).await.ok(200);
    let account = &changed["administrator"];
    assert_eq!((&account["display_name"], &account["unreadable"]), (&json!("Dana"), &Value::Null));
    assert_eq!(alerts(&root).await.len(), 1);
    let (_, place, _) = server.end();
    assert_eq!(doctor(&place).1["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_password_in_the_vault_is_answered_like_a_wrong_one_and_a_reset_repairs_it() {
    let (server, root, dana) = with_dana().await;
    let made = root
        .post("/v1/administrators", &json!({
            "user_name": "eve", "display_name": "Eve", "emails": ["e@example.org"], "role": "general-staff",
        }))
        .await
        .ok(201);
    let id = made["administrator"].as_str().expect("an id").to_owned();
    let password = made["password"].as_str().expect("a password").to_owned();
    let entry = credential(&root, "administrator.registered", &id, "/password").await;
    let server = restarted(server, |place| flip_key(place, entry));
    let root = server.client().with_token(root.token.as_deref().expect("a token"));

    let log_in = async |user_name: &str, password: &str| {
        let body = json!({"user_name": user_name, "password": password});
        let mut answer = server.client().post("/v1/session", &body).await;
        answer
            .json
            .as_object_mut()
            .expect("a problem")
            .retain(|name, _| name != "instance" && name != "request");
        (answer.status, answer.json)
    };
    let failed = log_in("eve", &password).await;
    assert_eq!(failed.0, 401, "{failed:?}");
    assert_eq!(failed, log_in("dana", "not her password").await, "one answer");
    let found = root.get(&format!("/v1/activity?action=session.failed&target={id}")).await.ok(200);
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1), "it is on record: {found}");
    let section = root.get(&format!("/v1/administrators/{id}/security")).await.ok(200);
    assert_eq!(section["unreadable"], json!(["password"]));
    assert!(
        until(async || alerts(&root).await.pop()).await["title"]
            .as_str()
            .unwrap()
            .contains("password of eve")
    );
    // Nobody else is touched.
    assert_eq!(log_in("dana", &dana.password).await.0, 201);

    let fresh = root.post(&format!("/v1/administrators/{id}/password-reset"), &json!({})).await.ok(200);
    let fresh = fresh["password"].as_str().expect("a password").to_owned();
    // The failure before is behind it.
    until(async || (log_in("eve", &fresh).await.0 == 201).then_some(())).await;
    let section = root.get(&format!("/v1/administrators/{id}/security")).await.ok(200);
    assert_eq!(section["unreadable"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_seed_in_the_vault_fails_on_record_and_a_reset_repairs_it() {
    let (server, root, dana) = with_dana().await;
    let desk = enrolled(&server, &root, "desk", "help-desk").await;
    let seed = credential(&root, "mfa.enrollment_started", &dana.id, "/credential").await;
    let codes = credential(&root, "mfa.enabled", &dana.id, "/backup_codes").await;
    let server = restarted(server, |place| {
        flip_key(place, seed);
        flip_key(place, codes);
    });
    let root = server.client().with_token(root.token.as_deref().expect("a token"));

    let (client, session) = server.client().log_in("dana", &dana.password).await;
    assert_eq!(session["next"], "verify");
    for proof in [json!({"code": totp(&dana.seed, 30)}), json!({"backup_code": "0000-0000-0000-0000"})] {
        let answer = client.post("/v1/session/second-factor", &proof).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        assert!(answer.position().is_some(), "it is on record");
    }
    let path = format!("/v1/administrators/{}/security", dana.id);
    let section = root.get(&path).await.ok(200);
    assert_eq!(section["unreadable"], json!(["totp_seed", "backup_codes"]));

    let desk = Person { client: server.client().with_token(desk.client.token.as_deref().unwrap()), ..desk };
    let code = json!({"code": totp(&desk.seed, 30)});
    desk.client.post("/v1/session/second-factor", &code).await.ok(200);
    reset(&desk, &dana).await;
    assert_eq!(root.get(&path).await.ok(200)["unreadable"], Value::Null);
    let (client, _) = server.client().log_in("dana", &dana.password).await;
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    let seed = begun["manual_key"].as_str().expect("a key");
    client.post("/v1/me/mfa/enrollment/confirm", &json!({"code": totp(seed, 30)})).await.ok(200);
    let (_, place, _) = server.end();
    assert_eq!(doctor(&place), (Some(0), doctor(&place).1), "what was damaged is destroyed");
    assert_eq!(doctor(&place).1["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_of_the_sealed_file_of_the_vault_does_not_stop_the_service() {
    let (place, password) = Place::initialised();
    let file = place.data_dir().join("vault/sealed");
    let right = std::fs::read(&file).unwrap();
    for (at, cut) in [(40, false), (right.len() - 1, false), (right.len() - 3, true), (70, true)] {
        let mut bytes = right.clone();
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1;
        }
        std::fs::write(&file, &bytes).unwrap();
        let (code, told) = doctor(&place);
        assert_eq!((code, &told["status"]), (Some(1), &json!("fail")), "byte {at}: {told}");
        assert!(told["detail"].as_str().unwrap().contains(FIRST), "byte {at}: {told}");
        let server = Server::on(place.clone(), password.clone(), &[]);
        let (status, ..) = server.end();
        assert!(status.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_was_removed_is_refused_and_comes_back_from_a_backup() {
    let (server, root, dana) = with_dana().await;
    let backup = server.place.outside().join("b");
    create(&server.place, &backup);
    // Named after the backup: it is not in there.
    enrolled(&server, &root, "late", "general-staff").await;
    let (_, place, password) = server.end();
    let vault = place.data_dir().join("vault");
    std::fs::remove_dir_all(&vault).unwrap();

    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["administrator", "list"]] {
        let output = place.run(command);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        for word in ["it is missing", "--vault-only", "--accept-loss"] {
            assert!(told.contains(word), "{word:?} is not in {told}");
        }
        assert!(!vault.exists(), "no new vault was made");
    }
    let (code, told) = doctor(&place);
    assert_eq!((code, &told["status"]), (Some(1), &json!("fail")), "{told}");
    assert!(told["advice"].as_str().unwrap().contains("--vault-only"), "{told}");

    let to = backup.display().to_string();
    let output = place.run(&["backup", "restore", &to, "--vault-only", "--output", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&shown["entries_ended"], &shown["entries_kept"]), (&json!(0), &json!(0)), "{shown}");
    // The name, password, seed and codes of the one who came later.
    assert_eq!(shown["entries_missing"], 4, "{shown}");
    let server = Server::on(place, password, &[]);
    let (client, session) = server.client().log_in("dana", &dana.password).await;
    assert_eq!(session["next"], "verify");
    client.post("/v1/session/second-factor", &json!({"code": totp(&dana.seed, 30)})).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loss_of_a_vault_is_accepted_on_record_and_everybody_is_reset() {
    let (server, root, dana) = with_dana().await;
    let (_, place, _) = server.end();
    std::fs::remove_dir_all(place.data_dir().join("vault")).unwrap();
    let server = Server::accepting(place, "the disk of the vault died");
    let root = server.client().with_token(root.token.as_deref().expect("a token"));
    let found = root.get("/v1/activity?action=vault.loss_accepted").await.ok(200);
    let details = &found["data"][0]["details"];
    assert_eq!(details["reason"], "the disk of the vault died", "{found}");
    assert_eq!((&details["passwords"], &details["totp_seeds"]), (&json!(2), &json!(2)), "{found}");
    assert_eq!((&details["backup_codes"], &details["annexes"]), (&json!(2), &json!(2)), "{found}");
    let reset_mfa_of = details["reset_mfa_of"].as_array().expect("a list");
    assert!(reset_mfa_of.contains(&json!(dana.id)), "{found}");
    let section = root.get(&format!("/v1/administrators/{}/security", dana.id)).await.ok(200);
    assert_eq!(section["unreadable"], json!(["password", "totp_seed", "backup_codes", "personal_data"]));
    let fresh =
        root.post(&format!("/v1/administrators/{}/password-reset", dana.id), &json!({})).await.ok(200);
    assert!(fresh["password"].is_string(), "{fresh}");

    // It is accepted once: a plain start goes on, and only one record says so.
    let (status, place, password) = server.end();
    assert!(status.success());
    let server = Server::on(place, password, &[]);
    let root = server.client().with_token(root.token.as_deref().expect("a token"));
    let found = root.get("/v1/activity?action=vault.loss_accepted").await.ok(200);
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
    let (_, place, _) = server.end();
    assert_eq!(doctor(&place).1["status"], "fail", "what is lost stays listed until it is reset");
}

#[test]
fn a_missing_file_or_a_damaged_header_of_the_vault_is_told_with_advice() {
    let (place, _) = Place::initialised();
    for name in ["sealed", "slots"] {
        let file = place.data_dir().join("vault").join(name);
        let right = std::fs::read(&file).unwrap();
        let mut changed = right.clone();
        changed[12] ^= 1;
        for broken in [None, Some(changed)] {
            match broken {
                None => std::fs::remove_file(&file).unwrap(),
                Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            }
            let output = serve(&place, &[]);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{told}");
            assert!(told.contains("--vault-only") && told.contains("--accept-loss"), "{told}");
            let (_, told) = doctor(&place);
            assert_eq!(told["status"], "fail", "{name}: {told}");
            let advice = told["advice"].as_str().unwrap();
            assert!(advice.contains("--vault-only") && advice.contains("--accept-loss"), "{told}");
            std::fs::write(&file, &right).unwrap();
        }
    }
    assert_eq!(doctor(&place).1["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_opens_what_it_can_of_the_vault_beside_a_server() {
    let (server, root, dana) = with_dana().await;
    assert_eq!(doctor(&server.place).1["status"], "ok");
    let seed = credential(&root, "mfa.enrollment_started", &dana.id, "/credential").await;
    flip_key(&server.place, seed);
    let (_, told) = doctor(&server.place);
    assert_eq!(told["status"], "fail", "{told}");
    assert!(told["detail"].as_str().unwrap().starts_with("1 of"), "{told}");
}
