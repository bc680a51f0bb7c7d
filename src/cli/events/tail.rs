//! `mfa-ledger events tail`

use super::read::{self, Bounds};
use crate::cli::exit::Failed;
use crate::cli::globals::Globals;
use crate::follow::publish::reading::From;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    bounds: Bounds,
}

/// Begins with what is yet to come, unless told otherwise.
pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    read::run(globals, args.bounds, From::Now, true).await
}
