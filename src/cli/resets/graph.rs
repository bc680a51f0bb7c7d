//! `mfa-ledger resets graph`

use clap::ValueEnum;
use mfa_ledger_schemas::Instant;
use serde_json::{Value, json};

use super::dot::dot;
use crate::cli::out::{self};
use crate::cli::reach::reach;
use crate::cli::{Column, Exit, Failed, Globals, Here, Output, Reach, Rows, fields};
use crate::service::reset_graph::{CHAIN_HOURS, MAX_CHAIN_HOURS, reset_graph};

const COLUMNS: &[Column] = &[
    ("What", "what"),
    ("From", "from"),
    ("To", "to"),
    ("Resets", "count"),
    ("First", "first"),
    ("Last", "last"),
    ("Positions", "positions"),
];

/// The form of the graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A line for each edge, chain and pair.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// For Graphviz: `| dot -Tsvg`.
    Dot,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only from this moment on: RFC 3339, or so long ago as 24h, 7d
    #[arg(long, value_name = "TIME", value_parser = fields::moment)]
    since: Option<Instant>,
    /// Only before this moment
    #[arg(long, value_name = "TIME", value_parser = fields::moment)]
    until: Option<Instant>,
    /// Longest time, in hours, from a reset of somebody to one that they perform, for both to be in a chain
    #[arg(long, value_name = "HOURS", default_value_t = CHAIN_HOURS)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_CHAIN_HOURS)))]
    chain_hours: u16,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Form,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    if args.since.zip(args.until).is_some_and(|(since, until)| until <= since) {
        return Err(Failed::with(Exit::Usage, "--until is not later than --since"));
    }
    let graph = match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| drawn(here, &args)).await?,
        Reach::There(remote) => remote.get("/v1/resets/graph", &query(&args)).await?,
    };
    match args.output {
        Form::Json => out::raw(format!("{graph:#}\n").as_bytes()),
        Form::Dot => out::raw(dot(&graph).as_bytes()),
        Form::Table => {
            let mut rows = Rows::new(Output::Table, COLUMNS);
            rows.write(&table(&graph))?;
            rows.finish()
        }
    }
}

fn drawn(here: &Here, args: &Args) -> Result<Value, Failed> {
    let graph =
        here.service().peek(|state| reset_graph(&state.resets, args.since, args.until, args.chain_hours));
    serde_json::to_value(graph).map_err(|error| Failed::new("the graph is not JSON").because(&error))
}

fn query(args: &Args) -> Vec<(&'static str, String)> {
    let mut query = vec![("chain_hours", args.chain_hours.to_string())];
    query.extend(args.since.map(|since| ("since", since.to_string())));
    query.extend(args.until.map(|until| ("until", until.to_string())));
    query
}

fn table(graph: &Value) -> Vec<Value> {
    let every = |name: &str| graph[name].as_array().cloned().unwrap_or_default();
    let edge = |edge: Value| {
        json!({
            "what": "reset", "from": edge["performer"], "to": edge["target"], "first": edge["first"],
            "count": edge["resets"].as_array().map_or(0, Vec::len), "last": edge["last"],
            "positions": edge["resets"],
        })
    };
    let chain = |chain: Value| {
        let links = chain.as_array().cloned().unwrap_or_default();
        let (Some(first), Some(last)) = (links.first(), links.last()) else { return Value::Null };
        let positions: Value = links.iter().map(|link| link["position"].clone()).collect();
        json!({
            "what": "chain", "from": first["performer"], "to": last["target"], "first": first["at"],
            "count": links.len(), "last": last["at"], "positions": positions,
        })
    };
    let pair = |pair: Value| {
        json!({
            "what": "each other", "from": pair["first"], "to": pair["second"],
            "count": pair["resets"].as_array().map_or(0, Vec::len), "positions": pair["resets"],
        })
    };
    let edges = every("edges").into_iter().map(edge);
    edges.chain(every("chains").into_iter().map(chain)).chain(every("pairs").into_iter().map(pair)).collect()
}
