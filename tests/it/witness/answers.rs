//! Every answer that the specification names.

use mfa_ledger::tlog::key::KeyType;
use mfa_ledger::tlog::note::MAX_NOTE;
use mfa_ledger::tlog::{Checkpoint, Hash, Note, SigningKey, cosignature, leaf_hash, proof};
use mfa_ledger::witness::{MAX_BODY, MAX_PROOF};

use super::{Answer, Log, Witness, body, init, run_init, serve, signed};
use crate::support::server::{Place, text};

/// Asks, is refused, and shows that nothing was signed or remembered.
async fn refused(witness: &Witness, log: &Log, at: u64, body: impl Into<reqwest::Body>, status: u16) {
    let answer = witness.ask(body).await;
    assert_eq!((answer.status, answer.text.contains('—')), (status, false), "{answer:?}");
    let conflict = witness.ask(log.request(at + 1, at + 1)).await;
    let expected = Answer { status: 409, kind: "text/x.tlog.size".into(), text: format!("{at}\n") };
    assert_eq!(conflict, expected, "it has moved");
}

#[tokio::test]
async fn a_checkpoint_is_cosigned_when_it_goes_on_from_the_last() {
    let log = Log::new("log.example/one", 1);
    let witness = Witness::start(&[&log.verifier()]);
    let mut at = 0;
    // From nothing; one more; many; the same again; up to a full tree and beyond it.
    for size in [1, 2, 9, 9, 16, 32, 33, 40] {
        let answer = witness.ask(log.request(at, size)).await;
        witness.cosigned(&log, size, &answer);
        at = size;
    }
    assert_eq!(witness.look("/livez").await.status, 200);
}

#[tokio::test]
async fn the_empty_tree_can_be_cosigned_and_no_other_of_its_size() {
    let log = Log::new("log.example/empty", 1);
    let witness = Witness::start(&[&log.verifier()]);
    let (origin, root) = ("log.example/empty".to_owned(), leaf_hash(b"x"));
    let other = signed(&Checkpoint { origin, size: 0, root }, &log.key).to_string();
    refused(&witness, &log, 0, body(0, &[], &other), 422).await;
    let answer = witness.ask(log.request(0, 0)).await;
    witness.cosigned(&log, 0, &answer);
}

#[tokio::test]
async fn another_old_size_is_answered_with_the_size_that_is_remembered() {
    let log = Log::new("log.example/old", 1);
    let witness = Witness::start(&[&log.verifier()]);
    assert_eq!(witness.ask(log.request(0, 12)).await.status, 200);
    for (old, new) in [(0, 12), (0, 20), (11, 12), (13, 20), (5, 7)] {
        refused(&witness, &log, 12, log.request(old, new), 409).await;
    }
}

#[tokio::test]
async fn what_does_not_go_on_from_there_is_not_cosigned() {
    let (log, rewritten) = (Log::new("log.example/proofs", 1), Log::new("log.example/proofs", 2));
    let witness = Witness::start(&[&log.verifier()]);
    let Ok(hashes) = proof::consistency(&log, 12, 20);
    // A first checkpoint has nothing to go on from.
    refused(&witness, &log, 0, body(0, &hashes, &log.note(12).to_string()), 422).await;
    assert_eq!(witness.ask(log.request(0, 12)).await.status, 200);
    let note = log.note(20).to_string();
    let mut other = hashes.clone();
    other[0] = leaf_hash(b"x");
    let longer = [hashes.as_slice(), &[leaf_hash(b"x")]].concat();
    for hashes in [&[], &other[..], &longer, &hashes[1..]] {
        refused(&witness, &log, 12, body(12, hashes, &note), 422).await;
    }
    // The history written anew with the log's own key: from the size that is remembered, and at it.
    refused(&witness, &log, 12, rewritten.request(12, 20), 422).await;
    refused(&witness, &log, 12, rewritten.request(12, 12), 422).await;
    refused(&witness, &log, 12, body(12, &hashes, &log.note(12).to_string()), 422).await;
    assert_eq!(witness.ask(log.request(12, 20)).await.status, 200);
}

