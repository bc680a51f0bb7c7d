//! `mfa-ledger activity`

mod entry;
mod export;
mod filter;
mod list;
mod tail;

use super::common::Common;
use super::exit::Failed;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List who did what to whom, newest first
    List(list::Args),
    /// Print the newest entries, then those to come
    Tail(tail::Args),
    /// Print everything that fits, oldest first
    Export(export::Args),
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), Failed> {
    match command {
        Command::List(args) => list::run(common, args).await,
        Command::Tail(args) => tail::run(common, args).await,
        Command::Export(args) => export::run(common, args).await,
    }
}
