//! The keyring: a file of any bytes. It is read and written as the same keys, or a typed error that keeps
//! private keys to itself.

use std::os::unix::fs::PermissionsExt;

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::keyring::{Keyring, KeyringError};

use super::{Outcome, Target, scratch};

pub const TARGET: Target = Target { name: "keyring", seeds, run };

/// Characters of the secret in the line of a private key: base64 of 33 bytes.
const SECRET_CHARS: usize = 44;

/// One key, one that was changed, one of a second origin, and a comment.
pub fn seeds() -> Vec<Vec<u8>> {
    let first = Keyring::generate("fuzzed", &Chance::seeded(1));
    let rings = [first.rotated(&Chance::seeded(2)), first.with_next_origin(&Chance::seeded(3)), first];
    let dir = scratch();
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for (number, ring) in rings.iter().enumerate() {
        let path = dir.path().join(number.to_string());
        ring.create(&path, &Disk::real(), &Chance::System).expect("it can be written");
        seeds.push(std::fs::read(&path).expect("it reads"));
    }
    seeds.push([b"# a comment\n\n".as_slice(), &seeds[0]].concat());
    seeds
}

pub fn run(data: &[u8]) -> Outcome {
    let dir = scratch();
    let (path, again) = (dir.path().join("keys"), dir.path().join("again"));
    std::fs::write(&path, data).expect("it can be written");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("it is ours");
    match Keyring::read(&path, false) {
        Ok(ring) => {
            ring.create(&again, &Disk::real(), &Chance::System).expect("it can be written");
            let written = Keyring::read(&again, false).expect("what is written reads");
            assert_eq!(written.verifiers(), ring.verifiers());
            assert_eq!(*written.signing().to_text(), *ring.signing().to_text());
            assert!(!ring.origin().is_empty() && ring.verifiers().last() == Some(ring.signing().verifier()));
            quiet(&format!("{ring:?}"), data);
            "read".into()
        }
        Err(error) => {
            quiet(&format!("{error} {error:?}"), data);
            match error {
                KeyringError::Wrong { .. } => "wrong".into(),
                KeyringError::Malformed { .. } => "malformed".into(),
                other => panic!("the bytes of a file are no reason for: {other:?}"),
            }
        }
    }
}

/// No private key is told.
fn quiet(told: &str, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    // PRIVATE+KEY+<name>+<id>+<secret>
    let secrets = text.lines().filter_map(|line| line.trim().splitn(5, '+').nth(4));
    for secret in secrets.filter(|it| it.len() == SECRET_CHARS && it.bytes().all(base64)) {
        assert!(!told.contains(secret), "a private key is told: {told}");
    }
}
