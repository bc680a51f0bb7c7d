//! `mfa-ledger anchors`

mod forget;
mod list;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List what the anchors and witnesses held when they were last seen, and what was forgotten
    List(list::Args),
    /// Forget what an anchor held: for one that was emptied on purpose, or is no longer used. The server must be stopped
    Forget(forget::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::List(args) => list::run(globals, &args),
        Command::Forget(args) => forget::run(globals, args).await,
    }
}
