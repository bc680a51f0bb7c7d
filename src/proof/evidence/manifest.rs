//! What a bundle is about, and which files it has: signed, and never to be taken for a checkpoint.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::HEXLOWER;
use mfa_ledger_base::tlog::note::NoteError;
use mfa_ledger_base::tlog::{Note, SigningKey, VerifierKey};
use mfa_ledger_schemas::{AdministratorId, Position, codec};

/// The first line. A checkpoint begins with the name of its log, which is that of the key as well.
const HEAD: &str = "mfa-ledger-evidence v1";

/// What a bundle is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Everything that an administrator did and that was done to them.
    Administrator(AdministratorId),
    /// One reset, with what led to it and what followed.
    Reset(Position),
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Administrator(id) => write!(f, "administrator {id}"),
            Self::Reset(position) => write!(f, "reset {position}"),
        }
    }
}

/// What the signed note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    pub log: String,
    pub about: String,
    /// The size of the log that its checkpoint was signed for.
    pub size: u64,
    pub events: usize,
    /// The SHA-256 of the list of files.
    pub list: String,
}

impl Manifest {
    fn text(&self) -> String {
        let Self { log, about, size, events, list } = self;
        format!("{HEAD}\nlog {log}\nabout {about}\ncheckpoint {size}\nevents {events}\nsha256 {list}\n")
    }

    pub fn sign(&self, key: &SigningKey) -> Result<Note, NoteError> {
        let mut note = Note::unsigned(self.text())?;
        note.sign(key);
        Ok(note)
    }

    /// Reads a note that a known key must have signed; that key must be one of the log that it names.
    pub fn open(bytes: &[u8], known: &[VerifierKey]) -> Result<Self, NoteError> {
        let note = Note::parse(bytes)?;
        let signers = note.verify(known)?;
        let manifest =
            Self::parse(note.text()).ok_or(NoteError::Malformed("it is no manifest of evidence"))?;
        if signers.iter().any(|key| key.name() == manifest.log) {
            Ok(manifest)
        } else {
            Err(NoteError::Unsigned)
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut after = |name: &str| lines.next().and_then(|line| line.strip_prefix(name)).map(str::to_owned);
        after(HEAD).filter(String::is_empty)?;
        let manifest = Self {
            log: after("log ")?,
            about: after("about ")?,
            size: after("checkpoint ")?.parse().ok()?,
            events: after("events ")?.parse().ok()?,
            list: after("sha256 ")?,
        };
        (manifest.text() == text).then_some(manifest)
    }
}

/// The list of files, as `sha256sum` writes and checks it.
pub(super) fn list<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> String {
    files.fold(String::new(), |list, (name, bytes)| list + &sha256(bytes) + "  " + name + "\n")
}

/// Reads such a list; `None` when it is none, or names a file twice.
pub(super) fn parse_list(text: &[u8]) -> Option<BTreeMap<&str, &str>> {
    let text = str::from_utf8(text).ok()?;
    let mut files = BTreeMap::new();
    for line in text.strip_suffix('\n')?.split('\n') {
        let (hash, name) = line.split_once("  ")?;
        if files.insert(name, hash).is_some() {
            return None;
        }
    }
    Some(files)
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&codec::sha256(bytes))
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::tlog::SignedCheckpoint;
    use mfa_ledger_base::tlog::key::KeyType;

    use super::*;

    fn manifest() -> Manifest {
        let log = "mfa-ledger/led_x".to_owned();
        Manifest { log, about: About::Reset(Position(7)).to_string(), size: 9, events: 2, list: sha256(b"") }
    }

    #[test]
    fn a_manifest_is_no_checkpoint_and_a_checkpoint_no_manifest() {
        let key = SigningKey::from_seed("mfa-ledger/led_x", KeyType::Ed25519, &[5; 32]).unwrap();
        let known = [key.verifier().clone()];
        let note = manifest().sign(&key).unwrap().to_string();
        assert_eq!(Manifest::open(note.as_bytes(), &known), Ok(manifest()));
        assert!(SignedCheckpoint::open(note.as_bytes(), &known).is_err());
        let mut checkpoint = Note::unsigned(format!(
            "mfa-ledger/led_x\n0\n{}\n",
            mfa_ledger_base::tlog::Hash::of_empty_tree()
        ))
        .unwrap();
        checkpoint.sign(&key);
        assert!(SignedCheckpoint::open(checkpoint.to_string().as_bytes(), &known).is_ok());
        assert!(Manifest::open(checkpoint.to_string().as_bytes(), &known).is_err());
    }

    #[test]
    fn a_key_of_another_log_does_not_count() {
        let key = SigningKey::from_seed("mfa-ledger/led_y", KeyType::Ed25519, &[5; 32]).unwrap();
        let note = manifest().sign(&key).unwrap().to_string();
        assert_eq!(Manifest::open(note.as_bytes(), &[key.verifier().clone()]), Err(NoteError::Unsigned));
    }
}
