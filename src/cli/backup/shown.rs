//! What is told of a backup.

use serde_json::{Value, json};

use crate::backup::{Manifest, Missing};
use crate::cli::Column;

pub(super) const COLUMNS: &[Column] = &[
    ("Result", "result"),
    ("Directory", "directory"),
    ("Ledger", "ledger"),
    ("Created", "created"),
    ("Records", "records"),
    ("Signed for", "size"),
    ("Root", "root"),
    ("Origin", "origin"),
    ("Signed by", "signed_by"),
    ("Vault", "vault"),
    ("Entries", "entries"),
    ("Entries opened", "entries_opened"),
    ("Entries missing", "entries_missing"),
];

/// The facts of a backup; `result` says what was done with it.
pub(super) fn shown(
    result: &str,
    directory: &std::path::Path,
    manifest: &Manifest,
    signed_by: Option<&[String]>,
    opened: bool,
) -> Value {
    let vault = manifest.vault.as_ref();
    json!({
        "result": result,
        "directory": directory.display().to_string(),
        "ledger": manifest.ledger,
        "created": manifest.created,
        "records": manifest.log.records,
        "size": manifest.log.size,
        "root": manifest.log.root,
        "origin": manifest.log.origin,
        "signed_by": signed_by,
        "vault": if vault.is_some() { "included" } else { "not included" },
        "entries": vault.map(|vault| vault.entries),
        "entries_opened": vault.map(|_| opened),
        "entries_missing": vault.map(|vault| vault.missing.len()),
        "missing": vault.map(|vault| &vault.missing),
    })
}

/// Says on standard error what a restored ledger will lack.
pub(super) fn warn_of_missing(manifest: &Manifest) {
    if let Some(vault) = &manifest.vault {
        warn_of(&vault.missing);
    }
}

/// Says on standard error which entries the log names and the vault lacks, or cannot open.
pub(super) fn warn_of(missing: &[Missing]) {
    for missing in missing {
        let whose = missing.administrator.map_or(String::new(), |id| format!(" of {id}"));
        eprintln!("mfa-ledger: not in the vault: {} {}{whose}", missing.purpose, missing.entry);
    }
}
