//! `mfa-ledger replay`

mod fold;
pub(super) mod source;
mod story;
pub(super) mod telling;
mod to_nats;

use super::exit::Failed;
use super::globals::Globals;
use super::out::Output;
use crate::follow::publish::replaying::Prefix;
use to_nats::Speed;

const AFTER_HELP: &str = "\
Without either, the log is folded from its beginning, and the checksum of each projection compared with that of the
running server, or of a start from the newest snapshot; a difference is exit code 1.

With --administrator, everything that somebody did and that was done to them, in order; void records changed
nothing. It is read on the data directory, or through the API where a server holds it, and recorded as reading.

With --to-nats, the public halves of the records are sent once more, byte for byte, to
SUBJECT.<kind>.<id>.<event>, as far apart as they were, divided by --speed. The subjects of ledgers are refused. Each
message has the headers Mfa-Ledger-Replay: true, Mfa-Ledger-Position and Mfa-Ledger-Time. The journal is read as
log export does it: beside a server, up to the newest checkpoint, and recorded nowhere.

Exit codes: 0 done, 1 failed, 2 usage, 3 not reached, 4 not allowed, by the ledger or by NATS, 5 no such
administrator or positions, 10 the log is not what it was.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// Tell the story of one administrator: user name or id
    #[arg(long, value_name = "X", conflicts_with = "to_nats")]
    administrator: Option<String>,
    /// Form of what is told [default: table]
    #[arg(long, value_enum, conflicts_with = "to_nats")]
    output: Option<Output>,
    /// Send the events once more to subjects that begin so
    #[arg(long, value_name = "SUBJECT")]
    to_nats: Option<Prefix>,
    /// So many times as fast as it happened, as in 10x, or max
    #[arg(long, value_name = "SPEED", default_value = "1x", requires = "to_nats")]
    speed: Speed,
    /// First position to send [default: 1]
    #[arg(long, value_name = "POSITION", requires = "to_nats", value_parser = clap::value_parser!(u64).range(1..))]
    from: Option<u64>,
    /// Last position to send [default: the last there is]
    #[arg(long, value_name = "POSITION", requires = "to_nats", value_parser = clap::value_parser!(u64).range(1..))]
    to: Option<u64>,
    /// Address of a NATS server; repeated for a cluster [default: nats.urls]
    #[arg(long, value_name = "URL", requires = "to_nats")]
    nats: Vec<String>,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    if let Some(administrator) = &args.administrator {
        return story::run(globals, administrator, args.output.unwrap_or_default()).await;
    }
    match args.to_nats {
        Some(prefix) => {
            let range = (args.from.unwrap_or(1), args.to);
            to_nats::run(globals, &args.nats, prefix, args.speed, range).await
        }
        None => fold::run(globals, args.output.unwrap_or_default()).await,
    }
}
