//! Bare `mfa-ledger replay`: the log folded from its beginning.

use std::ops::ControlFlow;

use mfa_ledger_schemas::Instant;
use serde_json::{Value, json};

use crate::cli::exit::Failed;
use crate::cli::globals::Globals;
use crate::cli::log::progress::Progress;
use crate::cli::out::{self, Column, Single};
use crate::server;

const COLUMNS: &[Column] = &[
    ("position", "position"),
    ("records", "records"),
    ("void", "void"),
    ("first", "first"),
    ("last", "last"),
];

/// Folds the journal of the data directory, without a lock, and says how far it reaches and over which time.
pub(super) fn run(globals: &Globals) -> Result<(), Failed> {
    let config = globals.load_quietly()?.config;
    let mut progress = Progress::new(None);
    let (mut records, mut void) = (0_u64, 0_u64);
    let (mut first, mut last): (Option<Instant>, Option<Instant>) = (None, None);
    let position = server::history(&config, |past| {
        progress.at(past.position.0);
        records += 1;
        void += u64::from(past.void);
        last = Some(past.state.at());
        first = first.or(last);
        ControlFlow::Continue(())
    })?;
    drop(progress);
    let told: Value =
        json!({"position": position, "records": records, "void": void, "first": first, "last": last});
    out::single(Single::Table, COLUMNS, &told)
}
