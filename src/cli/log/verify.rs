//! `mfa-ledger log verify`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::progress::Progress;
use crate::cli::exit::{Exit, Failed};
use crate::cli::globals::{Globals, clock};
use crate::cli::known::{Keys, Known};
use crate::cli::out::{self, Column, Single};
use crate::clock::Clock;
use crate::integrity::data_dir::{self, Against, VerifyError};
use crate::integrity::{CheckpointError, Remembered, Tampered, read_checkpoint};
use crate::tlog::note::NoteError;

const COLUMNS: &[Column] = &[
    ("result", "result"),
    ("records", "records"),
    ("root", "root"),
    ("origin", "origin"),
    ("signed by", "signed_by"),
    ("unsealed", "unsealed"),
    ("first bad position", "first_bad_position"),
    ("kind", "kind"),
    ("held against", "source"),
    ("detail", "detail"),
    ("milliseconds", "elapsed_ms"),
    ("records per second", "records_per_second"),
];

const AFTER_HELP: &str = "\
Every record is read from the journal, checked and hashed; the root of the tree over them must be the one that
the signed checkpoint of the data directory has, and the one of every checkpoint given with --checkpoint. This
works beside a running server, then up to its newest checkpoint, and without one. The reading copy (sled) is
not looked at: the next start compares it with the journal, and rebuilds it where it differs.

Exit codes: 0 sound, 1 it could not be checked, 2 usage, 10 altered, cut or rolled back.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    known: Known,
    /// Checkpoint that somebody kept, such as one of an anchor; may be repeated
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// First position to look at closely; the tree is over all records in any case
    #[arg(long, value_name = "POSITION", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// Last position to look at closely [default: the last]
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(u64).range(1..))]
    to: Option<u64>,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Single::Table)]
    output: Single,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    if args.to.is_some_and(|to| to < args.from) {
        return Err(Failed::with(Exit::Usage, "--to lies before --from"));
    }
    let config = globals.load_quietly()?.config;
    let begun = Watch::start();
    let Keys { keys, origin } = args.known.keys(&config)?;
    let remembered = args.checkpoints.iter().map(|path| remember(path, keys.as_deref()));
    let remembered = remembered.collect::<Result<Vec<_>, _>>()?;
    let total = remembered.iter().map(|it| it.checkpoint.size).max();
    let own = read_checkpoint(&config.data_dir.join("checkpoint"), keys.as_deref()).ok();
    let mut progress = Progress::new(total.max(own.map(|own| own.checkpoint.size)));
    let against = Against { keys: keys.clone(), origin, remembered };
    let close = args.from..=args.to.unwrap_or(u64::MAX);
    let verified = data_dir::verify(&config.data_dir, against, close, |seen| progress.at(seen));
    drop(progress);
    match verified {
        Ok(verified) => {
            let to = args.to.unwrap_or(verified.size).min(verified.size);
            let mut report = json!({
                "result": "sound",
                "records": verified.size,
                "from": args.from,
                "to": to,
                "size": verified.size,
                "root": verified.root.to_string(),
                "origin": verified.origin,
                "signed_by": verified.signed_by,
                "signatures_checked": keys.is_some(),
                "unsealed": verified.unsealed,
                "torn_bytes": verified.torn_bytes,
                "in_use": verified.in_use,
            });
            begun.report(&mut report, verified.size);
            if keys.is_none() {
                eprintln!(
                    "mfa-ledger: signatures were not checked; whoever wrote this log could have written another"
                );
            }
            out::single(args.output, &shown(&report), &report)
        }
        Err(VerifyError::Tampered(tampered)) => {
            let mut report = told(&tampered);
            begun.report(&mut report, tampered.size);
            out::single(args.output, &shown(&report), &report)?;
            Err(Failed::with(Exit::Tampering, tampered.page()))
        }
        Err(VerifyError::NoLedger(dir)) => {
            Err(Failed::with(Exit::NotFound, format!("there is no ledger in {}", dir.display())))
        }
        Err(error) => Err(Failed::new("the log could not be checked").because(&error)),
    }
}

/// The facts that there are.
fn shown(report: &Value) -> Vec<Column> {
    COLUMNS.iter().copied().filter(|(_, path)| report.get(path).is_some_and(|it| !it.is_null())).collect()
}

/// What was found wrong, for machines.
pub(super) fn told(tampered: &Tampered) -> Value {
    json!({
        "result": "tampered",
        "kind": tampered.kind.code(),
        "first_bad_position": tampered.first_bad_position(),
        "where": tampered.bad.to_string(),
        "source": tampered.against,
        "detail": tampered.detail.clone().unwrap_or_else(|| tampered.to_string()),
        "records": tampered.size,
        "size": tampered.size,
        "root": tampered.root.map(|root| root.to_string()),
        "claimed_size": tampered.claimed.as_ref().map(|claimed| claimed.size),
        "claimed_root": tampered.claimed.as_ref().map(|claimed| claimed.root.to_string()),
        "origin": tampered.claimed.as_ref().map(|claimed| claimed.origin.clone()),
    })
}

fn remember(path: &Path, keys: Option<&[crate::tlog::VerifierKey]>) -> Result<Remembered, Failed> {
    let source = path.display().to_string();
    match read_checkpoint(path, keys) {
        Ok(signed) => Ok(Remembered { source, checkpoint: signed.checkpoint }),
        Err(error) => {
            let unsigned =
                matches!(error, CheckpointError::Note(_, NoteError::Unsigned | NoteError::Invalid(_)));
            let exit = if unsigned { Exit::Tampering } else { Exit::Failed };
            Err(Failed::with(exit, "a checkpoint cannot be used").because(&error))
        }
    }
}

/// Measures how long it took.
struct Watch(Arc<Clock>, i64);

impl Watch {
    fn start() -> Self {
        let clock = clock();
        let now = now_ms(&clock);
        Self(clock, now)
    }

    fn report(&self, report: &mut Value, records: u64) {
        let elapsed = u64::try_from(now_ms(&self.0) - self.1).unwrap_or(0);
        report["elapsed_ms"] = elapsed.into();
        report["records_per_second"] = (records.saturating_mul(1_000) / elapsed.max(1)).into();
    }
}

fn now_ms(clock: &Clock) -> i64 {
    clock.unix_ms()
}
