//! What a proof proves, checked here and told in words: every step by itself, so that nobody takes it for more.

use mfa_ledger_base::tlog::receipt::Receipt;
use mfa_ledger_base::tlog::{Hash, SignedCheckpoint, VerifierKey, leaf_hash, proof};
use serde_json::{Value, json};

use mfa_ledger_api::activity::Entry;

/// What was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proven {
    /// The log that signed.
    pub origin: String,
    /// The key that it signed with, by name and id.
    pub key: String,
    /// Records under the checkpoint.
    pub size: u64,
    /// The root of the tree over them, base64.
    pub root: String,
    /// The hash of the leaf, base64.
    pub leaf: String,
    /// Hashes on the way from the leaf to the root.
    pub hashes: usize,
}

/// What is wrong, by the step that found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unproven {
    /// The entry that is shown is not what was stored.
    OtherEntry,
    /// The proof or its checkpoint cannot be read.
    Unreadable,
    /// No key of the log has signed the checkpoint.
    Unsigned,
    /// The proof is about another record.
    OtherPosition,
    /// The record is not under the root of the checkpoint.
    NotIncluded,
    /// A checkpoint covers the record, and the server cannot prove that it does.
    NoProof,
}

/// Checks that `leaf` is the record that is shown, and that it is in the log that signed the proof's checkpoint.
pub(super) fn check(entry: &Entry, leaf: &str, proof: &str, keys: &[String]) -> Result<Proven, Unproven> {
    if !is_of(entry, leaf) {
        return Err(Unproven::OtherEntry);
    }
    let receipt = Receipt::parse(proof.as_bytes()).map_err(|_| Unproven::Unreadable)?;
    let known = known(keys);
    let note = receipt.checkpoint.note.to_string();
    let (signed, key) = signed(&note, &known).ok_or(Unproven::Unsigned)?;
    if receipt.index.checked_add(1) != Some(entry.position.0) {
        return Err(Unproven::OtherPosition);
    }
    receipt.verify(leaf.as_bytes(), &known).map_err(|_| Unproven::NotIncluded)?;
    let checkpoint = signed.checkpoint;
    Ok(Proven {
        origin: checkpoint.origin,
        key,
        size: checkpoint.size,
        root: checkpoint.root.to_string(),
        leaf: leaf_hash(leaf.as_bytes()).to_string(),
        hashes: receipt.path.len(),
    })
}

/// Whether the stored event says what is shown of it.
fn is_of(entry: &Entry, leaf: &str) -> bool {
    let Ok(event) = serde_json::from_str::<Value>(leaf) else { return false };
    let data = &event["data"];
    let parts = [
        (&event["id"], json!(entry.id)),
        (&event["time"], json!(entry.time)),
        (&event["subject"], json!(entry.stream)),
        (&data["action"], json!(entry.action)),
        (&data["outcome"], json!(entry.outcome)),
        (&data["code"], json!(entry.code)),
        (&data["actor"], json!(entry.actor)),
        (&data["target"], json!(entry.target)),
        (&data["origin"], json!(entry.origin)),
        (&data["request"], json!(entry.request)),
        (&data["details"], json!(entry.details)),
    ];
    parts.iter().all(|(stored, shown)| *stored == shown)
}

/// The keys that can be read; what signs with another is not known.
pub(super) fn known(keys: &[String]) -> Vec<VerifierKey> {
    keys.iter().filter_map(|key| key.parse().ok()).collect()
}

/// A checkpoint that one of the log's keys has signed, and that key.
pub(super) fn signed(note: &str, known: &[VerifierKey]) -> Option<(SignedCheckpoint, String)> {
    let signed = SignedCheckpoint::open(note.as_bytes(), known).ok()?;
    let signers = signed.note.verify(known).ok()?;
    let key = signers.into_iter().find(|key| key.name() == signed.checkpoint.origin)?;
    let key = format!("{} ({:08x})", key.name(), key.id());
    Some((signed, key))
}

