//! Ed25519 keys of signed notes, in the text forms that Go's `sumdb/note` and C2SP share.
//!
//! ```text
//! verifier key   <name>+<key id, 8 hex digits>+<base64 of type byte and public key>
//! signing key    PRIVATE+KEY+<name>+<key id, 8 hex digits>+<base64 of type byte and seed>
//! key id         the first 4 bytes of SHA-256(name, "\n", type byte, public key)
//! ```

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::base64;

/// Longest name of a key, in bytes.
pub const MAX_NAME: usize = 255;

/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

const SEED_BYTES: usize = 32;
const PUBLIC_BYTES: usize = 32;
const PRIVATE: &str = "PRIVATE+KEY+";

/// What a key signs, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// The text of a note, as it is: what a log signs with.
    Ed25519,
    /// The text with the time before it: what a witness signs with.
    Cosignature,
}

impl KeyType {
    fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Ed25519),
            4 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// The text is not that of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedKey {
    /// It is not of the form, or its base64 is not.
    #[error("this is not the text of a key")]
    Form,
    /// The name is empty, too long, or has a space or a plus sign in it.
    #[error("the name of a key has 1 to 255 bytes, no spaces and no plus sign")]
    Name,
    /// A kind of key that this program does not know.
    #[error("the kind of the key is not known")]
    UnknownType,
    /// The key id is not the one that name and key have.
    #[error("the key id does not fit the name and the key")]
    KeyId,
    /// The bytes are no point of the curve, or one that every signature would fit.
    #[error("this is not an Ed25519 key")]
    Point,
}

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    kind: KeyType,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, kind: KeyType, key: ed25519_dalek::VerifyingKey) -> Result<Self, MalformedKey> {
        if !is_name(name) {
            return Err(MalformedKey::Name);
        }
        if key.is_weak() {
            return Err(MalformedKey::Point);
        }
        let id = key_id(name, kind, key.as_bytes());
        Ok(Self { name: name.to_owned(), id, kind, key })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it signs.
    pub fn kind(&self) -> KeyType {
        self.kind
    }

    /// Whether the holder of the key signed these bytes.
    pub fn verifies(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64.encode(&typed(self.kind, self.key.as_bytes()));
        write!(f, "{}+{:08x}+{key}", self.name, self.id)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, MalformedKey> {
        let (name, id, kind, bytes) = parts(text)?;
        let bytes: [u8; PUBLIC_BYTES] = bytes.as_slice().try_into().map_err(|_| MalformedKey::Form)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| MalformedKey::Point)?;
        let verifier = Self::new(name, kind, key)?;
        if verifier.id == id { Ok(verifier) } else { Err(MalformedKey::KeyId) }
    }
}

/// A private key with its name. Neither printed nor serialised by accident; wiped when dropped.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key of a seed, which must come from a random source.
    pub fn from_seed(name: &str, kind: KeyType, seed: &[u8; SEED_BYTES]) -> Result<Self, MalformedKey> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, kind, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// Reads the text of a private key.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        let text = text.strip_prefix(PRIVATE).ok_or(MalformedKey::Form)?;
        let (name, id, kind, seed) = parts(text)?;
        let seed =
            Zeroizing::new(<[u8; SEED_BYTES]>::try_from(seed.as_slice()).map_err(|_| MalformedKey::Form)?);
        let key = Self::from_seed(name, kind, &seed)?;
        if key.verifier.id == id { Ok(key) } else { Err(MalformedKey::KeyId) }
    }

    /// Whether a line is that of a private key, well-formed or not.
    pub fn is_private(text: &str) -> bool {
        text.starts_with(PRIVATE)
    }

    /// The text to be kept in a file that nobody else can read.
    pub fn to_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(typed(self.verifier.kind, self.key.as_bytes()));
        let seed = Zeroizing::new(BASE64.encode(&seed));
        let VerifierKey { name, id, .. } = &self.verifier;
        Zeroizing::new(format!("{PRIVATE}{name}+{id:08x}+{}", *seed))
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {}", self.verifier)
    }
}

/// Whether a text can be the name of a key.
pub fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && !text.contains(|char: char| char.is_whitespace() || char.is_control() || char == '+')
}

/// Name, id, kind, and the bytes of the key.
type Parts<'t> = (&'t str, u32, KeyType, Zeroizing<Vec<u8>>);

fn parts(text: &str) -> Result<Parts<'_>, MalformedKey> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(MalformedKey::Form);
    };
    let hex = id.len() == 8 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(id, 16).ok().filter(|_| hex).ok_or(MalformedKey::Form)?;
    let bytes = Zeroizing::new(base64::decode(key).ok_or(MalformedKey::Form)?);
    let (kind, rest) = bytes.split_first().ok_or(MalformedKey::Form)?;
    let kind = KeyType::of(*kind).ok_or(MalformedKey::UnknownType)?;
    Ok((name, id, kind, Zeroizing::new(rest.to_vec())))
}

fn typed(kind: KeyType, key: &[u8; 32]) -> Vec<u8> {
    let mut bytes = vec![kind.byte()];
    bytes.extend_from_slice(key);
    bytes
}

fn key_id(name: &str, kind: KeyType, key: &[u8; PUBLIC_BYTES]) -> u32 {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update([b'\n', kind.byte()]);
    hasher.update(key);
    let hash: [u8; 32] = hasher.finalize().into();
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of Go's documentation of `sumdb/note`.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const PETERS_SECRET: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    #[test]
    fn keys_of_go_are_read_and_written() {
        let key = SigningKey::parse(PETERS_SECRET).unwrap();
        assert_eq!(key.to_text().as_str(), PETERS_SECRET);
        assert_eq!(key.verifier().to_string(), PETER);
        assert_eq!(PETER.parse(), Ok(key.verifier().clone()));
        assert!(!format!("{key:?}").contains("AYEK"), "a private key does not print itself");
        let signature = key.sign(b"text\n");
        assert!(key.verifier().verifies(b"text\n", &signature));
        assert!(!key.verifier().verifies(b"texT\n", &signature));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let read = |text: &str| text.parse::<VerifierKey>().unwrap_err();
        assert_eq!(read(""), MalformedKey::Form);
        assert_eq!(read(&PETER[..40]), MalformedKey::Form);
        assert_eq!(read(&PETER.replace("c74f20a3", "C74F20A3")), MalformedKey::Form);
        assert_eq!(read(&PETER.replace("c74f20a3", "c74f20a4")), MalformedKey::KeyId);
        assert_eq!(read(&PETER.replace("Peter", "Pater")), MalformedKey::KeyId);
        assert_eq!(read(&PETER.replace("Neumann", " Neumann")), MalformedKey::Name);
        assert_eq!(read(&PETER.replace("+ARpc", "+CRpc")), MalformedKey::UnknownType);
        let weak = BASE64.encode(&[[1].as_slice(), [0; 32].as_slice()].concat());
        assert_eq!(read(&format!("n+00000000+{weak}")), MalformedKey::Point);
        assert_eq!(SigningKey::parse(PETER).unwrap_err(), MalformedKey::Form);
        assert!(is_name(&"n".repeat(MAX_NAME)) && !is_name(&"n".repeat(MAX_NAME + 1)) && !is_name(""));
    }
}
