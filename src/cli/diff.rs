//! `mfa-ledger diff`

use mfa_ledger_api::moment::Moment;
use serde_json::{Value, json};

use super::activity::entry::note;
use super::exit::Failed;
use super::fields;
use super::globals::Globals;
use super::out::{self, Column, Output, Rows};
use super::reach::{Reach, reach};
use crate::service::{PAST, command, difference};

const AFTER_HELP: &str = "\
A line for each fact that differs: of accounts (user name, role, super administrator, active, frozen, MFA status and
requirement, enrolled at, backup codes left, position of the last reset), of roles, and of settings. What was not
there at the earlier moment has nothing before. As json, the whole answer of GET /v1/diff.

Exit codes: 5 when the log had not begun at a moment; 1 when it has not come, or FROM is later than TO.";

const COLUMNS: &[Column] =
    &[("What", "what"), ("Name", "name"), ("Fact", "field"), ("Before", "before"), ("After", "after")];

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The earlier moment: a position in the log in digits, an RFC 3339 time, or so long ago: 90m, 24h, 7d
    #[arg(value_name = "FROM", value_parser = fields::past_moment)]
    from: Moment,
    /// The later moment, likewise
    #[arg(value_name = "TO", value_parser = fields::past_moment)]
    to: Moment,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let difference = match reach(globals).await? {
        Reach::Here(here) => {
            here.work(async |here| {
                let query = format!("past=diff&from={}&to={}", args.from, args.to);
                note(here, command::ReadActivity { query, right: PAST }).await?;
                let (before, after) = here.service().between(args.from, args.to).await?;
                Ok(json!(difference(&before, &after, true)))
            })
            .await?
        }
        Reach::There(remote) => {
            let query = [("from", args.from.to_string()), ("to", args.to.to_string())];
            remote.get("/v1/diff", &query).await?
        }
    };
    if args.output == Output::Json {
        return out::raw(format!("{difference:#}\n").as_bytes());
    }
    let mut rows = Rows::new(args.output, COLUMNS);
    rows.write(&lines(&difference))?;
    rows.finish()
}

fn lines(difference: &Value) -> Vec<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let line = |what: &str, name: &Value, fact: &Value| {
        json!({
            "what": what, "name": name, "field": fact["field"], "before": fact["before"], "after": fact["after"],
        })
    };
    let of = |what: &'static str, things: &str, name: &'static str| {
        let all = list(&difference[things]).into_iter();
        all.flat_map(move |it| list(&it["changes"]).into_iter().map(move |fact| line(what, &it[name], &fact)))
    };
    let settings =
        list(&difference["settings"]).into_iter().map(|fact| line("settings", &Value::Null, &fact));
    let people = of("administrator", "administrators", "user_name");
    people.chain(of("role", "roles", "role")).chain(settings).collect()
}