/// Whether the log of `newer` begins with all of `older`, by these hashes.
pub(super) fn continues(older: &SignedCheckpoint, newer: &SignedCheckpoint, hashes: &[String]) -> bool {
    let (older, newer) = (&older.checkpoint, &newer.checkpoint);
    let path: Option<Vec<_>> = hashes.iter().map(|hash| Hash::from_base64(hash)).collect();
    path.is_some_and(|path| {
        proof::verify_consistency(&path, older.size, newer.size, &older.root, &newer.root).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::tlog::key::KeyType;
    use mfa_ledger_base::tlog::{Checkpoint, Note, SigningKey, node_hash};

    use super::*;

    fn leaf(entry: &Entry) -> String {
        serde_json::json!({
            "id": entry.id, "time": entry.time, "subject": entry.stream,
            "data": {
                "action": entry.action, "outcome": entry.outcome, "code": entry.code, "actor": entry.actor,
                "target": entry.target, "origin": entry.origin, "request": entry.request, "details": entry.details,
            },
        })
        .to_string()
    }

    fn proof(leaf: &str, key: &SigningKey) -> String {
        let (left, right) = (leaf_hash(b"first"), leaf_hash(leaf.as_bytes()));
        let checkpoint = Checkpoint { origin: "log".into(), size: 2, root: node_hash(&left, &right) };
        let mut note = Note::unsigned(checkpoint.text()).expect("a note");
        note.sign(key);
        Receipt { index: 1, path: vec![left], checkpoint: SignedCheckpoint { checkpoint, note } }.to_string()
    }

    #[test]
    fn every_step_is_taken_and_finds_what_is_wrong() {
        let key = |seed| SigningKey::from_seed("log", KeyType::Ed25519, &[seed; 32]).expect("a key");
        let keys = [key(1).verifier().to_string()];
        let entry = crate::samples::entry(2);
        let leaf = leaf(&entry);
        let good = proof(&leaf, &key(1));
        let proven = check(&entry, &leaf, &good, &keys).expect("proven");
        assert_eq!((proven.size, proven.hashes, proven.origin.as_str()), (2, 1, "log"));

        for changed in [
            Entry { action: "mfa.enabled".to_owned(), ..entry.clone() },
            Entry { details: Value::Null, ..entry.clone() },
            Entry { target: None, ..entry.clone() },
            Entry { code: None, ..entry.clone() },
        ] {
            assert_eq!(check(&changed, &leaf, &good, &keys), Err(Unproven::OtherEntry));
        }
        assert_eq!(check(&entry, &leaf, "no proof", &keys), Err(Unproven::Unreadable));
        assert_eq!(check(&entry, &leaf, &proof(&leaf, &key(2)), &keys), Err(Unproven::Unsigned));
        assert_eq!(check(&entry, &leaf, &good, &[]), Err(Unproven::Unsigned));
        let elsewhere = Entry { position: mfa_ledger_schemas::Position(1), ..entry.clone() };
        assert_eq!(check(&elsewhere, &leaf, &good, &keys), Err(Unproven::OtherPosition));
        let other = proof("another leaf", &key(1));
        assert_eq!(check(&entry, &leaf, &other, &keys), Err(Unproven::NotIncluded));
    }

    #[test]
    fn a_log_continues_itself_and_no_other() {
        let signed = |size, root| {
            let checkpoint = Checkpoint { origin: "log".into(), size, root };
            let note = Note::unsigned(checkpoint.text()).expect("a note");
            SignedCheckpoint { checkpoint, note }
        };
        let (first, second) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let (older, newer) = (signed(1, first), signed(2, node_hash(&first, &second)));
        assert!(continues(&older, &newer, &[second.to_string()]));
        assert!(!continues(&older, &newer, &[first.to_string()]));
        assert!(!continues(&signed(1, second), &newer, &[second.to_string()]));
        assert!(!continues(&older, &newer, &["no hash".to_owned()]));
    }
}
