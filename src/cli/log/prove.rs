//! `mfa-ledger log prove`

use crate::cli::{Exit, Failed, Globals, Known, out};
use crate::integrity::{self, CheckpointError, ProveError};
use crate::tlog::note::NoteError;

const AFTER_HELP: &str = "\
A receipt in the form of C2SP tlog-proof, the same that GET /v1/activity/POSITION/proof gives under the same
checkpoint. It proves the public half of the record, byte for byte: see activity export, or log export --leaves.
No server is needed; beside one, the newest checkpoint decides how far proofs reach.

Exit codes: 0 done, 1 failed, 2 usage, 5 no ledger or no such position, 10 the log is not what was signed for.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// Where the record stands in the log, from 1 on
    #[arg(value_name = "POSITION", value_parser = clap::value_parser!(u64).range(1..))]
    position: u64,
    #[command(flatten)]
    known: Known,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let config = globals.load_quietly()?.config;
    let keys = args.known.keys(&config)?.keys;
    let receipt = integrity::prove(&config.data_dir, args.position, keys.as_deref())?;
    out::raw(receipt.to_string().as_bytes())
}

impl From<ProveError> for Failed {
    fn from(error: ProveError) -> Self {
        let exit = match &error {
            ProveError::Tampered(tampered) => return Self::with(Exit::Tampering, tampered.page()),
            ProveError::Checkpoint(CheckpointError::Note(_, NoteError::Unsigned | NoteError::Invalid(_))) => {
                Exit::Tampering
            }
            ProveError::NoLedger(_) | ProveError::NotSealed { .. } => Exit::NotFound,
            _ => Exit::Failed,
        };
        let failed = Self::with(exit, error.to_string());
        match std::error::Error::source(&error) {
            Some(source) => failed.because(source),
            None => failed,
        }
    }
}
