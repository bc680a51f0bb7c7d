//! `mfa-ledger anchors list`

use serde_json::json;

use crate::cli::out::{self};
use crate::cli::{Column, Failed, Globals, Rows};
use crate::data_dir;
use crate::follow::anchor::Forgotten;

const HELD: &[Column] = &[
    ("target", "target"),
    ("records", "size"),
    ("seen", "seen"),
    ("configured", "configured"),
    ("origin", "origin"),
];

const FORGOTTEN: &[Column] = &[
    ("target", "target"),
    ("records", "size"),
    ("seen", "seen"),
    ("forgotten", "at"),
    ("operator", "operator"),
    ("reason", "reason"),
];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// List what was forgotten instead: what, when, by whom and why
    #[arg(long)]
    forgotten: bool,
    /// Form of the list
    #[arg(long, value_enum, default_value_t)]
    output: out::Output,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let config = globals.load_quietly()?.config;
    let (remembering, dispute) = data_dir::remembered_anchors(&config)?;
    for (file, why) in &remembering.faults {
        eprintln!("mfa-ledger: {}: {why}", file.display());
    }
    if args.forgotten {
        forgotten(args.output, &remembering.forgotten)?;
        return dispute.map_or(Ok(()), |error| Err(error.into()));
    }
    let mut rows = Vec::new();
    for (target, held) in remembering.everything() {
        let (checkpoint, configured) = (&held.signed.checkpoint, data_dir::names_anchor(&config, target)?);
        rows.push(json!({
            "target": target,
            "size": checkpoint.size,
            "seen": held.seen,
            "configured": configured,
            "origin": checkpoint.origin,
        }));
    }
    let mut list = Rows::new(args.output, HELD);
    list.write(&rows)?;
    list.finish()?;
    dispute.map_or(Ok(()), |error| Err(error.into()))
}

pub(super) fn forgotten(output: out::Output, forgotten: &[Forgotten]) -> Result<(), Failed> {
    let rows: Vec<_> = forgotten.iter().map(|it| json!(it)).collect();
    let mut list = Rows::new(output, FORGOTTEN);
    list.write(&rows)?;
    list.finish()
}
