//! `mfa-ledger log keys`

use crate::cli::known::keyring;
use crate::cli::{Failed, Globals, out};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {}

pub(super) fn run(globals: &Globals, _: &Args) -> Result<(), Failed> {
    let lines =
        keyring(&globals.load_quietly()?.config)?.verifiers().into_iter().map(|key| format!("{key}\n"));
    out::raw(lines.collect::<String>().as_bytes())
}
