//! `mfa-ledger log import`

use std::path::PathBuf;

use serde_json::json;

use super::input::open;
use super::verify::altered;
use crate::cli::operator;
use crate::cli::out::{self};
use crate::cli::{Column, Failed, Globals, Known, Single};
use crate::disk::Disk;
use crate::export::{self, ExportError};

const AFTER_HELP: &str = "\
Takes the raw export of a whole log, as log export makes it. The data directory of --data-dir is made; it must
not be there yet, or be empty. What was written is read back and held against the signed checkpoint, and only then
gets its name; on failure nothing is left.

The vault is not in an export, and neither are the keys. Put the signing keys and a master key beside the new
directory, then start with serve --accept-loss \"why\": it continues with the log and a new vault, and records that. All
that is on record can be read; names and free texts are gone, and nobody can log in until administrator
reset-password and mfa reset.
To move or save a ledger with its vault, use backup create and backup restore.

Exit codes: 0 done, 1 failed, or not the raw export of a whole log, 2 usage, 6 the target is there already, 10 the
export was altered or cut.";

const COLUMNS: &[Column] = &[
    ("Result", "result"),
    ("Directory", "directory"),
    ("Ledger", "ledger"),
    ("Records", "records"),
    ("Root", "root"),
    ("Origin", "origin"),
    ("Signed by", "signed_by"),
    ("Vault", "vault"),
];

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// The export; - is standard input
    #[arg(value_name = "FILE")]
    export: PathBuf,
    #[command(flatten)]
    known: Known,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let config = globals.load_quietly()?.config;
    let keys = args.known.keys(&config)?.keys;
    let imported = export::import(
        &mut open(&args.export)?,
        &config.data_dir,
        keys.as_deref(),
        &operator::name(),
        &Disk::real(),
    );
    let imported = imported.map_err(|error| match error {
        ExportError::Tampered(tampered) => altered(&tampered),
        error => error.into(),
    })?;
    let checkpoint = &imported.header.signed.checkpoint;
    eprintln!(
        "mfa-ledger: there is no vault in an export: names and free texts are gone, and nobody can log in until\n\
         administrator reset-password and mfa reset. Put a master key at {} and the signing keys at {},\n\
         then start serve --accept-loss \"why\", which is recorded.",
        config.key_file().display(),
        config.signing_key_file().display(),
    );
    let shown = json!({
        "result": "imported",
        "directory": config.data_dir.display().to_string(),
        "ledger": imported.header.ledger,
        "records": checkpoint.size,
        "size": checkpoint.size,
        "root": imported.root.to_string(),
        "origin": checkpoint.origin,
        "signed_by": imported.signed_by,
        "vault": "not included",
    });
    out::single(args.output, COLUMNS, &shown)
}
