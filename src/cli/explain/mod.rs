//! `mfa-ledger explain`

mod can;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say whether somebody can reset somebody's MFA, approve a request or change an account, or could have at a moment, and
    /// which rule says so
    Can(can::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Can(args) => can::run(globals, args).await,
    }
}
