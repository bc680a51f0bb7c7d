//! `doctor`, the real binary: each check is made to find what it is for, and nothing is ever changed by it.

mod altered;
mod around;
mod beside;
mod machine;

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::grep::files;
use crate::support::server::{Place, Server, text};

/// In the order in which they are told.
const CHECKS: &[&str] = &[
    "configuration",
    "data-directory",
    "key-file",
    "master-key",
    "vault",
    "log",
    "signing-keys",
    "anchors",
    "disk-space",
    "sync",
    "clock",
    "vault-orphans",
    "set-aside",
    "proxies",
    "rules",
    "nats",
];

/// What doctor has said.
#[derive(Debug)]
struct Told {
    code: Option<i32>,
    findings: BTreeMap<String, Value>,
    stderr: String,
}

impl Told {
    #[track_caller]
    fn status(&self, name: &str) -> &str {
        self.findings[name]["status"].as_str().expect("a status")
    }

    /// A finding has this status, and says all of this in its detail and advice.
    #[track_caller]
    fn says(&self, name: &str, status: &str, words: &[&str]) {
        let finding = &self.findings[name];
        assert_eq!(self.status(name), status, "{finding}");
        let said = format!("{} {}", finding["detail"], finding["advice"]);
        for word in words {
            assert!(said.contains(word), "{word:?} is not in {said}");
        }
    }
}

fn doctor(place: &Place, environment: &[(&str, &str)]) -> Told {
    let output = place.command(&["doctor", "--output", "json"]).envs(environment.iter().copied()).output();
    let output = output.expect("the program starts");
    let stderr = text(&output.stderr);
    let rows: Vec<Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().expect("a name")).collect();
    assert_eq!(names, CHECKS);
    let findings = rows.iter().map(|row| (row["name"].as_str().unwrap_or_default().to_owned(), row.clone()));
    Told { code: output.status.code(), findings: findings.collect(), stderr }
}

/// A ledger on a disk that keeps what it is given, which the place for temporary files may not be.
fn on_a_disk() -> Place {
    let place = Place::empty_in(Path::new(env!("CARGO_TARGET_TMPDIR")));
    place.init();
    place
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
}

/// All that can be seen of a directory: names, bytes, modes, and when anything was last changed.
fn seen(dir: &Path) -> Vec<(PathBuf, Vec<u8>, u32, i64)> {
    let one = |path: PathBuf| {
        let meta = std::fs::metadata(&path).expect("it is there");
        let bytes = std::fs::read(&path).expect("it can be read");
        (path, bytes, meta.mode(), meta.mtime() * 1_000_000_000 + meta.mtime_nsec())
    };
    files(dir).into_iter().map(one).collect()
}

