//! `mfa-ledger log`

mod checkpoint;
mod diff;
mod export;
mod import;
mod input;
mod keys;
mod of_url;
pub(super) mod progress;
mod prove;
pub(super) mod site;
pub(super) mod verdict;
pub(super) mod verify;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check that nothing in the log was altered, removed or rolled back
    Verify(verify::Args),
    /// Print the newest signed checkpoint
    Checkpoint(checkpoint::Args),
    /// Print the proof that a record is in the log, to be kept and checked without this program
    Prove(prove::Args),
    /// Compare the logs of two data directories
    Diff(diff::Args),
    /// Write the log, or a part of it, into one file that can be checked anywhere
    Export(export::Args),
    /// Make a data directory of an export, without a vault
    Import(import::Args),
    /// Print the public keys that checkpoints of this log are signed with, one a line, the newest last
    Keys(keys::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Verify(args) => verify::run(globals, &args).await,
        Command::Checkpoint(args) => checkpoint::run(globals, &args),
        Command::Prove(args) => prove::run(globals, &args),
        Command::Diff(args) => diff::run(&args),
        Command::Export(args) => export::run(globals, &args),
        Command::Import(args) => import::run(globals, &args),
        Command::Keys(args) => keys::run(globals, &args),
    }
}
