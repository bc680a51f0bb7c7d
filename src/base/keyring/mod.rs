//! The keys that the log's checkpoints are signed with: one text file outside the data directory.
//!
//! ```text
//! # comments
//! mfa-ledger/led_…+1f2e3d4c+AZ…              a retired key, only its public half: old checkpoints stay valid
//! PRIVATE+KEY+mfa-ledger/led_…+5a6b7c8d+AX…  the key that signs now; exactly one, the last line
//! ```
//! The forms are those of Go's `sumdb/note` and `c2sp.org/signed-note`. The name of a key is the origin of
//! the log. An origin never signs two histories: after a loss that an operator has accepted, the log goes
//! on under the next origin, `…/2`, and the keys of the former one stay to verify what it signed.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::chance::Chance;
use crate::disk::{Disk, parent};
use crate::tlog::key::{KeyType, MalformedKey};
use crate::tlog::{Checkpoint, Hash, Note, SignedCheckpoint, SigningKey, VerifierKey};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 256 * 1024;

/// What every origin begins with.
const PREFIX: &str = "mfa-ledger/";

/// Who may touch the file besides its owner: nobody.
const FORBIDDEN: u32 = 0o077;

/// A credential that a service manager hands over shows as readable by a group.
const FORBIDDEN_OF_CREDENTIALS: u32 = 0o007;

const HEAD: &str = "\
# The keys that sign the checkpoints of an mfa-ledger, the newest last. Keep this file secret, apart from
# the data directory and its backups; whoever has it can sign another history.
";

/// The keys of a log.
#[derive(Debug)]
pub struct Keyring {
    retired: Vec<VerifierKey>,
    signing: SigningKey,
}

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is no such file.
    #[error("there are no signing keys at {}", .0.display())]
    Missing(PathBuf),
    /// There is one already.
    #[error("there are signing keys already at {}", .0.display())]
    Exists(PathBuf),
    /// Others than its owner can reach it.
    #[error("{} is open to others than its owner: mode {mode:04o}", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A line is not a key.
    #[error("line {line} of {} is not a key", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: MalformedKey,
    },
    /// The lines are keys, but not a keyring.
    #[error("{} is not a keyring: {why}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file cannot be read or written.
    #[error("{} cannot be used", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl Keyring {
    /// The first keyring of a ledger, not stored yet.
    pub fn generate(ledger: &str, chance: &Chance) -> Self {
        Self { retired: Vec::new(), signing: new_key(&format!("{PREFIX}{ledger}"), chance) }
    }

    /// Reads a keyring, which nobody but its owner may be able to touch; a credential of a service manager
    /// may be readable by a group.
    pub fn read(path: &Path, credential: bool) -> Result<Self, KeyringError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => KeyringError::Missing(path.into()),
            _ => KeyringError::Io(path.into(), error),
        };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
        if mode & if credential { FORBIDDEN_OF_CREDENTIALS } else { FORBIDDEN } != 0 {
            return Err(KeyringError::TooOpen { path: path.into(), mode });
        }
        let mut text = Zeroizing::new(Vec::new());
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(failed)?;
        if read as u64 > MAX_BYTES {
            return Err(KeyringError::Wrong { path: path.into(), why: "it is too large" });
        }
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &[u8]) -> Result<Self, KeyringError> {
        let wrong = |why| KeyringError::Wrong { path: path.into(), why };
        let text = str::from_utf8(text).map_err(|_| wrong("it is not text"))?;
        let (mut retired, mut signing) = (Vec::new(), None);
        for (index, line) in text.lines().map(str::trim).enumerate() {
            let malformed = |source| KeyringError::Malformed { path: path.into(), line: index + 1, source };
            match line {
                "" => {}
                _ if line.starts_with('#') => {}
                _ if signing.is_some() => return Err(wrong("the key that signs is not its last line")),
                _ if SigningKey::is_private(line) => {
                    signing = Some(SigningKey::parse(line).map_err(malformed)?);
                }
                _ => retired.push(line.parse::<VerifierKey>().map_err(malformed)?),
            }
        }
        let signing = signing.ok_or_else(|| wrong("there is no key in it to sign with"))?;
        if retired.iter().chain([signing.verifier()]).any(|key| key.kind() != KeyType::Ed25519) {
            return Err(wrong("a key in it is not one of a log"));
        }
        Ok(Self { retired, signing })
    }

    /// Stores it in a new file: all of it or nothing, and durable. Of two processes that do so, one stores its keys
    /// and the other hears [`KeyringError::Exists`].
    pub fn create(&self, path: &Path, disk: &Disk, chance: &Chance) -> Result<(), KeyringError> {
        let write = || {
            disk.create_dir_all(parent(path))?;
            disk.place_new(path, self.to_text().as_bytes(), &HEXLOWER.encode(&chance.bytes::<8>()))
        };
        write().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeyringError::Exists(path.into()),
            _ => KeyringError::Io(path.into(), error),
        })
    }

    /// Stores it in the place of what is there, all of it or nothing.
    pub fn store(&self, path: &Path, disk: &Disk) -> Result<(), KeyringError> {
        let text = self.to_text();
        let write = || {
            disk.create_dir_all(parent(path))?;
            disk.replace(path, text.as_bytes())
        };
        write().map_err(|error| KeyringError::Io(path.into(), error))
    }

    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(HEAD.to_owned());
        for key in &self.retired {
            text.push_str(&key.to_string());
            text.push('\n');
        }
        text.push_str(&self.signing.to_text());
        text.push('\n');
        text
    }

    /// The origin of the log as it goes on now.
    pub fn origin(&self) -> &str {
        self.signing.verifier().name()
    }

    /// The key that signs.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// A checkpoint of the empty log, which every history begins with.
    pub fn of_empty_log(&self) -> SignedCheckpoint {
        let checkpoint =
            Checkpoint { origin: self.origin().to_owned(), size: 0, root: Hash::of_empty_tree() };
        let note = Note::unsigned(checkpoint.text());
        let mut note = note.expect("the text of a checkpoint is one of a note");
        note.sign(&self.signing);
        SignedCheckpoint { checkpoint, note }
    }

    /// Every key that a checkpoint of this ledger may be signed with, the newest last.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.retired.iter().chain([self.signing.verifier()]).cloned().collect()
    }

    /// The same with a new key for the same origin; the old one signs no more.
    #[must_use]
    pub fn rotated(&self, chance: &Chance) -> Self {
        self.followed_by(new_key(self.origin(), chance))
    }

    /// The same with a new key for the next origin: for the history that follows a loss.
    #[must_use]
    pub fn with_next_origin(&self, chance: &Chance) -> Self {
        self.followed_by(new_key(&next(self.origin()), chance))
    }

    fn followed_by(&self, signing: SigningKey) -> Self {
        Self { retired: self.verifiers(), signing }
    }
}

