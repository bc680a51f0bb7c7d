//! Starts that must not succeed, each with a message that tells what to do; and the ends of those that did.

mod configuration;
mod hashing;
mod keys;
mod proxies;
mod reread;
mod snapshots;
mod verified;
mod words;

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::support::server::{FIRST, Place, Server, text};

/// It ended with this code, printed no data, and said all of this.
#[track_caller]
fn refused(output: &Output, code: i32, said: &[&str]) {
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert_eq!(text(&output.stdout), "");
    for word in said {
        assert!(told.contains(word), "{word:?} is not in:\n{told}");
    }
}

fn serve(place: &Place) -> Output {
    place.run(&["serve", "--listen", "127.0.0.1:0"])
}

#[test]
fn a_directory_without_a_ledger_says_how_to_begin_one() {
    let place = Place::empty();
    refused(&serve(&place), 1, &["holds no ledger yet", "mfa-ledger init --data-dir"]);
    assert!(!place.data_dir().exists(), "a refused start leaves nothing behind");
}

#[test]
fn a_second_server_on_the_same_directory_is_refused_and_the_first_goes_on() {
    let server = Server::start();
    let message = ["another process has the data directory", "--data-dir"];
    refused(&serve(&server.place), 1, &message);
    refused(&server.place.run(&["init", "--user-name", "other"]), 1, &message);
    let (status, ..) = server.end();
    assert!(status.success());
}

#[test]
fn a_missing_key_is_not_replaced_by_a_new_one() {
    let (place, _) = Place::initialised();
    let kept = std::fs::read(place.key_file()).unwrap();
    std::fs::remove_file(place.key_file()).unwrap();
    let said = ["ledger.key does not exist", "MFA_LEDGER__VAULT__MASTER_KEY_FILE"];
    refused(&serve(&place), 1, &said);
    refused(&place.run(&["init", "--user-name", "other"]), 1, &said);
    assert!(!place.key_file().exists());
    std::fs::write(place.key_file(), kept).unwrap();
    std::fs::set_permissions(place.key_file(), PermissionsExt::from_mode(0o600)).unwrap();
    assert!(place.run(&["administrator", "list"]).status.success());
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let (place, _) = Place::initialised();
    std::fs::set_permissions(place.key_file(), PermissionsExt::from_mode(0o644)).unwrap();
    refused(&serve(&place), 1, &["is open to others (mode 0644)", "chmod 600"]);
}

#[test]
fn an_unreadable_key_is_told_apart_from_a_missing_one() {
    let (place, _) = Place::initialised();
    std::fs::remove_file(place.key_file()).unwrap();
    std::fs::create_dir(place.key_file()).unwrap();
    std::fs::set_permissions(place.key_file(), PermissionsExt::from_mode(0o700)).unwrap();
    refused(&serve(&place), 1, &["ledger.key cannot be read", "let the user of this process"]);
}

#[test]
fn what_is_no_key_is_not_repeated() {
    let (place, _) = Place::initialised();
    std::fs::write(place.key_file(), "almost-a-key").unwrap();
    let output = serve(&place);
    refused(&output, 1, &["does not contain a key", "64 hexadecimal digits"]);
    assert!(!text(&output.stderr).contains("almost-a-key"));

    let mut command = place.command(&["serve"]);
    let output = command.env("MFA_LEDGER__VAULT__MASTER_KEY", "nearly-a-key").output().unwrap();
    refused(&output, 1, &["MFA_LEDGER__VAULT__MASTER_KEY does not hold a master key"]);
    assert!(!text(&output.stderr).contains("nearly-a-key"));
}

#[test]
fn the_key_of_another_ledger_is_refused() {
    let (place, _) = Place::initialised();
    std::fs::write(place.key_file(), "7".repeat(64)).unwrap();
    refused(&serve(&place), 1, &["not the one that this ledger was made with", "the copy you keep"]);
}

#[test]
fn a_directory_of_a_newer_version_is_left_alone() {
    let (place, _) = Place::initialised();
    let file = place.data_dir().join("ledger.json");
    let newer =
        std::fs::read_to_string(&file).unwrap().replace("\"format\": 1", "\"format\": 99, \"more\": 1");
    std::fs::write(&file, &newer).unwrap();
    refused(&serve(&place), 1, &["newer version: format 99", "nothing was changed"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), newer);
}

#[test]
fn a_lost_or_garbled_meta_file_is_no_empty_directory() {
    let (place, _) = Place::initialised();
    let file = place.data_dir().join("ledger.json");
    std::fs::write(&file, "{").unwrap();
    refused(&serve(&place), 1, &["ledger.json cannot be understood", "from a backup"]);
    std::fs::remove_file(&file).unwrap();
    for output in [serve(&place), place.run(&["init", "--user-name", "other"])] {
        refused(&output, 1, &["its ledger.json is gone", "from a backup"]);
    }
}

