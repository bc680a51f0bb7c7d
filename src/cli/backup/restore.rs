//! `mfa-ledger backup restore`

use std::path::PathBuf;

use super::blocking;
use super::shown::{COLUMNS, shown, warn_of_missing};
use crate::backup::{self, Against};
use crate::cli::exit::Failed;
use crate::cli::globals::Globals;
use crate::cli::known::Known;
use crate::cli::out::{self, Single};
use crate::disk::Disk;
use crate::server;

const AFTER_HELP: &str = "\
The data directory of --data-dir is made; it must not be there yet, or be empty. The backup is verified first,
the result is read back and held against the checkpoint, and only then gets its name; on failure nothing is
left. The keys are not in a backup: put the master key and the signing keys beside the new directory, then
start with serve. What was recorded after the backup is lost. Where an anchor or a checkpoint kept elsewhere
remembers it, the start refuses; serve --accept-loss \"reason\" goes on, and records that.

Exit codes: 0 done, 1 failed, 2 usage, 6 the target is there already, 10 the backup was altered.";

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
    let master = server::master_key_at_hand(&config);
    let (dir, data_dir) = (args.backup.clone(), config.data_dir.clone());
    let restored = blocking(move || {
        let against = Against { keys: keys.as_deref(), master: master.as_ref() };
        backup::restore(&dir, &data_dir, against, &Disk::real())
    });
    let verified = restored.await?;
    let manifest = &verified.manifest;
    warn_of_missing(manifest);
    if manifest.vault.is_none() {
        eprintln!(
            "mfa-ledger: there is no vault: nobody can log in until administrator reset-password and mfa reset"
        );
    }
    eprintln!(
        "mfa-ledger: put the master key at {} and the signing keys at {}, then start serve. What was recorded\n\
         after the backup is lost: where an anchor remembers it, the start refuses; go on with serve\n\
         --accept-loss \"reason\", which is recorded.",
        config.key_file().display(),
        config.signing_key_file().display(),
    );
    let shown = shown("restored", &config.data_dir, manifest, Some(&verified.signed_by), verified.opened);
    out::single(args.output, COLUMNS, &shown)
}
