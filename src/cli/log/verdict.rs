//! What a check of a log found, for people and machines.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cli::out::{self};
use crate::cli::{Column, Failed, Single, clock};
use crate::clock::Clock;
use crate::integrity::{Bad, Tampered};

const COLUMNS: &[Column] = &[
    ("result", "result"),
    ("records", "records"),
    ("root", "root"),
    ("origin", "origin"),
    ("signed by", "signed_by"),
    ("unsealed", "unsealed"),
    ("covered", "covered"),
    ("not covered yet", "not_covered"),
    ("checkpoints compared", "checkpoints"),
    ("checkpoints skipped", "checkpoints_skipped"),
    ("first bad position", "where"),
    ("kind", "kind"),
    ("held against", "source"),
    ("held against", "held_against"),
    ("anchors", "anchors"),
    ("detail", "detail"),
    ("milliseconds", "elapsed_ms"),
    ("records per second", "records_per_second"),
];

/// Says that all is well.
pub(in crate::cli) fn sound(
    form: Single,
    mut report: Value,
    watch: &Watch,
    records: u64,
) -> Result<(), Failed> {
    watch.report(&mut report, records);
    out::single(form, &shown(&report), &report)
}

/// Says what is not, on standard output.
pub(in crate::cli) fn tampered(form: Single, tampered: &Tampered, watch: &Watch) -> Result<(), Failed> {
    let mut report = told(tampered);
    watch.report(&mut report, tampered.size);
    out::single(form, &shown(&report), &report)
}

/// The facts that there are.
fn shown(report: &Value) -> Vec<Column> {
    COLUMNS.iter().copied().filter(|(_, path)| report.get(path).is_some_and(|it| !it.is_null())).collect()
}

/// What was found wrong, for machines.
fn told(tampered: &Tampered) -> Value {
    json!({
        "result": "tampered",
        "kind": tampered.kind.code(),
        "first_bad_position": tampered.first_bad_position(),
        "where": (tampered.bad != Bad::Nowhere).then(|| tampered.bad.to_string()),
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

/// Measures how long it took.
pub(in crate::cli) struct Watch(Arc<Clock>, i64);

impl Watch {
    pub fn start() -> Self {
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