#[test]
fn an_altered_journal_ends_with_the_code_for_tampering() {
    let (place, _) = Place::initialised();
    let segment =
        std::fs::read_dir(place.data_dir().join("journal")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&segment).unwrap();
    let at = bytes.windows(12).position(|window| window == b"settings.cha").expect("the first record");
    bytes[at] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    refused(&serve(&place), 10, &["the journal is damaged", "nothing was changed"]);
    assert_eq!(std::fs::read(&segment).unwrap(), bytes);
}

#[test]
fn an_address_in_use_names_the_address() {
    let (place, _) = Place::initialised();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = place.run(&["serve", "--listen", &address]);
    refused(&output, 1, &[&format!("cannot listen on {address}"), "--listen"]);
    assert!(place.run(&["administrator", "list"]).status.success(), "the directory was let go");
}

#[test]
fn init_is_refused_where_there_are_administrators_and_nothing_changes() {
    let (place, _) = Place::initialised();
    let output = place.run(&["init", "--user-name", "other"]);
    refused(&output, 6, &["holds a ledger already", "administrator create"]);
    let listed = text(&place.run(&["administrator", "list"]).stdout);
    assert!(listed.contains(FIRST) && !listed.contains("other"));
}

#[test]
fn init_goes_on_where_an_earlier_one_was_interrupted() {
    let place = Place::empty();
    let killed_after_the_key = "0".repeat(63) + "1";
    std::fs::write(place.key_file(), &killed_after_the_key).unwrap();
    std::fs::set_permissions(place.key_file(), PermissionsExt::from_mode(0o600)).unwrap();
    let output = place.run(&["init", "--user-name", FIRST]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(place.key_file()).unwrap(), killed_after_the_key);
}

#[test]
fn files_of_a_new_ledger_are_the_owners_alone() {
    let (place, password) = Place::initialised();
    for (path, mode) in [(place.key_file(), 0o600), (place.data_dir(), 0o700)] {
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            mode,
            "{}",
            path.display()
        );
    }
    let hits = crate::support::grep::hits(&place.data_dir(), password.as_bytes());
    assert_eq!(hits, [], "the password is nowhere");
}

#[test]
fn a_server_says_that_it_is_ready_and_ends_in_good_order() {
    for signal in ["TERM", "INT"] {
        let server = Server::start();
        let note = server.place.data_dir().join("listening.json");
        let listening: serde_json::Value = serde_json::from_slice(&std::fs::read(&note).unwrap()).unwrap();
        assert_eq!(listening["listening"], server.url);
        server.signal(signal);
        let (status, place, _) = server.end();
        assert!(status.success(), "{signal}");
        assert!(!note.exists() && place.data_dir().join("closed").exists());
    }
}

#[test]
fn a_killed_server_starts_again_and_says_what_it_found() {
    let server = Server::start();
    let (place, password) = server.kill();
    std::fs::remove_dir_all(place.data_dir().join("sled")).unwrap();
    let server = Server::on(place, password, &[]);
    assert!(server.told().contains("the reading copy was rebuilt from the journal"), "{}", server.told());
}

#[test]
fn a_key_from_the_environment_needs_no_file() {
    let (place, _) = Place::initialised();
    let key = std::fs::read_to_string(place.key_file()).unwrap();
    std::fs::remove_file(place.key_file()).unwrap();
    let output = place
        .command(&["administrator", "list"])
        .env("MFA_LEDGER__VAULT__MASTER_KEY", &key)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output =
        place.command(&["config", "show"]).env("MFA_LEDGER__VAULT__MASTER_KEY", &key).output().unwrap();
    assert!(
        text(&output.stdout).contains("vault.master_key = \"***\"") && !text(&output.stdout).contains(&key)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_init_logs_in_and_outlives_a_restart() {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    let body = serde_json::json!({ "user_name": FIRST, "password": server.password });
    let answer = server.client().post("/v1/session", &body).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    let token = answer.json["token"].as_str().expect("a log-in gives a token").to_owned();
    let restart = move || {
        let (status, place, password) = server.end();
        assert!(status.success());
        Server::on(place, password, &[])
    };
    let server = tokio::task::spawn_blocking(restart).await.unwrap();
    let client = server.client().with_token(&token);
    assert_eq!(client.get("/v1/session").await.status, 200);
    assert!((200..300).contains(&client.delete("/v1/session").await.status));
    assert_eq!(client.get("/v1/session").await.status, 401);
}
