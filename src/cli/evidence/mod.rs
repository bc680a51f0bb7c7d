//! `mfa-ledger evidence`

mod create;
mod gather;
mod policy;
mod recorded;
mod verify;
mod words;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make one file that tells, and proves, what happened to an administrator or around a reset
    Create(create::Args),
    /// Check such a file, with keys that come from elsewhere
    Verify(verify::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Create(args) => create::run(globals, args).await,
        Command::Verify(args) => verify::run(globals, &args),
    }
}
