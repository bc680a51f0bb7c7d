//! `mfa-ledger events replay`

use super::read::{self, Bounds};
use crate::cli::exit::Failed;
use crate::cli::globals::Globals;
use crate::follow::publish::reading::From;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    bounds: Bounds,
}

/// Begins with the first event, unless told otherwise.
pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    read::run(globals, args.bounds, From::Begin, false).await
}
