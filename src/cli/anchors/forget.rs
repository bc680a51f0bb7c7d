//! `mfa-ledger anchors forget`

use crate::cli::exit::{Exit, Failed};
use crate::cli::globals::{Globals, clock};
use crate::cli::{operator, out};
use crate::server;

/// Longest reason, in characters.
const REASON_CHARS: usize = 1_000;

const AFTER_HELP: &str = "\
An anchor that was emptied is not filled again by itself: the next start ends with exit code 10. Bring the anchor back
if you can. This command is for one that was emptied on purpose. It checks that the log has all that the anchor held,
and keeps on record, in both files of `anchors list`, who forgot what, when and why.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// The anchor or witness, as `anchors list` names it
    #[arg(value_name = "TARGET", required_unless_present = "all", conflicts_with = "all")]
    target: Option<String>,
    /// Forget what all of them held, also where the files that remember it are damaged
    #[arg(long)]
    all: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    output: out::Output,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let reason = args.reason.trim();
    if !(1..=REASON_CHARS).contains(&reason.chars().count()) {
        let message = format!("--reason must have 1 to {REASON_CHARS} characters");
        return Err(Failed::with(Exit::Usage, message));
    }
    let config = globals.load_quietly()?.config;
    let target = args.target.as_deref();
    let forgotten = server::forget_anchors(&config, target, reason, &operator::name(), &clock())?;
    super::list::forgotten(args.output, &forgotten)
}
