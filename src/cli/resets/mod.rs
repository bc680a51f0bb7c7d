//! `mfa-ledger resets`

mod dot;
mod graph;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show who reset whom: how often, in which chains, and who reset each other
    Graph(graph::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Graph(args) => graph::run(globals, args).await,
    }
}
