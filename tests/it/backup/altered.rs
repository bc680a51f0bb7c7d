//! Backups that were tampered with, or never were any: told, exit code 10 or 1, and nothing is left behind.

use std::path::Path;

use super::{below, create, names, verify, with_keys};
use crate::support::server::{Place, text};

/// Does something to a copy of a backup, and says how verify and restore end. Nothing may be restored.
fn outcome(place: &Place, backup: &Path, change: impl FnOnce(&Path)) -> Option<i32> {
    let copy = below(place, "altered");
    let copied = std::process::Command::new("cp").arg("-a").arg(backup).arg(&copy).status();
    assert!(copied.expect("there is cp").success());
    change(&copy);
    let verified = verify(place, &copy);
    let told = text(&verified.stderr);
    assert!(!told.contains("panicked"), "{told}");
    let again = with_keys(place);
    let restored = again.run(&["backup", "restore", &copy.display().to_string()]);
    assert_eq!(restored.status.code(), verified.status.code(), "{}", text(&restored.stderr));
    assert_eq!(names(again.outside()), ["ledger.key", "ledger.signing"], "nothing is left");
    let printed: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap_or_default();
    if verified.status.code() == Some(10) {
        assert_eq!(printed["result"], "altered", "{told}");
    }
    std::fs::remove_dir_all(&copy).expect("it can be removed");
    verified.status.code()
}

fn edit(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(file).expect("a file");
    change(&mut bytes);
    std::fs::write(file, bytes).expect("it can be written");
}

/// Brings the manifest up to date with a file that was changed: what is left to find it by is the content.
fn forge(backup: &Path, path: &str) {
    use sha2::Digest;
    let bytes = std::fs::read(backup.join(path)).expect("a file");
    let sha256 = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&bytes));
    manifest(backup, |manifest| {
        for item in manifest["files"].as_array_mut().expect("files") {
            if item["path"] == path {
                item["bytes"] = bytes.len().into();
                item["sha256"] = sha256.clone().into();
            }
        }
    });
}

fn manifest(backup: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    edit(&backup.join("manifest.json"), |bytes| {
        let mut value = serde_json::from_slice(bytes).expect("JSON");
        change(&mut value);
        *bytes = value.to_string().into_bytes();
    });
}

const SEGMENT: &str = "journal/00000000000000000001.segment";

#[test]
fn every_file_that_is_changed_cut_gone_or_more_is_found() {
    let (place, _) = Place::initialised();
    let backup = below(&place, "b");
    create(&place, &backup);
    let files = ["checkpoint", "ledger.json", SEGMENT, "vault/slots", "vault/sealed"];
    for file in files {
        let altered = |change: fn(&Path)| outcome(&place, &backup, |dir| change(&dir.join(file)));
        assert_eq!(altered(|file| edit(file, |bytes| bytes[30] ^= 1)), Some(10), "{file} flipped");
        assert_eq!(altered(|file| edit(file, |bytes| bytes.truncate(40))), Some(10), "{file} cut");
        assert_eq!(altered(|file| edit(file, |bytes| bytes.push(0))), Some(10), "{file} longer");
        assert_eq!(altered(|file| std::fs::remove_file(file).expect("removed")), Some(10), "{file} gone");
        let linked = |file: &Path| {
            std::fs::rename(file, file.with_extension("aside")).expect("renamed");
            std::os::unix::fs::symlink(file.with_extension("aside"), file).expect("a link");
        };
        assert_eq!(altered(linked), Some(10), "{file} linked");
    }
    for more in ["more", "journal/00000000000000000099.segment", "vault/sealed.new"] {
        let change = |dir: &Path| std::fs::write(dir.join(more), b"x").expect("a file");
        assert_eq!(outcome(&place, &backup, change), Some(10), "{more}");
    }
    assert!(verify(&place, &backup).status.success());
}

