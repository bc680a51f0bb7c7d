//! `mfa-ledger log checkpoint`

use crate::cli::{Failed, Globals, Known, out};
use crate::integrity::newest_checkpoint;

const AFTER_HELP: &str = "\
The note as the log signed it (C2SP tlog-checkpoint), once its signature was checked. Keep one elsewhere now and
then: log verify --checkpoint FILE holds the log, or an export, against it. Whether the records are those that it
was signed for, log verify tells.

Exit codes: 0 done, 1 failed, 2 usage, 5 no ledger, 10 it is not signed by a known key, or not that of this log.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    known: Known,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let config = globals.load_quietly()?.config;
    let keys = args.known.keys(&config)?.keys;
    let (signed, _) = newest_checkpoint(&config.data_dir, keys.as_deref())?;
    out::raw(signed.note.to_string().as_bytes())
}
