//! `mfa-ledger rules check`

use super::Site;
use crate::cli::{Failed, Globals};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    site: Site,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let rules = args.site.rules(globals)?;
    eprintln!("mfa-ledger: {} rules and {} filters can be used", rules.all().len(), rules.filters());
    Ok(())
}
