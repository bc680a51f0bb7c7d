//! `mfa-ledger log diff`

use std::path::{Path, PathBuf};

use mfa_ledger_api::rows::cell;
use mfa_ledger_schemas::codec;
use serde_json::{Value, json};

use crate::cli::out::{self};
use crate::cli::{Column, Exit, Failed, Single};
use crate::integrity::{self, Compared, DiffError, JournalError};

const AFTER_HELP: &str = "\
The journals are compared record by record, up to the first position where they differ; no keys are needed, and
neither log is held against its checkpoint: log verify does that. Of a directory that a server holds, only what its
newest checkpoint was signed for is looked at.

The result is `same`, `beginning` (all of the shorter log is the beginning of the other: a backup, or a
roll-back), or `different`: then the first position is given at which they differ, with both public halves.

Exit codes: 0 the same, 1 failed, 2 usage, 5 no ledger, 6 not the same, 10 a journal is damaged.";

const COLUMNS: &[Column] = &[
    ("result", "result"),
    ("in common", "common"),
    ("first difference", "first_difference"),
    ("shorter", "shorter"),
    ("a", "a.directory"),
    ("leaf of a", "a.leaf"),
    ("b", "b.directory"),
    ("leaf of b", "b.leaf"),
];

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// One data directory
    #[arg(value_name = "DIR_A")]
    a: PathBuf,
    /// The other
    #[arg(value_name = "DIR_B")]
    b: PathBuf,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Single::Table)]
    output: Single,
}

pub(super) fn run(args: &Args) -> Result<(), Failed> {
    let compared = integrity::diff([&args.a, &args.b])?;
    let Compared { common, next: [a, b], in_use } = &compared;
    let (result, shorter) = match (a, b) {
        (None, None) => ("same", None),
        (None, Some(_)) => ("beginning", Some("a")),
        (Some(_), None) => ("beginning", Some("b")),
        (Some(_), Some(_)) => ("different", None),
    };
    let first = (result != "same").then_some(common + 1);
    let report = json!({
        "result": result,
        "common": common,
        "first_difference": first,
        "shorter": shorter,
        "a": side(&args.a, a.as_deref(), in_use[0]),
        "b": side(&args.b, b.as_deref(), in_use[1]),
    });
    let shown: Vec<_> = COLUMNS.iter().copied().filter(|(_, path)| !cell(&report, path).is_empty()).collect();
    out::single(args.output, &shown, &report)?;
    match (first, shorter) {
        (None, _) => Ok(()),
        (Some(first), None) => {
            Err(Failed::with(Exit::Conflict, format!("the logs differ from position {first} on")))
        }
        (Some(first), Some(shorter)) => {
            let message =
                format!("{shorter} ends before position {first}, and is the beginning of the other");
            Err(Failed::with(Exit::Conflict, message))
        }
    }
}

/// One of the two, and its record at the first difference.
fn side(dir: &Path, stored: Option<&[u8]>, in_use: bool) -> Value {
    let leaf = stored.and_then(|stored| Some(codec::halves(stored).ok()?.leaf.to_owned()));
    let sha256 = stored.map(|stored| data_encoding::HEXLOWER.encode(&codec::sha256(stored)));
    json!({ "directory": dir.display().to_string(), "in_use": in_use, "leaf": leaf, "stored_sha256": sha256 })
}

impl From<DiffError> for Failed {
    fn from(error: DiffError) -> Self {
        let exit = match &error {
            DiffError::Journal(_, JournalError::Tampered(_)) => Exit::Tampering,
            DiffError::NoLedger(_) => Exit::NotFound,
            _ => Exit::Failed,
        };
        let failed = Self::with(exit, error.to_string());
        match std::error::Error::source(&error) {
            Some(source) => failed.because(source),
            None => failed,
        }
    }
}
