//! Cases changed by chance so that they say what is not so. A change that leaves the meaning as it was is none:
//! what is left of such a case is accepted with good reason, and `None` says so.

use data_encoding::{BASE64, Encoding, Specification};
use mfa_ledger::tlog::{Checkpoint, Hash, Note, SignedCheckpoint, SigningKey, VerifierKey};

use super::case::Case;
use super::material::Material;
use super::{consistencies, receipts, tiles};
use crate::support::draws::Draws;

/// What was done, and what came out.
pub type Changed = (&'static str, Case);

/// Changes a case in one way.
pub fn change(draws: &Draws, material: &Material, case: &Case) -> Option<Changed> {
    match case {
        Case::Checkpoint { keys, note } => {
            let (what, note) = checkpoint(draws, material, keys, note)?;
            Some((what, Case::Checkpoint { keys: keys.clone(), note }))
        }
        Case::Inclusion { keys, receipt, leaf } => receipts::change(draws, material, keys, receipt, leaf),
        Case::Consistency { .. } => consistencies::change(draws, case),
        Case::Tile { keys, set, .. } => tiles::change(draws, material, keys, *set, case),
    }
}

/// A note that no key of `keys` stands for.
fn checkpoint(
    draws: &Draws,
    material: &Material,
    keys: &[String],
    note: &[u8],
) -> Option<(&'static str, Vec<u8>)> {
    let signed = SignedCheckpoint::parse(note).expect("a checkpoint");
    let Checkpoint { origin, size, root } = signed.checkpoint.clone();
    let with_its_signatures = |checkpoint: Checkpoint| {
        let mut note = Note::unsigned(checkpoint.text()).expect("a text");
        signed.note.signatures().iter().for_each(|line| note.add(line.clone()));
        note.to_string().into_bytes()
    };
    Some(match draws.below(8) {
        0 => {
            let origin = format!("{origin}{}", draws.below(10));
            ("another origin", with_its_signatures(Checkpoint { origin, size, root }))
        }
        1 => {
            let size = other_number(draws, size);
            ("another size", with_its_signatures(Checkpoint { origin, size, root }))
        }
        2 => {
            let root = flipped(draws, root);
            ("another root", with_its_signatures(Checkpoint { origin, size, root }))
        }
        3 => ("signed by a stranger", sign(&signed.checkpoint, &material.stranger)),
        4 => {
            let mut note = Note::unsigned(signed.note.text().to_owned()).expect("a text");
            note.sign(&material.stranger);
            let bytes = note.signatures()[0].bytes.clone();
            for mut line in signed.note.signatures().iter().cloned() {
                line.bytes.clone_from(&bytes);
                note.add(line);
            }
            ("a stranger's signature under the log's id", note.to_string().into_bytes())
        }
        5 => ("truncated", truncated(draws, note, keys)),
        _ => ("a bit flipped", bit_of_text(draws, note, keys)?),
    })
}

/// A checkpoint with one signature.
pub fn sign(checkpoint: &Checkpoint, key: &SigningKey) -> Vec<u8> {
    let mut note = Note::unsigned(checkpoint.text()).expect("a text");
    note.sign(key);
    note.to_string().into_bytes()
}

/// Another number, near or far.
pub fn other_number(draws: &Draws, number: u64) -> u64 {
    match draws.below(4) {
        0 => number + 1,
        1 if number > 0 => number - 1,
        2 => number ^ (1 << draws.below(12)),
        _ => number + 1 + draws.below(1_000_000),
    }
}

/// A hash with a bit flipped.
pub fn flipped(draws: &Draws, Hash(mut bytes): Hash) -> Hash {
    flip(draws, &mut bytes);
    Hash(bytes)
}

/// Flips a bit.
pub fn flip(draws: &Draws, bytes: &mut [u8]) {
    let at = draws.index(bytes.len());
    bytes[at] ^= 1 << draws.below(8);
}

/// Cut before the end of what its meaning hangs on.
pub fn truncated(draws: &Draws, text: &[u8], keys: &[String]) -> Vec<u8> {
    let end = *vital(text, keys).last().expect("there is something");
    text[..draws.index(end + 1)].to_vec()
}

/// A bit of a text flipped, unless it says the same after that.
pub fn bit_of_text(draws: &Draws, text: &[u8], keys: &[String]) -> Option<Vec<u8>> {
    let mut changed = text.to_vec();
    changed[*draws.pick(&vital(text, keys))] ^= 1 << draws.below(8);
    (meaning(&changed) != meaning(text)).then_some(changed)
}

/// The bytes that matter to somebody who knows these keys: signatures of others are passed over.
fn vital(text: &[u8], keys: &[String]) -> Vec<usize> {
    let known: Vec<VerifierKey> = keys.iter().map(|key| key.parse().expect("a key")).collect();
    let mut vital = Vec::new();
    let mut begin = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let signature =
            str::from_utf8(line).ok().and_then(|line| line.strip_prefix("— ")?.trim_end().split_once(' '));
        let of_another = signature.is_some_and(|(name, bytes)| {
            let bytes = BASE64.decode(bytes.as_bytes()).expect("it was published");
            !known.iter().any(|key| key.name() == name && key.id().to_be_bytes() == bytes[..4])
        });
        if !of_another {
            vital.extend(begin..begin + line.len());
        }
        begin += line.len();
    }
    vital
}

/// A text with every base64 in it as the bytes that a lenient reader takes from it: Go's passes over the last bits
/// of the last character, which stand for nothing.
fn meaning(text: &[u8]) -> Vec<Vec<u8>> {
    let lenient = lenient();
    let words = text.split_inclusive(|byte| matches!(byte, b' ' | b'\n'));
    words
        .map(|word| {
            let (last, rest) = word.split_last().expect("no word is empty");
            match lenient.decode(rest) {
                Ok(bytes) if rest.ends_with(b"=") => [bytes, vec![*last]].concat(),
                _ => word.to_vec(),
            }
        })
        .collect()
}

fn lenient() -> Encoding {
    let mut specification: Specification = BASE64.specification();
    specification.check_trailing_bits = false;
    specification.encoding().expect("it is an encoding")
}
