//! The formats of transparency logs: notes, checkpoints, cosignatures, receipts, keys, tiles. Whatever they
//! are given they read what has one spelling, or tell a typed error; and nothing passes that the keys known
//! here have not signed.

use std::sync::LazyLock;

use mfa_ledger::tlog::key::KeyType;
use mfa_ledger::tlog::proof::{verify_consistency, verify_inclusion};
use mfa_ledger::tlog::receipt::{Receipt, ReceiptError};
use mfa_ledger::tlog::tile::{self, Kind, Tile};
use mfa_ledger::tlog::{
    Checkpoint, Hash, Note, SignedCheckpoint, SigningKey, VerifierKey, cosignature, leaf_hash, node_hash,
};

use super::{Outcome, Target};

pub const TARGET: Target = Target { name: "tlog", seeds, run };

/// The leaves of the log that was signed for.
const LEAVES: [&[u8]; 3] = [b"one", b"two", b"three"];
/// Which of them the receipt is of.
const PROVEN: usize = 1;

/// A log of three leaves, and those who signed for it.
struct Signed {
    log: SigningKey,
    witness: SigningKey,
    known: Vec<VerifierKey>,
    receipt: Receipt,
}

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let key = |name, kind| SigningKey::from_seed(name, kind, &[9; 32]).expect("a key");
    let (log, witness) = (key("log", KeyType::Ed25519), key("witness", KeyType::Cosignature));
    let [one, two, three] = LEAVES.map(leaf_hash);
    let root = node_hash(&node_hash(&one, &two), &three);
    let checkpoint = Checkpoint { origin: "log".to_owned(), size: 3, root };
    let mut note = Note::unsigned(checkpoint.text()).expect("a checkpoint is text");
    note.sign(&log);
    note.add(cosignature::sign(&witness, note.text(), 1_777_885_200));
    let known = vec![log.verifier().clone(), witness.verifier().clone()];
    let checkpoint = SignedCheckpoint { checkpoint, note };
    Signed { receipt: Receipt { index: 1, path: vec![one, three], checkpoint }, known, log, witness }
});

/// One of each, well-formed.
pub fn seeds() -> Vec<Vec<u8>> {
    let Signed { log, witness, receipt, .. } = &*SIGNED;
    let note = receipt.checkpoint.note.to_string();
    let texts = [
        note.clone(),
        note.replacen("\n\n", "\nan extension\n\n", 1),
        receipt.to_string(),
        receipt.to_string().replacen('\n', "\nextra AAAA\n", 1),
        log.verifier().to_string(),
        witness.verifier().to_string(),
        log.to_text().to_string(),
        "tile/0/x001/x234/067".to_owned(),
        "tile/entries/273.p/112".to_owned(),
        "tile/7/x018/x446/x744/x073/x709/x551/615".to_owned(),
    ];
    let hashes = LEAVES.map(leaf_hash).concat_bytes();
    let numbers = [[0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 3]].concat();
    let proof = [numbers, hashes.clone()].concat();
    texts.map(String::into_bytes).into_iter().chain([hashes, proof]).collect()
}

pub fn run(data: &[u8]) -> Outcome {
    proofs(data);
    let hashes = tile::hashes(data).inspect(|hashes| assert_eq!(hashes.concat_bytes(), data));
    let note = note(data);
    let receipt = receipt(data);
    let text = std::str::from_utf8(data).unwrap_or_default();
    let key = text.parse::<VerifierKey>().inspect(|key| assert_eq!(key.to_string(), text)).is_ok();
    let private = SigningKey::parse(text).inspect(|key| assert_eq!(*key.to_text(), text)).is_ok();
    let tile = text.parse::<Tile>().inspect(|tile| place(*tile, text)).is_ok();
    // A receipt looks like a note as well.
    match (receipt, note) {
        (Some(became), _) | (None, Some(became)) => became.into(),
        _ if key => "key".into(),
        _ if private => "private key".into(),
        _ if tile => "tile".into(),
        _ if hashes.is_some() => "hashes".into(),
        _ => "refused".into(),
    }
}

