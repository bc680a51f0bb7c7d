//! `manifest.json`: what a backup holds. It is a table of contents, nothing to trust: the signed checkpoint
//! says what the log is, and the master key what the vault is.

use std::path::{Component, Path, PathBuf};

use mfa_ledger_schemas::{AdministratorId, Instant, LedgerId};
use serde::{Deserialize, Serialize};

use super::BackupError;
use super::files;

/// The name of the file.
pub(super) const MANIFEST: &str = "manifest.json";

/// The largest manifest that is read or written, in bytes.
pub const MAX_MANIFEST: u64 = 16 * 1024 * 1024;

/// The format that this program writes, and the newest that it reads.
const FORMAT: u64 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u64,
    /// Whose log it is.
    pub ledger: LedgerId,
    /// When the backup was begun.
    pub created: Instant,
    /// The log.
    pub log: LogPart,
    /// The vault; `None` when it was left out.
    pub vault: Option<VaultPart>,
    /// Every file but this one.
    pub files: Vec<Item>,
}

/// The log in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPart {
    /// How many records there are.
    pub records: u64,
    /// The checkpoint's origin.
    pub origin: String,
    /// How many of the records the checkpoint was signed for.
    pub size: u64,
    /// The root over these, in base64.
    pub root: String,
}

/// The vault in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultPart {
    /// How many entries there are.
    pub entries: usize,
    /// Whether each of them was opened with the master key when the backup was made.
    pub opened: bool,
    /// What the log names and the vault lacks.
    pub missing: Vec<Missing>,
}

/// An entry that the log names and the vault lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// The id of the credential or annex.
    pub entry: String,
    /// `totp_seed`, `backup_codes`, `password` or `annex`.
    pub purpose: String,
    /// Whose secret it is; `None` for an annex.
    pub administrator: Option<AdministratorId>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its path, from the backup's directory, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// The only part that every format has.
#[derive(Deserialize)]
struct Format {
    format: u64,
}

impl Manifest {
    pub(super) fn new(
        ledger: LedgerId,
        created: Instant,
        log: LogPart,
        vault: Option<VaultPart>,
        files: Vec<Item>,
    ) -> Self {
        Self { format: FORMAT, ledger, created, log, vault, files }
    }

    /// As it is stored.
    pub(super) fn to_bytes(&self, dir: &Path) -> Result<Vec<u8>, BackupError> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("ids, times and numbers are JSON");
        bytes.push(b'\n');
        let fits = bytes.len() as u64 <= MAX_MANIFEST;
        if fits { Ok(bytes) } else { Err(BackupError::altered(&dir.join(MANIFEST), "it is too large")) }
    }

    /// That of a backup.
    pub(super) fn read(dir: &Path) -> Result<Self, BackupError> {
        let file = dir.join(MANIFEST);
        let bytes = match files::small(&file, MAX_MANIFEST) {
            Err(BackupError::Io(_, error)) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(BackupError::NotABackup(dir.into()));
            }
            read => read?,
        };
        Self::parse(&file, &bytes)
    }

    fn parse(file: &Path, bytes: &[u8]) -> Result<Self, BackupError> {
        let malformed = |error: serde_json::Error| BackupError::altered(file, error.to_string());
        let Format { format } = serde_json::from_slice(bytes).map_err(malformed)?;
        if format > FORMAT {
            return Err(BackupError::NewerFormat { file: file.into(), found: format, known: FORMAT });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        let vault = manifest.vault.is_some();
        let mut before = "";
        for item in &manifest.files {
            if item.path.as_str() <= before {
                return Err(BackupError::altered(file, "its files are not in order, each once"));
            }
            before = &item.path;
            if !is_ours(&item.path, vault) {
                return Err(BackupError::altered(file, format!("it names {:?}", item.path)));
            }
        }
        Ok(manifest)
    }
}

/// Whether a backup holds files of this path. Every other is refused, so that none leads outside.
fn is_ours(path: &str, vault: bool) -> bool {
    let parts: Vec<_> = Path::new(path).components().collect();
    if PathBuf::from_iter(&parts).to_str() != Some(path) {
        return false;
    }
    let names: Option<Vec<&str>> = parts
        .iter()
        .map(|part| if let Component::Normal(name) = part { name.to_str() } else { None })
        .collect();
    match names.as_deref() {
        Some(["ledger.json" | "checkpoint"]) => true,
        Some(["journal", name]) => name
            .strip_suffix(".segment")
            .is_some_and(|number| number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit())),
        Some(["vault", "slots" | "sealed"]) => vault,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(paths: &[&str]) -> Vec<u8> {
        let item = |path: &&str| Item { path: (*path).into(), bytes: 1, sha256: String::new() };
        let log = LogPart { records: 1, origin: "o".into(), size: 1, root: String::new() };
        let files = paths.iter().map(item).collect();
        let vault = Some(VaultPart { entries: 0, opened: false, missing: Vec::new() });
        let ledger = LedgerId::from_bytes([1; 16]);
        Manifest::new(ledger, Instant::default(), log, vault, files).to_bytes(Path::new("x")).unwrap()
    }

    fn parse(bytes: &[u8]) -> Result<Manifest, BackupError> {
        Manifest::parse(Path::new("manifest.json"), bytes)
    }

    #[test]
    fn only_the_files_of_a_backup_are_named() {
        let segment = "journal/00000000000000000001.segment";
        assert!(
            parse(&manifest(&["checkpoint", segment, "ledger.json", "vault/sealed", "vault/slots"])).is_ok()
        );
        for path in [
            "../x",
            "/etc/passwd",
            "journal/../ledger.json",
            "journal/1.segment",
            "./checkpoint",
            "",
            "x",
            "checkpoint/",
            "vault//slots",
            "vault/slots/x",
            "journal",
            "journal/0000000000000000000x.segment",
        ] {
            assert!(matches!(parse(&manifest(&[path])), Err(BackupError::Altered { .. })), "{path:?}");
        }
        assert!(parse(&manifest(&["checkpoint", "checkpoint"])).is_err());
        assert!(parse(&manifest(&["ledger.json", "checkpoint"])).is_err());
        let without = String::from_utf8(manifest(&["vault/slots"])).unwrap();
        let mut without: serde_json::Value = serde_json::from_str(&without).unwrap();
        without["vault"] = serde_json::Value::Null;
        assert!(parse(without.to_string().as_bytes()).is_err());
    }

    #[test]
    fn a_newer_format_is_called_newer_and_garbage_altered() {
        let newer = br#"{"format": 2, "what": "ever"}"#;
        assert!(matches!(parse(newer), Err(BackupError::NewerFormat { found: 2, .. })));
        for garbage in [b"".as_slice(), b"{}", b"[]", b"\xff", br#"{"format": 1}"#] {
            assert!(matches!(parse(garbage), Err(BackupError::Altered { .. })));
        }
    }

    #[test]
    fn the_largest_manifest() {
        let dir = tempfile::tempdir().unwrap();
        let mut bytes = manifest(&["checkpoint"]);
        bytes.resize(usize::try_from(MAX_MANIFEST).unwrap(), b' ');
        std::fs::write(dir.path().join(MANIFEST), &bytes).unwrap();
        assert!(Manifest::read(dir.path()).is_ok());
        bytes.push(b' ');
        std::fs::write(dir.path().join(MANIFEST), &bytes).unwrap();
        assert!(matches!(Manifest::read(dir.path()), Err(BackupError::Altered { .. })));
    }
}
