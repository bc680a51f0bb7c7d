//! `mfa-ledger activity`

pub(super) mod entry;
mod export;
pub(super) mod filter;
mod form;
mod list;
#[cfg(feature = "parquet")]
mod parquet;
mod tail;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List who did what to whom, newest first
    List(list::Args),
    /// Print the newest entries, then those to come
    Tail(tail::Args),
    /// Print everything that fits, oldest first
    Export(export::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::List(args) => list::run(globals, args).await,
        Command::Tail(args) => tail::run(globals, args).await,
        Command::Export(args) => export::run(globals, args).await,
    }
}
