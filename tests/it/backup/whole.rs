//! From a running server into a backup and back.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::vault::{MasterKey, Purpose, Vault};
use serde_json::Value;

use super::{below, create, enrolled, gets_in, names, reset, restored, verify};
use crate::support::grep;
use crate::support::server::{FIRST, Place, Server, text, totp};

/// The data of every page of the activity log.
async fn activity(client: &crate::support::client::Client, until: u64) -> Vec<Value> {
    let page = client.get("/v1/activity?order=asc&limit=1000").await.ok(200);
    let all = page["data"].as_array().expect("a page").clone();
    all.into_iter().filter(|entry| entry["position"].as_u64() <= Some(until)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_beside_a_server_is_restored_and_served() {
    let server = Server::start();
    let (root, _) = server.root().await;
    let desk = enrolled(&server, &root, "desk", "help-desk").await;
    let dana = enrolled(&server, &root, "dana", "general-staff").await;
    let gone = enrolled(&server, &root, "gone", "general-staff").await;
    desk.client
        .post("/v1/session/second-factor", &serde_json::json!({"code": totp(&desk.seed, 30)}))
        .await
        .ok(200);
    let before = vault_ids(&server.place.data_dir().join("vault"), &server.place);
    reset(&desk, &gone).await;

    let backup = below(&server.place, "b");
    // Taken at once: the checkpoint that lies there is older than the reset.
    let made = create(&server.place, &backup);
    assert_eq!((&made["entries_missing"], &made["entries_opened"]), (&0.into(), &true.into()), "{made}");
    assert_eq!(names(&backup), ["checkpoint", "journal", "ledger.json", "manifest.json", "vault"]);
    for file in grep::files(&backup) {
        let bits = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(bits & 0o777, 0o600, "{}", file.display());
    }
    let bits = std::fs::metadata(&backup).expect("a directory").permissions().mode();
    assert_eq!(bits & 0o777, 0o700);
    assert!(!names(server.place.outside()).iter().any(|name| name.contains("unfinished")));
    let sound = verify(&server.place, &backup);
    assert!(sound.status.success(), "{}", text(&sound.stderr));

    // What was destroyed before is not in it, and there is nothing sealed beside what lives.
    let now = vault_ids(&backup.join("vault"), &server.place);
    assert!(before.iter().filter(|id| !now.contains(id)).count() >= 2, "the seed and the backup codes");
    let copy = mfa_ledger::vault::Copy::read(&backup.join("vault")).expect("a vault");
    let ids: Vec<_> = copy.ids().collect();
    assert_eq!(ids.len(), now.len());
    // Neither key is in it.
    for name in ["ledger.key", "ledger.signing"] {
        let key = std::fs::read_to_string(below(&server.place, name)).expect("a key");
        let secret = key.trim().lines().last().expect("a line").as_bytes().to_vec();
        assert_eq!(grep::hits(&backup, &secret), [], "{name}");
    }

    let size = made["records"].as_u64().expect("a number");
    let history = activity(&root, size).await;
    let place = restored(&server.place, &backup);
    let again = Server::on(place, server.password.clone(), &[]);
    let (root, _) = again.root().await;
    assert_eq!(activity(&root, size).await, history);
    assert!(gets_in(&again, &dana).await);
    assert!(!gets_in(&again, &gone).await, "they were reset");
    let (status, place, _) = again.end();
    assert!(status.success(), "{}", place.outside().display());
}

fn vault_ids(dir: &std::path::Path, place: &Place) -> Vec<[u8; 16]> {
    let key = MasterKey::read_file(&place.key_file()).expect("the master key");
    Vault::look(dir, &key).expect("a vault")
}

#[test]
fn a_backup_without_a_server_holds_all_of_the_log_and_may_leave_the_vault_out() {
    let (place, _) = Place::initialised();
    let (with, without) = (below(&place, "with"), below(&place, "without"));
    create(&place, &with);
    let to = without.display().to_string();
    let output = place.run(&["backup", "create", "--without-vault", "--to", &to]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("keys are not in the backup"), "{}", text(&output.stderr));
    assert_eq!(names(&without), ["checkpoint", "journal", "ledger.json", "manifest.json"]);
    assert!(verify(&place, &without).status.success());

    let again = super::with_keys(&place);
    let output = again.run(&["backup", "restore", &to]);
    assert!(output.status.success() && text(&output.stderr).contains("there is no vault"));
    let refused = again.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("--accept-loss"), "{}", text(&refused.stderr));
    let server = Server::accepting(again, "the backup was made without the vault");
    let (status, again, _) = server.end();
    assert!(status.success());
    let output = again.run(&["administrator", "reset-password", FIRST, "--output", "json"]);
    assert!(output.status.success(), "the way back in: {}", text(&output.stderr));
}

#[tokio::test]
async fn a_server_that_comes_back_from_a_backup_goes_on_and_is_backed_up_again() {
    let (place, password) = Place::initialised();
    let first = below(&place, "first");
    create(&place, &first);
    let server = Server::on(restored(&place, &first), password, &[]);
    let (root, _) = server.root().await;
    enrolled(&server, &root, "new", "general-staff").await;
    let (status, place, _) = server.end();
    assert!(status.success());
    let second = create(&place, &below(&place, "second"));
    let records = second["records"].as_u64();
    assert!(records > Some(10) && records == second["size"].as_u64(), "{second}");
    assert!(verify(&place, &below(&place, "second")).status.success());
}

#[test]
fn what_is_there_is_not_replaced() {
    let (place, _) = Place::initialised();
    let backup = below(&place, "b");
    create(&place, &backup);
    let to = backup.display().to_string();
    let output = place.run(&["backup", "create", "--to", &to]);
    assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
    let output = place.run(&["backup", "restore", &to]);
    assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
    assert!(verify(&place, &backup).status.success());
    // An empty directory may become a data directory.
    let again = super::with_keys(&place);
    std::fs::create_dir(again.data_dir()).expect("a directory");
    assert!(again.run(&["backup", "restore", &to]).status.success());
    // What an interrupted run left goes.
    let left = below(&place, ".c.unfinished");
    std::fs::create_dir_all(left.join("journal")).expect("a directory");
    create(&place, &below(&place, "c"));
    assert!(!left.exists());
    let nowhere = Place::empty();
    let output = nowhere.run(&["backup", "create", "--to", &to]);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    assert_eq!(names(nowhere.outside()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vault_lacks_is_named_and_lets_nobody_in() {
    let server = Server::start();
    let (root, _) = server.root().await;
    let dana = enrolled(&server, &root, "dana", "general-staff").await;
    let (_, place, password) = server.end();
    let key = MasterKey::read_file(&place.key_file()).expect("the master key");
    let owner: mfa_ledger_schemas::AdministratorId = dana.id.parse().expect("an id");
    let dir = place.data_dir().join("vault");
    let vault = Vault::open(&dir, &key, Disk::real(), Arc::new(Chance::System)).expect("a vault");
    let is_seed =
        |id: &[u8; 16]| vault.read(*id, Purpose::TotpSeed, owner.bytes()).is_ok_and(|it| it.is_some());
    let seed = vault.ids().into_iter().find(is_seed).expect("dana's seed");
    vault.destroy(&[seed]).await.expect("it is destroyed");
    drop(vault);

    let backup = below(&place, "b");
    let made = create(&place, &backup);
    let missing = serde_json::json!([{
        "entry": mfa_ledger_schemas::CredentialId::from_bytes(seed).to_string(),
        "purpose": "totp_seed", "administrator": dana.id,
    }]);
    assert_eq!(made["missing"], missing);
    let sound = verify(&place, &backup);
    assert!(sound.status.success() && text(&sound.stderr).contains(&dana.id), "{}", text(&sound.stderr));
    let again = Server::on(restored(&place, &backup), password, &[]);
    assert!(!gets_in(&again, &dana).await, "fail closed");
}
