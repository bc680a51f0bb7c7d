//! `mfa-ledger backup create`

use std::path::PathBuf;

use super::blocking;
use super::shown::{COLUMNS, shown, warn_of_missing};
use crate::backup::{self, Create};
use crate::cli::out::{self};
use crate::cli::{Failed, Globals, Single, clock};
use crate::data_dir;
use crate::disk::Disk;
use crate::keyring::KeyringError;

const AFTER_HELP: &str = "\
Works beside a running server, which goes on as ever: then the backup holds the log up to its newest signed
checkpoint. Without a server it holds all of the log. What it holds is read back and held against the
checkpoint before it gets its name; an interrupted backup leaves nothing under that name.

The master key and the signing keys are not in it. Keep copies of them elsewhere.

Exit codes: 0 done, 1 failed, 5 no ledger there, 6 the target is there already, 10 the log was altered.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// Directory to make; it must not be there yet
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Leave the vault out: nobody can log in after such a backup is restored, until passwords and
    /// multi-factor authentication are reset
    #[arg(long)]
    without_vault: bool,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let config = globals.load_quietly()?.config;
    let keys = match data_dir::keyring(&config) {
        Ok(keyring) => Some(keyring.verifiers()),
        Err(KeyringError::Missing(path)) => {
            eprintln!(
                "mfa-ledger: the signature is not checked: there are no signing keys at {}",
                path.display()
            );
            None
        }
        Err(error) => return Err(Failed::new("the signing keys cannot be read").because(&error)),
    };
    let with_vault = !args.without_vault;
    let master = if with_vault { data_dir::master_key_at_hand(&config) } else { None };
    let (to, data_dir) = (args.to.clone(), config.data_dir.clone());
    let made = blocking(move || {
        backup::create(&Create {
            data_dir: &data_dir,
            to: &to,
            with_vault,
            keys: keys.as_deref(),
            master: master.as_ref(),
            clock: &clock(),
            disk: &Disk::real(),
        })
    });
    let manifest = made.await?;
    warn_of_missing(&manifest);
    let (key, signing) = (config.key_file(), config.signing_key_file());
    eprintln!(
        "mfa-ledger: the keys are not in the backup: keep copies of {} and {} elsewhere",
        key.display(),
        signing.display()
    );
    let opened = manifest.vault.as_ref().is_some_and(|vault| vault.opened);
    // Whose signature it is, verify tells: here none is looked at.
    let columns: Vec<_> = COLUMNS.iter().copied().filter(|(_, path)| *path != "signed_by").collect();
    out::single(args.output, &columns, &shown("created", &args.to, &manifest, None, opened))
}
