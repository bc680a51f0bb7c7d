//! `mfa-ledger consumers`

mod add;
mod list;
mod remove;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a consumer for somebody who reads the events, and print the permissions that its user needs
    Add(add::Args),
    /// List the consumers, and how far each of them is
    List(list::Args),
    /// Take a consumer away, with what it remembers
    Remove(remove::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Add(args) => add::run(globals, args).await,
        Command::List(args) => list::run(globals, args).await,
        Command::Remove(args) => remove::run(globals, args).await,
    }
}
