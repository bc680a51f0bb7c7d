//! The master key and the subkeys derived from it.
//!
//! The master key comes from a file, the environment or a service manager's credential and is not
//! used itself: each use has a key of its own, HMAC-SHA256 of its label under the master key.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use mfa_ledger_base::chance::Chance;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SecretText;

/// Bytes in a key.
const KEY_BYTES: usize = 32;

/// A key file longer than this (bytes) is not a key file.
const MAX_KEY_FILE_BYTES: u64 = 1024;

/// The key all others are derived from: 32 bytes, wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

/// What a subkey is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Wraps the data keys of vault entries.
    KeyEncryption,
    /// Authenticates session and service account tokens.
    Tokens,
    /// Is mixed into passwords and backup codes before they are hashed.
    Pepper,
    /// Makes look-up values of names that do not tell the name.
    Names,
    /// Seals snapshots of the fold.
    Snapshots,
}

impl Label {
    fn text(self) -> &'static str {
        match self {
            Self::KeyEncryption => "key-encryption",
            Self::Tokens => "tokens",
            Self::Pepper => "pepper",
            Self::Names => "names",
            Self::Snapshots => "snapshots",
        }
    }
}

/// The text is neither 64 hexadecimal digits nor base64 of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes, written as 64 hexadecimal digits or as base64")]
pub struct MalformedKey;

/// Why a key file gave no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("the key file {} does not exist", .0.display())]
    Missing(PathBuf),
    /// The file is there and cannot be read.
    #[error("the key file {} cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// Others than the owner may read or write the file; `mode` are its permission bits.
    #[error("the key file {} is open to others (mode {mode:04o}); make it 0600 or 0400", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not contain a key.
    #[error("the key file {} does not contain a key", .0.display())]
    Malformed(PathBuf, #[source] MalformedKey),
}

impl MasterKey {
    /// The key made of these bytes.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new key.
    pub fn generate(chance: &Chance) -> Self {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        chance.fill(&mut *key);
        Self(key)
    }

    /// Reads 64 hexadecimal digits or base64 (either alphabet, padded or not), white space around it allowed.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        let text = text.trim().as_bytes();
        let encodings = match text.len() {
            64 => vec![HEXLOWER_PERMISSIVE],
            _ => vec![BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD],
        };
        for encoding in encodings {
            if let Ok(bytes) = encoding.decode(text).map(Zeroizing::new)
                && bytes.len() == KEY_BYTES
            {
                let mut key = Zeroizing::new([0; KEY_BYTES]);
                key.copy_from_slice(&bytes);
                return Ok(Self(key));
            }
        }
        Err(MalformedKey)
    }

    /// Reads a key file, which nobody but its owner may be able to touch.
    pub fn read_file(path: &Path) -> Result<Self, KeyFileError> {
        Self::read(path, 0o077)
    }

    /// Reads a credential handed over by a service manager. systemd grants access by an ACL, which
    /// shows as a readable group; only access for everyone is refused here.
    pub fn read_credential(path: &Path) -> Result<Self, KeyFileError> {
        Self::read(path, 0o007)
    }

    /// The key as 64 hexadecimal digits: for the one place that writes a new key file.
    pub fn to_hex(&self) -> SecretText {
        SecretText::new(data_encoding::HEXLOWER.encode(&*self.0))
    }

    /// The key for one use.
    pub fn subkey(&self, label: Label) -> Subkey {
        Subkey(Zeroizing::new(hmac(&*self.0, &[b"mfa-ledger subkey v1 ", label.text().as_bytes()])))
    }

    fn read(path: &Path, forbidden: u32) -> Result<Self, KeyFileError> {
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing(path.into()),
            _ => KeyFileError::Unreadable(path.into(), error),
        };
        let file = File::open(path).map_err(unreadable)?;
        // Asked of the open file, so that it cannot be another one than the one read.
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        if mode & forbidden != 0 {
            return Err(KeyFileError::TooOpen { path: path.into(), mode });
        }
        let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_KEY_FILE_BYTES).unwrap_or(0)));
        file.take(MAX_KEY_FILE_BYTES).read_to_end(&mut text).map_err(unreadable)?;
        std::str::from_utf8(&text)
            .map_err(|_| MalformedKey)
            .and_then(Self::parse)
            .map_err(|error| KeyFileError::Malformed(path.into(), error))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

/// A key for one use: 32 bytes, wiped when dropped.
#[derive(Clone)]
pub struct Subkey(Zeroizing<[u8; KEY_BYTES]>);