#[test]
fn a_sound_ledger_is_found_sound_and_left_as_it_is() {
    let place = on_a_disk();
    let before = seen(&place.data_dir());
    let told = doctor(&place, &[]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{told:?}");
    for name in ["configuration", "data-directory", "key-file", "master-key", "vault", "log", "vault-orphans"]
    {
        // Hashes cost next to nothing in tests.
        let wanted = if name == "configuration" { "warn" } else { "ok" };
        assert_eq!(told.status(name), wanted, "{:?}", told.findings[name]);
    }
    told.says("log", "ok", &["sound to the end", "are what was signed"]);
    assert!(told.findings["sync"]["detail"].as_str().is_some_and(|it| it.starts_with("a sync on ")));
    assert!(seen(&place.data_dir()) == before, "something was changed");
}

#[test]
fn what_a_killed_server_left_is_looked_at_and_left_as_it_is() {
    let (place, _) = Server::start().kill();
    let before = seen(&place.data_dir());
    let told = doctor(&place, &[]);
    told.says("log", "ok", &["sound to the end"]);
    assert!(seen(&place.data_dir()) == before, "something was changed");
    assert!(place.run(&["administrator", "list"]).status.success());
}

#[test]
fn it_comes_in_every_form() {
    let place = on_a_disk();
    let told = |form: &str| text(&place.run(&["doctor", "--output", form]).stdout);
    let lines: Vec<Value> = told("ndjson").lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let names: Vec<_> = lines.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, CHECKS);
    assert!(told("table").starts_with("Check\tStatus\tDetail\tAdvice\nconfiguration\twarn\t"));
    assert_eq!(told("csv").split("\r\n").count(), CHECKS.len() + 2);
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_and_the_rest_skipped() {
    let (place, _) = Place::initialised();
    let told = doctor(&place, &[("MFA_LEDGER__HTTP__LISTEN", "everywhere")]);
    told.says("configuration", "fail", &["MFA_LEDGER__HTTP__LISTEN=everywhere", "config template"]);
    assert!(CHECKS[1..].iter().all(|name| told.status(name) == "skipped"), "{told:?}");
    assert_eq!(told.code, Some(1));
    assert!(told.stderr.contains("1 of 16 checks failed: configuration"), "{}", told.stderr);
    let told = doctor(&place, &[("MFA_LEDGER__TELEMETRY__FILTER", "mfa_ledger=loud")]);
    told.says("configuration", "fail", &["telemetry.filter"]);
    let told = doctor(&place, &[("MFA_LEDGER__HASHING__MEMORY_KIB", "8")]);
    told.says("configuration", "warn", &["less than is recommended"]);
    assert_eq!(told.code, Some(0), "a warning is no failure");
}

#[test]
fn a_directory_that_others_can_reach_or_that_holds_no_ledger_is_told() {
    let (place, _) = Place::initialised();
    chmod(&place.data_dir(), 0o755);
    let told = doctor(&place, &[]);
    told.says("data-directory", "fail", &["open to everybody (mode 0755)", "chmod 700"]);
    assert_eq!(told.code, Some(1));
    chmod(&place.data_dir(), 0o750);
    let told = doctor(&place, &[]);
    told.says("data-directory", "warn", &["open to its group"]);
    assert_eq!(told.code, Some(0));

    let empty = Place::empty();
    let told = doctor(&empty, &[]);
    told.says("data-directory", "fail", &["holds no ledger yet", "mfa-ledger init"]);
    assert!(!empty.data_dir().exists() && told.code == Some(1));
}

#[test]
fn a_key_that_is_missing_too_open_or_among_the_data_is_told() {
    let (place, _) = Place::initialised();
    chmod(&place.key_file(), 0o644);
    let told = doctor(&place, &[]);
    told.says("key-file", "fail", &["is open to others (mode 0644)", "chmod 600"]);
    told.says("master-key", "skipped", &["see key-file"]);
    told.says("vault-orphans", "skipped", &["not checked"]);
    assert_eq!(told.code, Some(1));
    chmod(&place.key_file(), 0o600);

    let inside = place.data_dir().join("key");
    std::fs::rename(place.key_file(), &inside).unwrap();
    doctor(&place, &[]).says("key-file", "fail", &["does not exist"]);
    std::os::unix::fs::symlink(&inside, place.key_file()).unwrap();
    let told = doctor(&place, &[]);
    told.says("key-file", "fail", &["lies in the data directory", "vault.master_key_file"]);
    told.says("master-key", "ok", &[]);
    assert_eq!(told.code, Some(1));

    let key = std::fs::read_to_string(&inside).unwrap();
    std::fs::remove_file(&inside).unwrap();
    let told = doctor(&place, &[("MFA_LEDGER__VAULT__MASTER_KEY", &key)]);
    told.says("key-file", "ok", &["through the environment"]);
    told.says("master-key", "ok", &[]);
}

#[test]
fn the_key_of_another_ledger_is_told() {
    let (place, _) = Place::initialised();
    std::fs::write(place.key_file(), "7".repeat(64)).unwrap();
    let told = doctor(&place, &[]);
    told.says("key-file", "ok", &[]);
    told.says("master-key", "fail", &["not the one that this ledger was made with", "the copy you keep"]);
    told.says("log", "ok", &[]);
    assert_eq!(told.code, Some(1));
}