/// What became of it as a note; `None` when it is none.
fn note(data: &[u8]) -> Option<&'static str> {
    let Ok(note) = Note::parse(data) else {
        assert!(SignedCheckpoint::parse(data).is_err(), "a checkpoint is a note");
        return None;
    };
    assert_eq!(note.to_string(), String::from_utf8_lossy(data), "a note has one spelling");
    let good = &SIGNED.receipt.checkpoint;
    let verified = note.verify(&SIGNED.known).is_ok();
    assert!(!verified || note.text() == good.note.text(), "nobody has signed {:?}", note.text());
    let Ok(signed) = SignedCheckpoint::parse(data) else { return Some("note") };
    let Checkpoint { origin, size, .. } = &signed.checkpoint;
    assert!(note.text().starts_with(&signed.checkpoint.text()), "a checkpoint has one spelling");
    assert!(!origin.is_empty() && (*size > 0 || signed.checkpoint.root == Hash::of_empty_tree()));
    match SignedCheckpoint::open(data, &SIGNED.known) {
        Ok(opened) => {
            assert_eq!(opened.checkpoint, good.checkpoint);
            Some("signed checkpoint")
        }
        Err(_) => Some("checkpoint"),
    }
}

/// What became of it as a receipt; `None` when it is none.
fn receipt(data: &[u8]) -> Option<&'static str> {
    let receipt = Receipt::parse(data).ok()?;
    let again = Receipt::parse(receipt.to_string().as_bytes());
    assert_eq!(again, Ok(receipt.clone()), "a receipt reads back");
    let mut proven = None;
    for (index, leaf) in (0..).zip(LEAVES) {
        match receipt.verify(leaf, &SIGNED.known) {
            Ok(()) => {
                assert_eq!((receipt.index, &receipt.path), (index, &SIGNED.receipt.path));
                proven = Some(index);
            }
            Err(ReceiptError::NotProven(_) | ReceiptError::Checkpoint(_)) => {}
            Err(error) => panic!("it was well-formed: {error}"),
        }
    }
    assert!(proven.is_none_or(|index| index == PROVEN as u64), "another leaf is proven: {proven:?}");
    Some(if proven.is_some() { "receipt" } else { "receipt of nothing" })
}

/// A tile's path has one spelling; where it stands can be said of any tree.
fn place(tile: Tile, text: &str) {
    assert_eq!(tile.to_string(), text);
    for size in [0, 3, 1 << 40, u64::MAX] {
        if let Some(there) = Tile::in_tree(tile.kind, tile.index, size) {
            assert_eq!((there.kind, there.index), (tile.kind, tile.index));
            assert!((1..=256).contains(&there.width) && (size >= 3));
        }
    }
    assert!(matches!(tile.kind, Kind::Entries | Kind::Hashes(0..=7)));
}

/// Proofs of anything: two numbers and hashes.
fn proofs(data: &[u8]) {
    let Some((numbers, hashes)) = data.split_first_chunk::<16>() else { return };
    let (old, new) = numbers.split_at(8);
    let number = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().expect("eight bytes"));
    let (old, new) = (number(old), number(new));
    let path: Vec<Hash> = hashes.as_chunks::<32>().0.iter().map(|hash| Hash(*hash)).collect();
    let (leaf, root) = (leaf_hash(LEAVES[0]), SIGNED.receipt.checkpoint.checkpoint.root);
    if verify_inclusion(&path, old, new, &leaf, &root).is_ok() {
        assert!(old < new && path == [leaf_hash(LEAVES[1]), leaf_hash(LEAVES[2])], "{old} {new} {path:?}");
    }
    if verify_consistency(&path, old, new, &leaf, &root).is_ok() {
        assert!((1..new).contains(&old), "{old} {new} {path:?}");
    }
}

trait ConcatBytes {
    fn concat_bytes(&self) -> Vec<u8>;
}

impl ConcatBytes for [Hash] {
    fn concat_bytes(&self) -> Vec<u8> {
        self.iter().flat_map(|hash| hash.0).collect()
    }
}
