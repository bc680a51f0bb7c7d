//! `mfa-ledger administrator`

mod create;
mod list;
mod reset_password;
mod show;
pub(super) mod shown;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create an administrator; prints a generated password once
    Create(create::Args),
    /// List administrators and where they stand with MFA
    List(list::Args),
    /// Show one administrator
    Show(show::Args),
    /// Give an administrator a generated password, which is printed once
    ResetPassword(reset_password::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Create(args) => create::run(globals, args).await,
        Command::List(args) => list::run(globals, args).await,
        Command::Show(args) => show::run(globals, args).await,
        Command::ResetPassword(args) => reset_password::run(globals, args).await,
    }
}
