//! What a log ended after a backup does not come back with it: resets and erasures are made again.

use serde_json::{Value, json};

use super::{Person, below, create, enrolled, gets_in, reset, with_keys};
use crate::support::client::Client;
use crate::support::server::{Place, Server, text, totp};

/// A ledger that went on after its backup: one was reset, one was erased.
struct WentOn {
    place: Place,
    password: String,
    backup: String,
    token: String,
    reset: Person,
    erased: Person,
    stays: Person,
}

async fn went_on() -> WentOn {
    let server = Server::start();
    let (root, _) = server.root().await;
    let desk = enrolled(&server, &root, "desk", "help-desk").await;
    let stays = enrolled(&server, &root, "stays", "general-staff").await;
    let was_reset = enrolled(&server, &root, "dana", "general-staff").await;
    let erased = enrolled(&server, &root, "erased", "general-staff").await;
    let code = json!({"code": totp(&desk.seed, 30)});
    desk.client.post("/v1/session/second-factor", &code).await.ok(200);
    let backup = below(&server.place, "b");
    create(&server.place, &backup);

    reset(&desk, &was_reset).await;
    let path = |what: &str| format!("/v1/administrators/{}/{what}", erased.id);
    root.post(&path("deactivate"), &json!({})).await.ok(200);
    root.post(&path("personal-data/erase"), &json!({})).await.ok(200);
    let token = root.token.clone().expect("a token");
    let (status, place, password) = server.end();
    assert!(status.success());
    let backup = backup.display().to_string();
    WentOn { place, password, backup, token, reset: was_reset, erased, stays }
}

async fn account(root: &Client, whom: &Person) -> Value {
    root.get(&format!("/v1/administrators/{}", whom.id)).await.ok(200)
}

fn restore(place: &Place, arguments: &[&str]) -> Value {
    let output = place.run(&[&["backup", "restore", "--output", "json"], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_of_a_backup_beside_a_newer_log_brings_nothing_back_that_was_ended() {
    let it = went_on().await;
    let vault = it.place.data_dir().join("vault");
    std::fs::remove_dir_all(&vault).unwrap();
    let shown = restore(&it.place, &[&it.backup, "--vault-only"]);
    // Seed and backup codes, and a name with addresses.
    assert_eq!((&shown["entries_ended"], &shown["set_aside"]), (&json!(3), &Value::Null), "{shown}");
    let told: Vec<_> = shown["missing"].as_array().expect("a list").iter().map(|it| &it["purpose"]).collect();
    assert_eq!(told, ["annex"], "the words of the reset came after the backup: {shown}");

    let server = Server::on(it.place, it.password, &[]);
    let root = server.client().with_token(&it.token);
    assert!(gets_in(&server, &it.stays).await);
    assert!(!gets_in(&server, &it.reset).await, "the seed is gone");
    let erased = account(&root, &it.erased).await;
    assert_eq!((&erased["display_name"], &erased["unreadable"]), (&Value::Null, &Value::Null), "{erased}");
    assert_eq!(account(&root, &it.stays).await["display_name"], "stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_vault_is_mended_from_a_backup_and_keeps_what_is_newer() {
    let it = went_on().await;
    let vault = it.place.data_dir().join("vault");
    let file = vault.join("sealed");
    let mut sealed = std::fs::read(&file).unwrap();
    sealed[60] ^= 1;
    std::fs::write(&file, &sealed).unwrap();
    let shown = restore(&it.place, &[&it.backup, "--vault-only"]);
    assert_eq!((&shown["entries_restored"], &shown["entries_missing"]), (&json!(1), &json!(0)), "{shown}");
    let aside = shown["set_aside"].as_str().expect("a directory");
    assert!(aside.contains("/lost/"), "{shown}");
    // Nothing that lives, or was ended, can be opened there: a later reset destroys it everywhere.
    let slots = std::fs::read(format!("{aside}/slots")).unwrap();
    assert!(slots[4096..].iter().all(|byte| *byte == 0));
    let output = it.place.run(&["doctor", "--output", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let server = Server::on(it.place, it.password, &[]);
    assert!(gets_in(&server, &it.stays).await);
    assert!(!gets_in(&server, &it.reset).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_knows_the_newer_log_leaves_out_what_that_has_ended() {
    let it = went_on().await;
    let plain = with_keys(&it.place);
    restore(&plain, &[&it.backup]);
    let server = Server::on(plain, it.password.clone(), &[]);
    assert!(
        gets_in(&server, &it.reset).await,
        "what is to be kept from coming back, so that the test shows something"
    );
    drop(server);

    for newer in [it.place.data_dir(), it.place.data_dir().join("journal")] {
        let place = with_keys(&it.place);
        restore(&place, &[&it.backup, "--newer-log", &newer.display().to_string()]);
        let server = Server::on(place, it.password.clone(), &[]);
        let root = server.root().await.0;
        assert!(gets_in(&server, &it.stays).await);
        assert!(!gets_in(&server, &it.reset).await, "the seed is gone");
        let erased = account(&root, &it.erased).await;
        assert_eq!((&erased["display_name"], &erased["emails"]), (&Value::Null, &json!([])), "{erased}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_is_restored_beside_its_own_log_alone_and_under_no_server() {
    let it = went_on().await;
    let (other, _) = Place::initialised();
    let before = crate::support::grep::files(&other.data_dir());
    let refused = |place: &Place, arguments: &[&str], code: i32, why: &str| {
        let output = place.run(&[&["backup", "restore"], arguments].concat());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains(why), "{why:?} is not in {told}");
    };
    std::fs::copy(it.place.key_file(), other.key_file()).unwrap();
    std::fs::copy(it.place.outside().join("ledger.signing"), other.outside().join("ledger.signing")).unwrap();
    refused(&other, &[&it.backup, "--vault-only"], 1, "is not one of the ledger");
    assert_eq!(crate::support::grep::files(&other.data_dir()), before);
    let without = below(&it.place, "without").display().to_string();
    let made = it.place.run(&["backup", "create", "--without-vault", "--to", &without]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    refused(&it.place, &[&without, "--vault-only"], 1, "has no vault");
    refused(&it.place, &[&it.backup, "--vault-only", "--newer-log", "."], 2, "cannot be used with");
    let key = it.place.key_file();
    std::fs::rename(&key, key.with_extension("away")).unwrap();
    refused(&it.place, &[&it.backup, "--vault-only"], 1, "the master key is needed");
    std::fs::rename(key.with_extension("away"), &key).unwrap();
    let server = Server::on(it.place, it.password, &[]);
    refused(&server.place, &[&it.backup, "--vault-only"], 6, "another process");
}
