//! `mfa-ledger keys`

mod rotate;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Sign checkpoints with a new key from here on; what was signed stays valid. The server must be stopped
    Rotate(rotate::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Rotate(args) => rotate::run(globals, args).await,
    }
}