impl Subkey {
    /// HMAC-SHA256 over the parts, one after the other. Whoever has parts of varying length keeps
    /// them apart (a fixed length or a separator).
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac(&*self.0, parts)
    }

    /// A key below this one, for one of the algorithms that its use takes.
    pub(super) fn derive(&self, what: &str) -> Self {
        Self(Zeroizing::new(self.mac(&[b"mfa-ledger part v1 ", what.as_bytes()])))
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for Subkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subkey(***)")
    }
}

/// Bytes of stack that a MAC takes at most. A build without optimisation takes more.
const MAC_STACK_BYTES: usize = if cfg!(debug_assertions) { 8 * 1024 } else { 2 * 1024 };

/// HMAC-SHA256 (RFC 2104) of the concatenated parts. A part may be a password: the stack below is wiped after use.
pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mac = hmac_on_stack(key, parts);
    zeroize::zeroize_stack::<MAC_STACK_BYTES>();
    mac
}

#[inline(never)]
fn hmac_on_stack(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn bytes(key: &MasterKey) -> [u8; 32] {
        *key.0
    }

    fn file(mode: u32, content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (dir, path)
    }

    #[test]
    fn hex_and_base64_name_the_same_key() {
        let expected: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        for text in [
            HEX,
            &HEX.to_uppercase(),
            &format!("  {HEX}\n"),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        ] {
            assert_eq!(bytes(&MasterKey::parse(text).unwrap()), expected, "{text}");
        }
        assert_eq!(MasterKey::from_bytes(expected).to_hex().expose(), HEX);
    }

    #[test]
    fn other_texts_are_not_keys() {
        for text in ["", "secret", &HEX[1..], &format!("{HEX}00"), "AAECAwQFBgcICQoLDA0ODw=="] {
            assert_eq!(MasterKey::parse(text).unwrap_err(), MalformedKey, "{text}");
        }
    }

    #[test]
    fn a_private_file_is_read() {
        for mode in [0o600, 0o400] {
            let (_dir, path) = file(mode, HEX.as_bytes());
            assert!(MasterKey::read_file(&path).is_ok());
        }
    }

    #[test]
    fn a_file_open_to_others_is_refused() {
        for mode in [0o640, 0o604, 0o644, 0o620, 0o610] {
            let (_dir, path) = file(mode, HEX.as_bytes());
            let error = MasterKey::read_file(&path).unwrap_err();
            assert!(matches!(error, KeyFileError::TooOpen { mode: m, .. } if m == mode), "{error}");
        }
        let (_dir, path) = file(0o440, HEX.as_bytes());
        assert!(MasterKey::read_credential(&path).is_ok());
        let (_dir, path) = file(0o444, HEX.as_bytes());
        assert!(MasterKey::read_credential(&path).is_err());
    }

    #[test]
    fn missing_malformed_and_unreadable_files_are_told_apart() {
        let (dir, path) = file(0o600, b"\xff\xfe not a key");
        assert!(matches!(MasterKey::read_file(&path), Err(KeyFileError::Malformed(..))));
        assert!(matches!(MasterKey::read_file(&dir.path().join("none")), Err(KeyFileError::Missing(_))));
        let sub = dir.path().join("sub");
        std::fs::create_dir(&sub).unwrap();
        std::fs::set_permissions(&sub, Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(MasterKey::read_file(&sub), Err(KeyFileError::Unreadable(..))));
    }

    #[test]
    fn no_error_repeats_the_key() {
        let (_dir, path) = file(0o600, b"almost-a-key");
        let error = MasterKey::read_file(&path).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("almost-a-key"));
    }

    #[test]
    fn subkeys_differ_by_label_and_by_master_and_stay_the_same() {
        let key = MasterKey::parse(HEX).unwrap();
        let labels = [Label::KeyEncryption, Label::Tokens, Label::Pepper, Label::Names];
        let derived: std::collections::BTreeSet<_> = labels.iter().map(|l| *key.subkey(*l).0).collect();
        assert_eq!(derived.len(), labels.len());
        assert_ne!(*MasterKey::from_bytes([7; 32]).subkey(Label::Tokens).0, *key.subkey(Label::Tokens).0);
        assert_eq!(*key.subkey(Label::Tokens).0, *key.subkey(Label::Tokens).0);
    }

    #[test]
    fn hmac_agrees_with_rfc_4231_case_2() {
        let mac = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(data_encoding::HEXLOWER.encode(&mac), expected);
    }

    #[test]
    fn debug_is_blind() {
        let key = MasterKey::parse(HEX).unwrap();
        assert_eq!(format!("{key:?} {:?}", key.subkey(Label::Pepper)), "MasterKey(***) Subkey(***)");
    }
}
