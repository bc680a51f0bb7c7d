//! `mfa-ledger keys rotate`

use serde_json::json;

use crate::cli::{Failed, Globals, chance, clock, operator, out};
use crate::data_dir;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    output: out::Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let loaded = globals.load_quietly()?;
    let rotated = data_dir::rotate_signing_key(&loaded.config, operator::name(), clock(), chance()).await?;
    eprintln!("mfa-ledger: give the new verifier key to whoever checks this log, and to its witnesses");
    let shown = json!({ "retired": rotated.retired, "verifier": rotated.verifier });
    out::single(args.output, &[("retired", "retired"), ("verifier", "verifier")], &shown)
}
