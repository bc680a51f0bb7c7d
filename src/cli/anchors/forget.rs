//! `mfa-ledger anchors forget`

use crate::cli::{Exit, Failed, Globals, clock, operator, out};
use crate::data_dir;

/// Longest reason, in characters.
const REASON_CHARS: usize = 1_000;

const AFTER_HELP: &str = "\
An anchor that was emptied is not filled again by itself: the next start ends with exit code 10. Bring the anchor back
if you can. This command is for an anchor that was emptied on purpose, or that is no longer used. It checks that the log
has all that the anchor held, and keeps on record, in both files that remember it, who forgot what, when and why.

With --all it also checks the log against what the anchors of the configuration hold now. If the file outside the data
directory is damaged or missing, what it held is not known and cannot be checked: first compare the log with a checkpoint
that somebody kept (mfa-ledger log verify --checkpoint FILE).";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// The anchor or witness, as `anchors list` names it
    #[arg(value_name = "TARGET", required_unless_present = "all", conflicts_with = "all")]
    target: Option<String>,
    /// Forget what all of them held, also when a file that remembers it is damaged or missing
    #[arg(long)]
    all: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    output: out::Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let Args { target, all: _, reason, output } = args;
    let reason = reason.trim().to_owned();
    if !(1..=REASON_CHARS).contains(&reason.chars().count()) {
        let message = format!("--reason must have 1 to {REASON_CHARS} characters");
        return Err(Failed::with(Exit::Usage, message));
    }
    let config = globals.load_quietly()?.config;
    // It reads all of the log.
    let work =
        move || data_dir::forget_anchors(&config, target.as_deref(), &reason, &operator::name(), &clock());
    let done = match tokio::task::spawn_blocking(work).await {
        Ok(done) => done?,
        Err(error) => return Err(Failed::new("the command has panicked").because(&error)),
    };
    for file in &done.unread {
        eprintln!("mfa-ledger: not checked, since it cannot be read: {file}");
    }
    super::list::forgotten(output, &done.acts)
}
