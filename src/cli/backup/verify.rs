//! `mfa-ledger backup verify`

use std::path::PathBuf;

use serde_json::json;

use super::shown::{COLUMNS, shown, warn_of_missing};
use crate::backup::{self, Against, BackupError};
use crate::cli::out::{self};
use crate::cli::{Failed, Globals, Known, Single};
use crate::data_dir;

const AFTER_HELP: &str = "\
Checks every file against the manifest, every record of the log, the root over them against the checkpoint, and
its signature. With the master key at hand every entry of the vault is opened as well.

Exit codes: 0 sound, 1 it could not be checked, 2 usage, 10 altered, cut or damaged.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// The backup
    #[arg(value_name = "DIR")]
    backup: PathBuf,
    #[command(flatten)]
    known: Known,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let config = globals.load_quietly()?.config;
    let keys = args.known.keys(&config)?.keys;
    let master = data_dir::master_key_at_hand(&config);
    let dir = args.backup.clone();
    let check = move || Ok(backup::verify(&dir, Against { keys: keys.as_deref(), master: master.as_ref() }));
    match super::blocking(check).await? {
        Ok(verified) => {
            warn_of_missing(&verified.manifest);
            let signed_by = Some(verified.signed_by.as_slice());
            let shown = shown("sound", &args.backup, &verified.manifest, signed_by, verified.opened);
            out::single(args.output, COLUMNS, &shown)
        }
        Err(error) => {
            if error.is_integrity() {
                altered(&args, &error)?;
            }
            Err(error.into())
        }
    }
}

fn altered(args: &Args, error: &BackupError) -> Result<(), Failed> {
    let directory = args.backup.display().to_string();
    let told = json!({ "result": "altered", "directory": directory, "detail": error.to_string() });
    out::single(args.output, &[("Result", "result"), ("Directory", "directory"), ("Detail", "detail")], &told)
}
