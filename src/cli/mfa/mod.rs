//! `mfa-ledger mfa`

mod reset;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Reset an administrator's multi-factor authentication
    ///
    /// With no server running this is the break-glass way: it needs access to the machine instead of a
    /// permission, follows every other rule, and is recorded as such.
    Reset(reset::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Reset(args) => reset::run(globals, args).await,
    }
}
