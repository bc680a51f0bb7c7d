//! `mfa-ledger events replay`

use super::read::{self, Bounds};
use crate::cli::{Failed, Globals};
use crate::follow::publish::reading::From;

const AFTER_HELP: &str = "\
Sequence, Nats-Msg-Id, subject and headers of each message must be what its place and its event say. A replay of the
whole stream also compares the events with the checkpoints on NATS, and their signatures with the keys on this machine,
if there are any; a replay of a part does not. `events verify` judges the stream.

Exit codes: 0 read, 1 failed, 2 usage, 3 NATS could not be reached, 4 NATS does not accept this user, 5 there is no
such stream, 10 a message is missing, or is not one that the ledger published.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    bounds: Bounds,
}

/// Begins with the first event, unless told otherwise.
pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    read::run(globals, args.bounds, From::Begin, false).await
}
