//! `mfa-ledger events tail`

use super::read::{self, Bounds};
use crate::cli::{Failed, Globals};
use crate::follow::publish::reading::From;

const AFTER_HELP: &str = "\
Sequence, Nats-Msg-Id, subject and headers of each message must be what its place and its event say; what is not ends
the command with exit code 10. That the events are those that were recorded, only `events verify` can tell.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    bounds: Bounds,
}

/// Begins with what is yet to come, unless told otherwise.
pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    read::run(globals, args.bounds, From::Now, true).await
}