#[tokio::test]
async fn unknown_logs_and_unknown_keys() {
    let (log, unknown) = (Log::new("log.example/known", 1), Log::new("log.example/unknown", 1));
    let witness = Witness::start(&[&log.verifier()]);
    refused(&witness, &log, 0, unknown.request(0, 5), 404).await;
    let key =
        |seed| SigningKey::from_seed("log.example/known", KeyType::Ed25519, &[seed; 32]).expect("a key");
    let note = |key: &SigningKey| signed(&log.checkpoint(5), key);
    refused(&witness, &log, 0, body(0, &[], &note(&key(8)).to_string()), 403).await;
    // The id of the key that is known, with a signature that is not its own.
    let (mut forged, mut line) = (note(&key(8)), note(&log.key).signatures()[0].clone());
    line.bytes[3] ^= 1;
    forged.add(line.clone());
    refused(&witness, &log, 0, body(0, &[], &forged.to_string()), 403).await;
    // A witness's signature makes no log.
    let cosigner = SigningKey::from_seed("log.example/known", KeyType::Cosignature, &[7; 32]).expect("a key");
    let mut by_it = Note::unsigned(log.checkpoint(5).text()).expect("a text");
    by_it.add(cosignature::sign(&cosigner, by_it.text(), 1));
    refused(&witness, &log, 0, body(0, &[], &by_it.to_string()), 403).await;
    // One unknown beside the known one does no harm.
    let mut both = note(&key(8));
    both.sign(&log.key);
    let answer = witness.ask(body(0, &[], &both.to_string())).await;
    witness.cosigned(&log, 5, &answer);
}

#[tokio::test]
async fn bodies_that_cannot_be_understood() {
    let log = Log::new("log.example/bodies", 1);
    let witness = Witness::start(&[&log.verifier()]);
    let note = log.note(5).to_string();
    let hash = leaf_hash(b"x");
    let broken = [
        String::new(),
        "\n\n".to_owned(),
        "old 0\n".to_owned(),
        note.clone(),
        format!("old 0\n{note}"),
        format!("old\n\n{note}"),
        format!("old 00\n\n{note}"),
        format!("old -1\n\n{note}"),
        format!("old +0\n\n{note}"),
        format!("old 0 \n\n{note}"),
        format!("old 0\r\n\r\n{note}"),
        format!("Old 0\n\n{note}"),
        format!("old 18446744073709551616\n\n{note}"),
        format!("old 0\nAAAA\n\n{note}"),
        format!("old 0\n{hash} \n\n{note}"),
        format!("old 0\n\n{}", note.trim_end()),
        format!("old 0\n\n{}", log.note(5).text()),
        // Larger than the checkpoint itself.
        format!("old 6\n\n{note}"),
    ];
    for text in broken {
        refused(&witness, &log, 0, text, 400).await;
    }
    refused(&witness, &log, 0, [b"old 0\n\n\xff\xfe".as_slice(), note.as_bytes()].concat(), 400).await;
    assert_eq!(witness.look("/add-checkpoint").await.status, 405);
    assert_eq!(witness.look("/nothing").await.status, 404);
}

#[tokio::test]
async fn bodies_at_their_limits() {
    let log = Log::new("log.example/limits", 1);
    let witness = Witness::start(&[&log.verifier()]);
    let note = log.note(5).to_string();
    // So many hashes are read, and found to prove nothing; one more is not read.
    let hashes = vec![Hash::of_empty_tree(); MAX_PROOF + 1];
    refused(&witness, &log, 0, body(0, &hashes[..MAX_PROOF], &note), 422).await;
    refused(&witness, &log, 0, body(0, &hashes, &note), 400).await;
    refused(&witness, &log, 0, vec![b'x'; MAX_BODY], 400).await;
    refused(&witness, &log, 0, vec![b'x'; MAX_BODY + 1], 413).await;
    // The longest note that is read, and one byte more.
    let padded = |length: usize| {
        let bare = log.note(5).to_string().len();
        let text = format!("{}{}\n", log.checkpoint(5).text(), "x".repeat(length - bare - 1));
        let mut note = Note::unsigned(text).expect("a text");
        note.sign(&log.key);
        assert_eq!(note.to_string().len(), length);
        body(0, &[], &note.to_string())
    };
    refused(&witness, &log, 0, padded(MAX_NOTE + 1), 400).await;
    assert_eq!(witness.ask(padded(MAX_NOTE)).await.status, 200);
}

#[test]
fn keys_are_made_once_and_logs_must_be_named() {
    let place = Place::empty();
    let key = init(&place);
    assert_eq!(key.kind(), KeyType::Cosignature);
    let again = run_init(&place);
    assert_eq!(again.status.code(), Some(6), "{}", text(&again.stderr));
    for logs in [&[][..], &["log.example+00000000+AAAA"], &[&key.to_string()]] {
        let output = serve(&place, logs).stderr(std::process::Stdio::piped()).output().expect("it starts");
        assert!(!output.status.success() && output.stdout.is_empty(), "{logs:?}");
        assert!(!output.stderr.is_empty());
    }
}
