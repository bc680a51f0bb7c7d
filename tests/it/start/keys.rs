//! Keys that several processes want to make at the same moment.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::support::server::{FIRST, Place, text};

/// Ledgers that begin at the same time with one key file, and how often they do so.
const LEDGERS: usize = 5;
const ROUNDS: usize = 4;

/// Two ledgers may share a master key. Each of them must still open with the key that is on the disk.
#[test]
fn ledgers_that_begin_at_once_with_one_key_file_all_use_the_key_that_stays() {
    for round in 0..ROUNDS {
        let shared = Place::empty();
        let key = shared.outside().join("shared.key");
        let places: Vec<_> = (0..LEDGERS).map(|_| Place::empty()).collect();
        let begin = |place: &Place| {
            let mut command = place.command(&["init", "--user-name", FIRST]);
            command.env("MFA_LEDGER__VAULT__MASTER_KEY_FILE", &key);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
        };
        let beginning: Vec<_> = places.iter().map(begin).collect();
        for child in beginning {
            let output = child.wait_with_output().expect("it ends");
            assert!(output.status.success(), "round {round}: {}", text(&output.stderr));
        }
        for place in &places {
            let mut list = place.command(&["administrator", "list"]);
            let output = list.env("MFA_LEDGER__VAULT__MASTER_KEY_FILE", &key).output().expect("it starts");
            assert!(output.status.success(), "round {round}: {}", text(&output.stderr));
        }
        let mode = std::fs::metadata(&key).expect("it is there").permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600);
    }
}
