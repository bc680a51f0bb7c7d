//! `mfa-ledger evidence verify`, and whoever checks it without us.

use std::path::Path;
use std::process::{Command, Output};

use super::Played;
use super::made::{create, unpacked};
use crate::support::server::{Place, text};

fn key(place: &Place) -> String {
    text(&place.run(&["log", "keys"]).stdout).trim().to_owned()
}

/// On a machine that has nothing but the file and the key.
fn verify(file: &Path, key: &str) -> Output {
    let elsewhere = Place::empty();
    elsewhere.run(&["evidence", "verify", &file.display().to_string(), "--key", key])
}

/// With Python and openssl, after the README in it.
fn outsider(dir: &Path, key: &str) -> Output {
    Command::new("python3").arg(dir.join("check.py")).arg(key).output().expect("python3 is installed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_sound_with_the_right_key_and_with_no_other() {
    let (place, _) = Played::over().await;
    let file = create(&place, &["--administrator", "ada"], "ada.tar");
    let (own, other) = (key(&place), key(&Place::initialised().0));
    let found = verify(&file, &own);
    assert!(found.status.success(), "{}", text(&found.stderr));
    assert!(text(&found.stdout).contains("sound"), "{}", text(&found.stdout));
    assert_eq!(verify(&file, &other).status.code(), Some(10));
    let elsewhere = Place::empty().run(&["evidence", "verify", &file.display().to_string()]);
    assert_eq!(
        elsewhere.status.code(),
        Some(1),
        "without a key there is no verdict: {}",
        text(&elsewhere.stderr)
    );
    assert_eq!(place.run(&["evidence", "verify", "nothing.tar"]).status.code(), Some(5));

    let dir = place.outside().join("unpacked");
    unpacked(&file, &dir);
    let found = outsider(&dir.join("evidence"), &own);
    assert!(found.status.success(), "{}", text(&found.stderr));
    assert!(text(&found.stdout).contains("are in the log mfa-ledger/lgr_"), "{}", text(&found.stdout));
    assert!(!outsider(&dir.join("evidence"), &other).status.success());
    let script = dir.join("evidence/check.py");
    let asked = |flags: &[&str], keys: &[&str]| {
        let found = Command::new("python3").args(flags).arg(&script).args(keys).output();
        let found = found.expect("python3 is installed");
        (found.status.code(), text(&found.stderr).trim().to_owned())
    };
    let (code, told) = asked(&["-O"], &[&own]);
    assert!(code == Some(1) && told.contains("leaves out every check"), "{told}");
    for keys in [&[][..], &["keys.txt"]] {
        let (code, told) = asked(&[], keys);
        assert!(code == Some(1) && told.ends_with("check.py PUBLIC-KEY..."), "{told}");
    }
    let summed = Command::new("sha256sum")
        .args(["-c", "--quiet", "manifest.sha256"])
        .current_dir(dir.join("evidence"))
        .status();
    assert!(summed.expect("there is sha256sum").success());
}

/// Every file, altered at its beginning, its middle and its end, taken away, and one more put in.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_altered_is_found_by_us_and_by_others() {
    let (place, reset) = Played::over().await;
    let file = create(&place, &["--reset", &reset.to_string(), "--with-personal-data"], "reset.tar");
    let own = key(&place);
    let dir = place.outside().join("unpacked");
    let files = unpacked(&file, &dir);
    let root = dir.join("evidence");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert!(names.len() > 12, "{names:?}");
    for (name, bytes) in &files {
        let path = root.join(name);
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            std::fs::write(&path, &altered).expect("it is written");
            found(&root, &own, &format!("{name}, byte {at}"), name != "check.py");
        }
        std::fs::remove_file(&path).expect("it can be removed");
        found(&root, &own, &format!("{name} taken away"), name != "check.py");
        std::fs::write(&path, bytes).expect("it is written");
    }
    std::fs::write(root.join("events/000000000001.json"), "{}").expect("it is written");
    found(&root, &own, "one more event", true);
}

/// Packed again by the tar of the system in the form of ours, it is not what was made.
#[track_caller]
fn found(root: &Path, key: &str, what: &str, by_others: bool) {
    let packed = root.with_extension("tar");
    let status = Command::new("python3")
        .args(["-c", PACK])
        .arg(root)
        .arg(&packed)
        .status()
        .expect("python3 is installed");
    assert!(status.success());
    let ours = verify(&packed, key);
    assert_eq!(ours.status.code(), Some(10), "{what}: {}{}", text(&ours.stdout), text(&ours.stderr));
    assert!(!by_others || !outsider(root, key).status.success(), "{what}");
}

/// The very form of our archives, but for the order of the files.
const PACK: &str = "
import pathlib, sys, tarfile
root = pathlib.Path(sys.argv[1])
def plain(info):
    info.mtime = info.uid = info.gid = 0
    info.uname = info.gname = ''
    info.mode = 0o644
    return info
with tarfile.open(sys.argv[2], 'w', format=tarfile.USTAR_FORMAT) as tar:
    for file in sorted(root.rglob('*')):
        if file.is_file():
            tar.add(file, f'evidence/{file.relative_to(root)}', filter=plain)
data = open(sys.argv[2], 'rb').read().rstrip(b'\\0')
data += b'\\0' * (-len(data) % 512 + 1024)
open(sys.argv[2], 'wb').write(data)
";

/// No byte of the archive can be changed, nor can it be cut.
#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_the_archive_can_be_changed() {
    let (place, reset) = Played::over().await;
    let file = create(&place, &["--reset", &reset.to_string()], "reset.tar");
    let keys = [key(&place).parse().expect("a key")];
    let bytes = std::fs::read(&file).expect("it can be read");
    assert!(mfa_ledger::evidence::verify(&bytes, &keys).is_ok());
    for at in (0..bytes.len()).step_by(7) {
        let mut altered = bytes.clone();
        altered[at] ^= 0x10;
        assert!(mfa_ledger::evidence::verify(&altered, &keys).is_err(), "byte {at}");
    }
    for cut in (0..bytes.len()).step_by(97) {
        assert!(mfa_ledger::evidence::verify(&bytes[..cut], &keys).is_err(), "{cut} bytes");
    }
}
