//! Cosignatures: a witness says that at a time it had seen no larger tree of this log, and that this
//! one goes on from the one before (`c2sp.org/tlog-cosignature`, the Ed25519 kind).

use super::key::{KeyType, SIGNATURE_BYTES, SigningKey, VerifierKey};
use super::note::NoteSignature;

const TIME_BYTES: usize = 8;

/// Signs the text of a checkpoint at a time, in seconds since 1970.
///
/// # Panics
/// When the key is a log's and not a witness's.
pub fn sign(key: &SigningKey, text: &str, at: u64) -> NoteSignature {
    assert_eq!(key.verifier().kind(), KeyType::Cosignature, "a witness has a key of its own kind");
    let signature = key.sign(message(text, at).as_bytes());
    let bytes = [at.to_be_bytes().as_slice(), &signature].concat();
    NoteSignature { name: key.verifier().name().to_owned(), id: key.verifier().id(), bytes }
}

/// The time of a cosignature, in seconds since 1970, when `key` has given it to this text.
pub fn verify(key: &VerifierKey, text: &str, bytes: &[u8]) -> Option<u64> {
    let (time, signature) = bytes.split_first_chunk::<TIME_BYTES>()?;
    let signature: &[u8; SIGNATURE_BYTES] = signature.try_into().ok()?;
    let at = u64::from_be_bytes(*time);
    let sound = key.kind() == KeyType::Cosignature && at <= i64::MAX.unsigned_abs();
    (sound && key.verifies(message(text, at).as_bytes(), signature)).then_some(at)
}

fn message(text: &str, at: u64) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosignature_tells_its_time_and_fits_nothing_else() {
        let key = SigningKey::from_seed("witness", KeyType::Cosignature, &[3; 32]).unwrap();
        let signature = sign(&key, "log\n1\nhash\n", 1_679_315_147);
        let verify = |text, bytes: &[u8]| verify(key.verifier(), text, bytes);
        assert_eq!(verify("log\n1\nhash\n", &signature.bytes), Some(1_679_315_147));
        assert_eq!(verify("log\n2\nhash\n", &signature.bytes), None);
        for byte in 0..signature.bytes.len() {
            let mut bytes = signature.bytes.clone();
            bytes[byte] ^= 1;
            assert_eq!(verify("log\n1\nhash\n", &bytes), None, "byte {byte}");
        }
        let log = SigningKey::from_seed("witness", KeyType::Ed25519, &[3; 32]).unwrap();
        assert_eq!(super::verify(log.verifier(), "log\n1\nhash\n", &signature.bytes), None);
    }
}
