//! `mfa-ledger consumers add`

use crate::cli::{Failed, Globals, nats, out};
use crate::follow::publish::consumers::{Consumers, inbox};

const AFTER_HELP: &str = "\
The consumer is a durable one that is pulled from, with explicit acknowledgements. The permissions let its user
do that, and neither make consumers nor anything else: whoever may make consumers can have messages delivered
onto any subject. Put them into the configuration of the NATS server, or into the user's JWT.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// Name of the consumer: letters, digits, - and _
    name: String,
    /// Only these subjects, such as `mfa.v1.*.*.mfa_reset` or `mfa.v1.alert.>` [default: all]
    #[arg(long, value_name = "SUBJECT")]
    filter: Option<String>,
    /// Position to begin with
    #[arg(long, value_name = "POSITION", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from_sequence: u64,
    /// Address of a NATS server; repeated for a cluster [default: nats.urls]
    #[arg(long, value_name = "URL")]
    nats: Vec<String>,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let (connection, config) = nats::reach(globals, &args.nats).await?;
    let consumers = Consumers::of(&connection, &config.events_stream).await?;
    consumers.add(&args.name, args.filter.as_deref(), Some(args.from_sequence)).await?;
    eprintln!(
        "mfa-ledger: made the consumer {} of the stream {}; its client sets the inbox prefix {}",
        args.name,
        config.events_stream,
        inbox(&args.name)
    );
    out::raw(consumers.permissions(&args.name).as_bytes())
}