fn new_key(origin: &str, chance: &Chance) -> SigningKey {
    let mut seed = Zeroizing::new([0; 32]);
    chance.fill(&mut *seed);
    SigningKey::from_seed(origin, KeyType::Ed25519, &seed).expect("an origin is the name of a key")
}

/// `mfa-ledger/led_x` is followed by `mfa-ledger/led_x/2`, that by `…/3`.
fn next(origin: &str) -> String {
    let inner = origin.strip_prefix(PREFIX).unwrap_or(origin);
    match inner.rsplit_once('/').and_then(|(ledger, number)| Some((ledger, number.parse::<u64>().ok()?))) {
        Some((ledger, number)) => format!("{PREFIX}{ledger}/{}", number + 1),
        None => format!("{origin}/2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        Keyring::generate("led_x", &Chance::seeded(1))
    }

    #[test]
    fn a_keyring_is_read_back_with_its_retired_keys() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/log.signing");
        let first = keyring();
        let chance = Chance::seeded(2);
        first.create(&path, &Disk::real(), &chance).unwrap();
        let other = Keyring::generate("led_y", &chance);
        assert!(matches!(other.create(&path, &Disk::real(), &chance), Err(KeyringError::Exists(_))));
        let second = Keyring::read(&path, false).unwrap().rotated(&chance).with_next_origin(&chance);
        second.store(&path, &Disk::real()).unwrap();
        let read = Keyring::read(&path, false).unwrap();
        assert_eq!(read.verifiers(), second.verifiers());
        assert_eq!(read.verifiers()[0], first.verifiers()[0]);
        assert_eq!((first.origin(), read.origin()), ("mfa-ledger/led_x", "mfa-ledger/led_x/2"));
        assert_eq!(read.with_next_origin(&chance).origin(), "mfa-ledger/led_x/3");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("PRIVATE+KEY").count(), 1, "{text}");
    }

    #[test]
    fn what_is_no_keyring_is_refused() {
        let (key, path) = (keyring(), Path::new("x"));
        let parse = |text: String| Keyring::parse(path, text.as_bytes()).unwrap_err().to_string();
        let private = key.signing.to_text();
        let public = key.signing.verifier();
        assert!(parse(String::new()).contains("no key in it to sign with"));
        assert!(parse(format!("{public}\n")).contains("no key in it to sign with"));
        assert!(parse(format!("{}\n{public}\n", *private)).contains("not its last line"));
        assert!(parse(format!("# x\n{}\n", &private[..50])).contains("line 2"));
        assert!(Keyring::parse(path, format!("\n{}", *private).as_bytes()).is_ok());
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_too_large_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        assert!(matches!(Keyring::read(&path, false), Err(KeyringError::Missing(_))));
        keyring().create(&path, &Disk::real(), &Chance::seeded(3)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keyring::read(&path, false), Err(KeyringError::TooOpen { mode: 0o640, .. })));
        assert!(Keyring::read(&path, true).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mut text = std::fs::read(&path).unwrap();
        let largest = usize::try_from(MAX_BYTES).unwrap();
        text.splice(0..0, [b'\n'].repeat(largest - text.len()));
        std::fs::write(&path, &text).unwrap();
        assert!(Keyring::read(&path, false).is_ok());
        text.insert(0, b'\n');
        std::fs::write(&path, &text).unwrap();
        assert!(matches!(Keyring::read(&path, false), Err(KeyringError::Wrong { .. })));
    }
}
