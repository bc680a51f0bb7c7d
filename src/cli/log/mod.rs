//! `mfa-ledger log`

mod keys;
pub(super) mod progress;
mod verify;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check that nothing in the log was altered, removed or rolled back
    Verify(verify::Args),
    /// Print the public keys that checkpoints of this log are signed with, one a line, the newest last
    Keys(keys::Args),
}

pub(super) fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Verify(args) => verify::run(globals, &args),
        Command::Keys(args) => keys::run(globals, &args),
    }
}
