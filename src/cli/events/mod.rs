//! `mfa-ledger events`

mod checkpoints;
mod ended;
mod extent;
mod passing;
mod read;
mod replay;
mod tail;
mod tiles;
mod verify;

use super::exit::Failed;
use super::globals::Globals;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Follow the events on NATS, one JSON object a line: position, subject, and the event as it was published
    Tail(tail::Args),
    /// Read events back from NATS, in the same form, up to where the stream ends now
    Replay(replay::Args),
    /// Verify the whole stream of events against the signed checkpoints; exit code 10 when it was altered or cut
    Verify(verify::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Tail(args) => tail::run(globals, args).await,
        Command::Replay(args) => replay::run(globals, args).await,
        Command::Verify(args) => verify::run(globals, &args).await,
    }
}
