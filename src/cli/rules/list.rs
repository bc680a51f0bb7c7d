//! `mfa-ledger rules list`

use serde_json::{Value, json};

use super::Site;
use crate::cli::{Column, Failed, Globals, Output, Rows};
use crate::react::detect::{Origin, Rule};

const COLUMNS: &[Column] = &[
    ("RULE", "id"),
    ("SEVERITY", "severity"),
    ("KIND", "kind"),
    ("WINDOW", "window"),
    ("FROM", "origin"),
    ("TITLE", "title"),
];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    site: Site,
    /// Form of the list
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let rules = args.site.rules(globals)?;
    let mut rows = Rows::new(args.output, COLUMNS);
    rows.write(&rules.all().iter().map(|rule| row(rule)).collect::<Vec<_>>())?;
    rows.finish()
}

fn row(rule: &Rule) -> Value {
    let origin = match &rule.origin {
        Origin::Pack => "pack".to_owned(),
        Origin::Site(path) => path.display().to_string(),
        Origin::Given => "given".to_owned(),
    };
    json!({
        "id": rule.id,
        "sigma_id": rule.sigma_id,
        "title": rule.title,
        "description": rule.description,
        "severity": rule.severity,
        "kind": rule.kind.name(),
        "window": window(rule.kind.window()),
        "window_seconds": rule.kind.window(),
        "tags": rule.tags,
        "false_positives": rule.false_positives,
        "origin": origin,
    })
}

/// Seconds as people say them.
fn window(seconds: u64) -> String {
    match seconds {
        0 => String::new(),
        s if s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s % 3_600 == 0 => format!("{}h", s / 3_600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}
