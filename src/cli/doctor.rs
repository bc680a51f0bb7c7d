//! `mfa-ledger doctor`

use serde_json::Value;

use super::exit::{Exit, Failed};
use super::globals::{Globals, clock};
use super::out::{Column, Output, Rows};
use crate::doctor::{self, Finding, Status, Unusable};

const COLUMNS: &[Column] =
    &[("Check", "name"), ("Status", "status"), ("Detail", "detail"), ("Advice", "advice")];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let config = globals.load_quietly().map(|loaded| loaded.config).map_err(|failed| {
        let (why, advice) = failed.told();
        Unusable { why, advice }
    });
    let look = tokio::task::spawn_blocking(move || doctor::run(config, &clock()));
    let findings = look.await.map_err(|error| Failed::new("a check has panicked").because(&error))?;
    let rows: Vec<Value> =
        findings.iter().map(|it| serde_json::to_value(it).expect("a finding is JSON")).collect();
    let mut out = Rows::new(args.output, COLUMNS);
    out.write(&rows)?;
    out.finish()?;
    judge(&findings)
}

fn judge(findings: &[Finding]) -> Result<(), Failed> {
    let failed: Vec<_> = findings.iter().filter(|it| it.outcome.status == Status::Fail).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = failed.iter().map(|it| it.name).collect();
    let exit = if failed.iter().any(|it| it.outcome.altered) { Exit::Tampering } else { Exit::Failed };
    Err(Failed::with(
        exit,
        format!("{} of {} checks failed: {}", failed.len(), findings.len(), names.join(", ")),
    ))
}
