//! `mfa-ledger rules backtest`

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use mfa_ledger_schemas::Instant;
use serde_json::{Value, json};

use super::unusable;
use crate::cli::log::progress::Progress;
use crate::cli::out::{self};
use crate::cli::{Column, Exit, Failed, Globals, Output, Rows, clock};
use crate::config::Config;
use crate::data_dir;
use crate::react::detect::{Backtest, Match, Range, Report, Rules};
use crate::server;

const COLUMNS: &[Column] = &[
    ("AT", "at"),
    ("RULE", "rule"),
    ("SEVERITY", "severity"),
    ("GROUP", "group"),
    ("POSITION", "position"),
    ("EVENTS", "positions"),
];

const AFTER_HELP: &str = "\
The journal of the data directory is read from its beginning, without a server or beside one; then it goes up to
the newest checkpoint. Nothing is changed. Alerts go to standard output; how many there were in each week, and the
share of resets that stand behind one, to standard error, or into the document of --output json.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// A rule file, or the name of a rule in force
    #[arg(long, value_name = "FILE-OR-NAME", required_unless_present = "all")]
    rule: Option<String>,
    /// All rules in force
    #[arg(long, conflicts_with = "rule")]
    all: bool,
    /// Alerts from this moment on, such as 2026-05-03T00:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Instant>,
    /// Alerts before this moment
    #[arg(long, value_name = "TIME")]
    until: Option<Instant>,
    /// Form of the alerts
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let range = Range { since: args.since, until: args.until };
    if range.is_empty() {
        return Err(Failed::with(Exit::Usage, "--until must lie after --since"));
    }
    let config = globals.load_quietly()?.config;
    let rules = chosen(&config, args.rule.as_deref())?;
    let mut test = Backtest::new(&rules, range);
    let mut progress = Progress::new(None);
    let mut broken = None;
    data_dir::history(&config, |past| {
        progress.at(past.position.0);
        match test.take(past.position, past.leaf(), past.void) {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                broken = Some(Failed::new("the log cannot be read").because(&error));
                ControlFlow::Break(())
            }
        }
    })?;
    drop(progress);
    if let Some(failed) = broken {
        return Err(failed);
    }
    print(args.output, &test.finish(Instant::from_unix_ms(clock().unix_ms())))
}

/// The rules that are asked for.
fn chosen(config: &Config, rule: Option<&str>) -> Result<Arc<Rules>, Failed> {
    let given = rule.filter(|rule| Path::new(rule).is_file());
    if let Some(path) = given {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Failed::new(format!("{path} cannot be read")).because(&error))?;
        let rules = Rules::given(&text).map_err(|mut broken| {
            broken.0.iter_mut().for_each(|fault| path.clone_into(&mut fault.file));
            unusable(&broken)
        })?;
        return Ok(Arc::new(rules));
    }
    let rules = server::rules(config)?;
    let Some(name) = rule else { return Ok(rules) };
    let Some(found) = rules.find(name) else {
        let why = format!("{name} is neither a rule file nor the name of a rule in force");
        return Err(Failed::with(Exit::NotFound, why).advise("mfa-ledger rules list prints the names"));
    };
    Ok(Arc::new(rules.alone(found)))
}

fn print(output: Output, report: &Report) -> Result<(), Failed> {
    let alerts: Vec<Value> = report.matches.iter().map(row).collect();
    if output == Output::Json {
        let mut document = summary(report);
        document["would_raise"] = Value::Array(alerts);
        return out::raw(format!("{document:#}\n").as_bytes());
    }
    let mut rows = Rows::new(output, COLUMNS);
    rows.write(&alerts)?;
    rows.finish()?;
    let mut told = format!(
        "{} records, {} alerts; {} of {} resets stand behind one ({:.1} %)\n",
        report.records,
        report.alerts,
        report.resets_touched,
        report.resets,
        report.share() * 100.0
    );
    for (rule, weeks) in &report.weeks {
        for (week, alerts) in weeks {
            told = format!("{told}week of {week}  {alerts:>5}  {rule}\n");
        }
    }
    if report.is_cut() {
        told = format!("{told}only the first {} alerts are shown\n", report.matches.len());
    }
    eprint!("{told}");
    Ok(())
}

fn summary(report: &Report) -> Value {
    json!({
        "records": report.records,
        "resets": report.resets,
        "resets_touched": report.resets_touched,
        "share_of_resets": report.share(),
        "alerts": report.alerts,
        "weeks": report.weeks,
        "cut": report.is_cut(),
    })
}

fn row(found: &Match) -> Value {
    json!({
        "alert": found.alert,
        "rule": found.rule.id,
        "title": found.rule.title,
        "severity": found.rule.severity,
        "at": found.at,
        "group": found.group,
        "position": found.position,
        "positions": found.positions,
    })
}
