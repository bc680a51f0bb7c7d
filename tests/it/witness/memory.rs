//! What it has signed it remembers, or it does not start.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use data_encoding::HEXLOWER;
use mfa_ledger::tlog::SignedCheckpoint;
use sha2::{Digest, Sha256};

use super::{LEAVES, Log, Witness, dir, serve};
use crate::support::server::{Place, text};

/// Kills. In each a log grows by 25 leaves at most.
const ROUNDS: u64 = LEAVES as u64 / 25;

fn hash(origin: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(origin))
}

fn file(place: &Place, origin: &str) -> PathBuf {
    dir(place).join(format!("{}.checkpoint", hash(origin)))
}

#[tokio::test]
async fn a_restart_and_a_kill_take_nothing_from_it() {
    let log = Log::new("log.example/kept", 1);
    let mut witness = Witness::start(&[&log.verifier()]);
    for (old, new) in [(0, 3), (3, 8), (8, 21), (21, 40)] {
        let answer = witness.ask(log.request(old, new)).await;
        witness.cosigned(&log, new, &answer);
        let (place, key) = if old % 2 == 0 { witness.kill() } else { witness.end() };
        witness = Witness::on(place, key, &[&log.verifier()]);
        let rolled_back = witness.ask(log.request(old, new)).await;
        assert_eq!((rolled_back.status, rolled_back.text.as_str()), (409, &*format!("{new}\n")));
        let shown = witness.look(&format!("/{}/checkpoint", hash("log.example/kept"))).await;
        let shown = SignedCheckpoint::parse(shown.text.as_bytes()).expect("a checkpoint");
        assert_eq!(shown.checkpoint, log.checkpoint(new));
        assert_eq!(shown.note.verify(std::slice::from_ref(&witness.key)).expect("it holds").len(), 1);
    }
    assert_eq!(witness.look(&format!("/{}/checkpoint", hash("another"))).await.status, 404);
}

#[tokio::test]
async fn kills_while_it_is_asked_never_take_what_was_answered() {
    let log = Log::new("log.example/kills", 1);
    let mut witness = Witness::start(&[&log.verifier()]);
    let mut at = 0;
    for round in 0..ROUNDS {
        // The kill comes at another moment each time; what is answered by then counts.
        let url = format!("{}/add-checkpoint", witness.url);
        let bodies: Vec<_> = (at..at + 25).map(|size| log.request(size, size + 1)).collect();
        let http = witness.http.clone();
        let asking = tokio::spawn(async move {
            let mut answered = 0;
            for body in bodies {
                match http.post(&url).body(body).send().await {
                    Ok(answer) if answer.status() == 200 => answered += 1,
                    _ => break,
                }
            }
            answered
        });
        tokio::time::sleep(std::time::Duration::from_millis(2 + round * 3)).await;
        let (place, key) = witness.kill();
        let answered: u64 = asking.await.expect("no panic");
        witness = Witness::on(place, key, &[&log.verifier()]);
        // A size that it cannot have yet, or only at the very end.
        let last = u64::from(LEAVES);
        let told = witness.ask(log.request(last, last)).await;
        let now = if told.status == 200 { last } else { told.text.trim().parse().expect("a size") };
        // One more may be stored whose answer did not arrive.
        assert!((at + answered..=at + answered + 1).contains(&now), "{at} + {answered}, but {now}");
        at = now;
    }
    assert!(at > 0, "something was cosigned");
}

#[tokio::test]
async fn damaged_memory_is_no_start() {
    let origin = "log.example/damaged";
    let (log, other) = (Log::new(origin, 1), Log::new("log.example/other", 1));
    let logs = [log.verifier(), other.verifier()];
    let logs = [logs[0].as_str(), &logs[1]];
    let witness = Witness::start(&logs);
    assert_eq!(witness.ask(log.request(0, 5)).await.status, 200);
    assert_eq!(witness.ask(other.request(0, 6)).await.status, 200);
    let (place, key) = witness.end();
    let file = file(&place, origin);
    let sound = std::fs::read(&file).expect("it remembers");
    let of_another = std::fs::read(self::file(&place, "log.example/other")).expect("it remembers");
    let foreign = log.note(5).to_string().into_bytes();
    let mut damaged = vec![Vec::new(), vec![0; sound.len()], b"5\n".to_vec(), of_another, foreign];
    damaged.extend((0..sound.len()).step_by(29).map(|cut| sound[..cut].to_vec()));
    // A bit of the checkpoint, or of its own signature. The log's signature it does not need.
    let lines: Vec<_> = text(&sound).split_inclusive('\n').map(str::to_owned).collect();
    let ours = lines.last().expect("its own signature").len();
    let body: usize = lines.iter().take(4).map(String::len).sum();
    for at in (0..body).step_by(17).chain((sound.len() - ours..sound.len()).step_by(17)) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        damaged.push(bytes);
    }
    for bytes in damaged {
        std::fs::write(&file, &bytes).expect("it is written");
        let output = serve(&place, &logs).stderr(Stdio::piped()).output().expect("the program starts");
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(10), "{bytes:?}\n{told}");
        assert!(output.stdout.is_empty() && told.contains("is damaged"), "{told}");
        assert_eq!(std::fs::read(&file).expect("it is there"), bytes, "nothing was changed");
    }
    std::fs::write(&file, &sound).expect("it is written");
    let witness = Witness::on(place, key, &logs);
    assert_eq!(witness.ask(log.request(5, 9)).await.status, 200);
}

#[tokio::test]
async fn one_witness_has_a_directory_and_its_key_is_for_its_owner() {
    let log = Log::new("log.example/lock", 1);
    let witness = Witness::start(&[&log.verifier()]);
    let second = serve(&witness.place, &[&log.verifier()]).stderr(Stdio::piped()).output();
    let second = second.expect("the program starts");
    assert!(!second.status.success() && second.stdout.is_empty());
    assert!(text(&second.stderr).contains("another process has the directory"), "{}", text(&second.stderr));
    assert_eq!(witness.ask(log.request(0, 5)).await.status, 200);
    let (place, _) = witness.end();
    let key = place.outside().join("witness.key");
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).expect("it is ours");
    let open = serve(&place, &[&log.verifier()]).stderr(Stdio::piped()).output().expect("it starts");
    assert!(!open.status.success() && text(&open.stderr).contains("chmod 600"), "{}", text(&open.stderr));
}
