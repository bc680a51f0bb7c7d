//! `mfa-ledger consumers list`

use serde_json::json;

use crate::cli::{Column, Failed, Globals, Output, Rows, nats};
use crate::follow::publish::consumers::Consumers;

const COLUMNS: &[Column] = &[
    ("name", "name"),
    ("filter", "filter"),
    ("acknowledged", "acknowledged"),
    ("unacknowledged", "unacknowledged"),
    ("waiting", "waiting"),
];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Address of a NATS server; repeated for a cluster [default: nats.urls]
    #[arg(long, value_name = "URL")]
    nats: Vec<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let (connection, config) = nats::reach(globals, &args.nats).await?;
    let consumers = Consumers::of(&connection, &config.events_stream).await?.list().await?;
    let rows: Vec<_> = consumers
        .into_iter()
        .map(|it| {
            json!({
                "name": it.name,
                "filter": it.filter,
                "acknowledged": it.acknowledged,
                "unacknowledged": it.unacknowledged,
                "waiting": it.waiting,
            })
        })
        .collect();
    let mut listed = Rows::new(args.output, COLUMNS);
    listed.write(&rows)?;
    listed.finish()
}
