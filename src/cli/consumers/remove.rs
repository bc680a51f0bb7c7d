//! `mfa-ledger consumers remove`

use crate::cli::{Failed, Globals, nats};
use crate::follow::publish::consumers::Consumers;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Name of the consumer
    name: String,
    /// Address of a NATS server; repeated for a cluster [default: nats.urls]
    #[arg(long, value_name = "URL")]
    nats: Vec<String>,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let (connection, config) = nats::reach(globals, &args.nats).await?;
    Consumers::of(&connection, &config.events_stream).await?.remove(&args.name).await?;
    eprintln!("mfa-ledger: removed the consumer {}", args.name);
    Ok(())
}