#[test]
fn a_manifest_that_was_made_to_fit_hides_nothing() {
    let (place, _) = Place::initialised();
    let backup = below(&place, "b");
    create(&place, &backup);
    for (file, at) in [("checkpoint", 30), (SEGMENT, 500), ("ledger.json", 40), ("vault/slots", 4100)] {
        let change = |dir: &Path| {
            edit(&dir.join(file), |bytes| bytes[at] ^= 1);
            forge(dir, file);
        };
        assert_eq!(outcome(&place, &backup, change), Some(10), "{file}");
    }
    let shorter = |dir: &Path| {
        edit(&dir.join(SEGMENT), |bytes| bytes.truncate(bytes.len() - 700));
        forge(dir, SEGMENT);
    };
    assert_eq!(outcome(&place, &backup, shorter), Some(10), "records cut off");
    let outside = |dir: &Path| manifest(dir, |it| it["files"][0]["path"] = "../x".into());
    assert_eq!(outcome(&place, &backup, outside), Some(10), "a path that leads outside");
    let hides = |dir: &Path| manifest(dir, |it| it["vault"]["entries"] = 1.into());
    assert_eq!(outcome(&place, &backup, hides), Some(10), "fewer entries");
}

#[test]
fn what_is_no_backup_or_of_another_time_or_ledger_is_told() {
    let (place, _) = Place::initialised();
    let backup = below(&place, "b");
    create(&place, &backup);
    let newer = |dir: &Path| std::fs::write(dir.join("manifest.json"), br#"{"format": 9}"#).expect("a file");
    assert_eq!(outcome(&place, &backup, newer), Some(1));
    let garbage = |dir: &Path| std::fs::write(dir.join("manifest.json"), [0xff; 5000]).expect("a file");
    assert_eq!(outcome(&place, &backup, garbage), Some(10));
    let huge = |dir: &Path| {
        let file = std::fs::File::create(dir.join("manifest.json")).expect("a file");
        file.set_len(1 << 40).expect("a hole");
    };
    assert_eq!(outcome(&place, &backup, huge), Some(10));
    let none = |dir: &Path| std::fs::remove_file(dir.join("manifest.json")).expect("removed");
    assert_eq!(outcome(&place, &backup, none), Some(1));
    assert_eq!(verify(&place, &below(&place, "nowhere")).status.code(), Some(1));

    let (other, _) = Place::initialised();
    let foreign = verify(&other, &backup);
    assert_eq!(foreign.status.code(), Some(10), "signed by nobody known: {}", text(&foreign.stderr));
    let unsigned = other.run(&["backup", "verify", "--unsigned", &backup.display().to_string()]);
    assert_eq!(unsigned.status.code(), Some(1), "another master key: {}", text(&unsigned.stderr));
    let nobody = verify(&Place::empty(), &backup);
    assert_eq!(nobody.status.code(), Some(1), "no key to check with: {}", text(&nobody.stderr));
    let key = std::fs::read_to_string(below(&place, "ledger.signing")).expect("a keyring");
    let key: mfa_ledger::tlog::SigningKey =
        mfa_ledger::tlog::SigningKey::parse(key.lines().last().expect("a line")).expect("a key");
    let vkey = key.verifier().to_string();
    let given = Place::empty().run(&["backup", "verify", "--key", &vkey, &backup.display().to_string()]);
    assert!(given.status.success(), "{}", text(&given.stderr));
}

#[test]
fn an_altered_log_does_not_become_a_backup() {
    let (place, _) = Place::initialised();
    edit(&place.data_dir().join(SEGMENT), |bytes| bytes[500] ^= 1);
    let output = place.run(&["backup", "create", "--to", "b"]);
    assert_eq!(output.status.code(), Some(10), "{}", text(&output.stderr));
    edit(&place.data_dir().join(SEGMENT), |bytes| bytes[500] ^= 1);
    let last = |bytes: &mut Vec<u8>| {
        let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1;
        bytes.truncate(end - 1);
    };
    edit(&place.data_dir().join(SEGMENT), last);
    let output = place.run(&["backup", "create", "--to", "b"]);
    assert_eq!(output.status.code(), Some(10), "the newest record is cut: {}", text(&output.stderr));
    assert!(!names(place.outside()).iter().any(|name| name.contains('b')), "{:?}", names(place.outside()));
}
