//! `mfa-ledger rules test`

use serde_json::{Value, json};

use super::Site;
use crate::cli::{Column, Failed, Globals, Output, Rows};

const COLUMNS: &[Column] =
    &[("RULE", "rule"), ("FIXTURE", "fixture"), ("EXPECTED", "expected"), ("FOUND", "found"), ("", "result")];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    site: Site,
    /// Only this rule, by name
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let rules = args.site.rules(globals)?;
    let wanted = |id: &str| args.rule.as_deref().is_none_or(|only| only == id);
    let mut rows: Vec<Value> = Vec::new();
    for rule in rules.all().iter().filter(|rule| wanted(rule.id.as_str())) {
        for test in rule.tests() {
            let found = test.run(&rules, rule);
            let result = if found == test.alerts { "ok" } else { "FAILED" };
            rows.push(json!({
                "rule": rule.id, "fixture": test.name, "expected": test.alerts, "found": found, "result": result,
            }));
        }
    }
    let failed = rows.iter().filter(|row| row["result"] != "ok").count();
    let count = rows.len();
    let mut out = Rows::new(args.output, COLUMNS);
    out.write(&rows)?;
    out.finish()?;
    match (count, failed) {
        (0, _) => Err(Failed::new("there are no fixtures to run")),
        (_, 0) => Ok(()),
        (count, failed) => Err(Failed::new(format!("{failed} of {count} fixtures do not match as they say"))),
    }
}
