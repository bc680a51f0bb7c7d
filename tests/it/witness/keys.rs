//! Making the key of a witness: several processes at once, and a file that is damaged.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use mfa_ledger::tlog::VerifierKey;
use mfa_ledger::witness::{key_file, read_key};

use super::{NAME, dir, init, path, run_init, serve};
use crate::support::server::{Place, text};

/// Processes that make a key at the same time, and how often they do so.
const PROCESSES: usize = 6;
const ROUNDS: usize = 8;

/// A reader may come at any time: it finds no key, or the one that stays.
#[test]
fn of_processes_that_make_a_key_at_once_one_does_and_the_others_name_it() {
    for round in 0..ROUNDS {
        let place = Place::empty();
        let (own, file) = (dir(&place), key_file(&dir(&place)));
        let start = || {
            let mut command = place.command(&["witness", "init", "--name", NAME, "--dir", path(&own)]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
        };
        let mut makers: Vec<_> = (0..PROCESSES).map(|_| start()).collect();
        let mut read = Vec::new();
        while makers.iter_mut().any(|it| it.try_wait().expect("it can be waited for").is_none()) {
            if file.exists() {
                read.push(read_key(&file, false).expect("it is whole").verifier().clone());
            }
        }
        let ended: Vec<_> = makers.into_iter().map(|it| it.wait_with_output().expect("it ends")).collect();
        let stays = read_key(&file, false).expect("there is a key").verifier().clone();
        read.dedup();
        assert!(read.is_empty() || read == [stays.clone()], "round {round}: {read:?}");
        let made: Vec<VerifierKey> = ended
            .iter()
            .filter(|it| it.status.success())
            .map(|it| text(&it.stdout).trim().parse().expect("a key"))
            .collect();
        assert_eq!(made, std::slice::from_ref(&stays), "round {round}: one of them made it");
        for late in ended.iter().filter(|it| !it.status.success()) {
            assert_eq!(late.status.code(), Some(6), "{}", text(&late.stderr));
            assert!(text(&late.stderr).contains(&stays.to_string()), "{}", text(&late.stderr));
        }
        let permissions = std::fs::metadata(&file).expect("it is there").permissions();
        assert_eq!(permissions.mode() & 0o7777, 0o600);
    }
}

#[test]
fn an_empty_or_torn_key_is_named_and_never_replaced() {
    let place = Place::empty();
    let key = init(&place);
    let file = key_file(&dir(&place));
    let whole = std::fs::read(&file).expect("it is there");
    for damaged in [&[][..], &whole[..whole.len() / 2]] {
        std::fs::write(&file, damaged).expect("it can be written");
        for output in
            [serve(&place, &[&key.to_string()]).stderr(Stdio::piped()).output(), Ok(run_init(&place))]
        {
            let output = output.expect("it starts");
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{told}");
            assert!(told.contains("does not hold the key of a witness"), "{told}");
            assert!(told.contains("put it back from a copy"), "{told}");
        }
        assert_eq!(std::fs::read(&file).expect("it is there"), damaged);
    }
}
