//! `mfa-ledger backup restore`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::blocking;
use super::shown::{COLUMNS, shown, warn_of, warn_of_missing};
use crate::backup::{self, Against, Restored, VaultRestored};
use crate::cli::operator;
use crate::cli::out::{self};
use crate::cli::{Column, Failed, Globals, Known, Single, clock};
use crate::data_dir;
use crate::disk::Disk;

/// What is shown of a vault that was restored.
const VAULT_COLUMNS: &[Column] = &[
    ("Result", "result"),
    ("Directory", "directory"),
    ("Entries kept", "entries_kept"),
    ("Entries restored", "entries_restored"),
    ("Entries ended since", "entries_ended"),
    ("Entries missing", "entries_missing"),
    ("Set aside", "set_aside"),
];

const AFTER_HELP: &str = "\
The data directory of --data-dir is made; it must not be there yet, or be empty. The backup is verified first,
the result is read back and held against the checkpoint, and only then gets its name; on failure nothing is
left. The keys are not in a backup: put the master key and the signing keys beside the new directory, then
start with serve. What was recorded after the backup is lost. Where an anchor or a checkpoint kept elsewhere
remembers it, the start refuses; serve --accept-loss \"reason\" goes on, and records that.

The first start records the restore (log.restored): sessions end, service accounts and webhooks wait until somebody
resumes them, open reset requests and backup codes are void. What was revoked, reset or erased after the backup is
back otherwise: the manual lists what to check, under \"After a restore\".

Exit codes: 0 done, 1 failed, 2 usage, 6 the target is there already, 10 the backup was altered.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// The backup
    #[arg(value_name = "DIR")]
    backup: PathBuf,
    /// Restore the vault alone, beside the intact log in the data directory, which no server may hold. Entries that the log
    /// has ended since the backup do not come back; sound entries of the vault that is there stay; the vault itself is
    /// moved to lost/ of the data directory
    #[arg(long, conflicts_with = "newer_log")]
    vault_only: bool,
    /// Data directory, or journal, with the log as it went on after the backup: entries of the vault that it has ended,
    /// such as reset secrets and erased names, are left out
    #[arg(long, value_name = "DIR")]
    newer_log: Option<PathBuf>,
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
    let (dir, data_dir) = (args.backup.clone(), config.data_dir.clone());
    if args.vault_only {
        let restored = blocking(move || {
            let against = Against { keys: keys.as_deref(), master: master.as_ref() };
            backup::restore_vault(&dir, &data_dir, against, &clock(), &Disk::real())
        });
        return vault_restored(&config.data_dir, args.output, &restored.await?);
    }
    let newer = args.newer_log.clone();
    let restored = blocking(move || {
        let against = Against { keys: keys.as_deref(), master: master.as_ref() };
        backup::restore(&dir, &data_dir, newer.as_deref(), against, &operator::name(), &Disk::real())
    });
    let Restored { verified, ended } = restored.await?;
    let manifest = &verified.manifest;
    warn_of_missing(manifest);
    if args.newer_log.is_some() {
        eprintln!("mfa-ledger: left out of the vault, since the newer log has ended them: {ended} entries");
    }
    if manifest.vault.is_none() {
        eprintln!(
            "mfa-ledger: there is no vault: start with serve --accept-loss \"reason\", then reset every password\n\
             and all MFA"
        );
    }
    eprintln!(
        "mfa-ledger: put the master key at {} and the signing keys at {}, then start serve. What was recorded\n\
         after the backup is lost: where an anchor remembers it, the start refuses; go on with serve\n\
         --accept-loss \"reason\", which is recorded. The first start ends all sessions, suspends service accounts and\n\
         webhooks, and voids backup codes. Then check what was revoked, reset or erased since (manual, \"After a restore\").",
        config.key_file().display(),
        config.signing_key_file().display(),
    );
    let shown = shown("restored", &config.data_dir, manifest, Some(&verified.signed_by), verified.opened);
    out::single(args.output, COLUMNS, &shown)
}

fn vault_restored(data_dir: &Path, output: Single, restored: &VaultRestored) -> Result<(), Failed> {
    warn_of(&restored.missing);
    if let Some(aside) = &restored.aside {
        eprintln!(
            "mfa-ledger: the vault that was there is at {}: delete it once nothing of it is needed",
            aside.display()
        );
    }
    let shown = json!({
        "result": "restored",
        "directory": data_dir.join("vault").display().to_string(),
        "entries_kept": restored.kept,
        "entries_restored": restored.restored,
        "entries_ended": restored.ended,
        "entries_missing": restored.missing.len(),
        "missing": restored.missing,
        "set_aside": restored.aside.as_ref().map(|aside| aside.display().to_string()),
    });
    out::single(output, VAULT_COLUMNS, &shown)
}
