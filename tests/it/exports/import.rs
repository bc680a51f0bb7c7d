//! A data directory made of an export: whole or not there at all.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mfa_ledger::disk::Disk;
use mfa_ledger::export::{self, ExportError, Form};
use mfa_ledger::integrity::data_dir::{self, Against};

use super::{TAMPERED, add_administrator, export_to, exported, keys};
use crate::faults::table::crash_table;
use crate::support::server::{FIRST, Place, Server, text};

fn with_keys(from: &Place) -> Place {
    let place = Place::empty();
    for extension in ["key", "signing"] {
        let name = format!("ledger.{extension}");
        std::fs::copy(from.outside().join(&name), place.outside().join(&name)).expect("it can be copied");
    }
    place
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("it can be read");
    let mut names: Vec<_> =
        entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_imported_log_is_served_without_a_vault_and_goes_on_where_it_was() {
    let (place, password) = Place::initialised();
    add_administrator(&place, "ann");
    let file = export_to(&place, "export", &[]).display().to_string();
    let again = with_keys(&place);
    let output = again.run(&["log", "import", &file, "--output", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("there is no vault in an export"), "{}", text(&output.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    assert_eq!((&shown["records"], &shown["vault"]), (&9.into(), &"not included".into()));
    assert_eq!(names(&again.data_dir()), ["checkpoint", "journal", "ledger.json", "restored.json", "tile"]);
    for name in ["checkpoint", "tile/0/000.p/9"] {
        let read = |place: &Place| std::fs::read(place.data_dir().join(name)).expect("it is there");
        assert_eq!(read(&place), read(&again), "{name}");
    }
    let refused = again.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(text(&refused.stderr).contains("it is missing"), "{}", text(&refused.stderr));
    let server = Server::accepting(again, "imported from an export");
    let body = serde_json::json!({ "user_name": FIRST, "password": password });
    assert_eq!(server.client().post("/v1/session", &body).await.status, 401, "nobody can log in");
    let (status, again, _) = server.end();
    assert!(status.success());
    let output = again.run(&["administrator", "reset-password", FIRST, "--output", "json"]);
    assert!(output.status.success(), "the way back in: {}", text(&output.stderr));
    let output = again.run(&[
        "log",
        "verify",
        "--checkpoint",
        &place.data_dir().join("checkpoint").display().to_string(),
    ]);
    assert!(output.status.success(), "it goes on from there: {}", text(&output.stderr));
}

#[test]
fn it_is_served_with_a_new_master_key_as_well_and_with_none_it_says_what_to_do() {
    let (place, _) = Place::initialised();
    let file = export_to(&place, "export", &[]).display().to_string();
    let again = with_keys(&place);
    assert!(again.run(&["log", "import", &file]).status.success());
    std::fs::remove_file(again.key_file()).expect("there was one");
    let output = again.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    std::fs::write(again.key_file(), "5".repeat(64)).expect("it is written");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(again.key_file(), mode).expect("it is ours");
    let (status, ..) = Server::accepting(again, "imported from an export").end();
    assert!(status.success());
}

#[test]
fn without_the_signing_keys_it_can_be_imported_but_not_served() {
    let (place, _) = Place::initialised();
    let file = export_to(&place, "export", &[]).display().to_string();
    let key = text(&place.run(&["log", "keys"]).stdout);
    let elsewhere = Place::empty();
    assert_eq!(elsewhere.run(&["log", "import", &file]).status.code(), Some(1), "no key to check with");
    assert!(!elsewhere.data_dir().exists());
    let output = elsewhere.run(&["log", "import", &file, "--key", key.trim()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = elsewhere.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("put the signing keys of this ledger back"));
}

#[test]
fn what_cannot_be_imported_leaves_nothing() {
    let (place, _) = Place::initialised();
    let again = with_keys(&place);
    let before = names(again.outside());
    let refused = |file: &Path| {
        let output = again.run(&["log", "import", &file.display().to_string()]);
        assert_eq!(names(again.outside()), before, "nothing is left");
        (output.status.code(), text(&output.stderr))
    };
    let (code, told) = refused(&export_to(&place, "part", &["--from", "2"]));
    assert!(code == Some(1) && told.contains("positions 2 to 8 of 8"), "{told}");
    let (code, told) = refused(&export_to(&place, "leaves", &["--leaves"]));
    assert!(code == Some(1) && told.contains("the public halves alone"), "{told}");
    let whole = exported(&place, Form::Raw, 1, None);
    let file = place.outside().join("changed");
    for cut in [whole.len() - 1, whole.len() / 2, 700] {
        std::fs::write(&file, &whole[..cut]).expect("it is written");
        assert_eq!(refused(&file).0, TAMPERED, "{cut}");
    }
    for at in (0..whole.len()).step_by(whole.len() / 20).skip(1) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&file, &changed).expect("it is written");
        assert_eq!(refused(&file).0, TAMPERED, "byte {at}");
    }
    let (code, told) = refused(&place.key_file());
    assert!(code == Some(1) && told.contains("this is not an export"), "{told}");
    let sound = export_to(&place, "sound", &[]);
    let onto = place.run(&["log", "import", &sound.display().to_string()]);
    assert_eq!(onto.status.code(), Some(6), "{}", text(&onto.stderr));
}

#[tokio::test]
async fn an_imported_data_directory_is_whole_or_not_there() {
    let (place, _) = Place::initialised();
    let keys = keys(&place);
    let whole = exported(&place, Form::Raw, 1, None);
    let run = |dir: &Path, disk: &Disk| {
        export::import(&mut whole.as_slice(), &dir.join("target"), Some(&keys), "ada", disk).map(drop)
    };
    let sound = |dir: &Path| {
        let against = Against { keys: Some(keys.clone()), ..Against::default() };
        data_dir::verify(dir, against, 1..=u64::MAX, |_| {}).is_ok_and(|it| it.size == 8)
    };
    let table = crash_table(
        async |_| {},
        async |dir, disk| run(dir, &disk),
        async |dir, told: Result<(), ExportError>| {
            let target = dir.join("target");
            for name in names(dir) {
                assert!(["target", ".target.unfinished"].contains(&name.as_str()), "{name}");
            }
            assert!(target.exists() || told.is_err(), "what was reported as done is there");
            if target.exists() {
                assert!(sound(&target), "what has the name is whole");
            } else {
                run(dir, &Disk::real()).expect("the next run succeeds");
                assert_eq!(names(dir), ["target"]);
            }
        },
    );
    let table = table.await;
    assert!(table.steps.len() > 10, "{} steps", table.steps.len());
}
