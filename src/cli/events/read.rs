//! What `tail` and `replay` have in common: where to begin and to end, and the form of a line.

use std::time::Duration;

use mfa_ledger_schemas::Instant;
use serde::Serialize;
use serde_json::value::RawValue;

use super::passing::{self, Passing};
use super::verify::reader;
use crate::cli::{Failed, Globals, nats, out};
use crate::config::Config;
use crate::follow::publish::reading::{self, From, Published, Range, ReadFailed};

/// Wait before events that broke off are taken up again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Attempts to take them up again: a server that restarts is back soon, one that is gone is gone.
const ATTEMPTS: u32 = 30;

#[derive(Debug, clap::Args)]
pub(super) struct Bounds {
    /// Position to begin with
    #[arg(long, value_name = "POSITION", conflicts_with = "since", value_parser = clap::value_parser!(u64).range(1..))]
    from_sequence: Option<u64>,
    /// Begin with what was recorded then or later: RFC 3339, as in 2026-05-03T14:05:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Instant>,
    /// End before what was recorded later than this
    #[arg(long, value_name = "TIME")]
    until: Option<Instant>,
    /// Only these subjects, such as `mfa.v1.*.*.mfa_reset` or `mfa.v1.alert.>` [default: all]
    #[arg(long, value_name = "SUBJECT")]
    filter: Option<String>,
    /// Address of a NATS server; repeated for a cluster [default: nats.urls]
    #[arg(long, value_name = "URL")]
    nats: Vec<String>,
}

/// The leaf stands in it byte for byte.
#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    subject: &'a str,
    event: &'a RawValue,
}

impl Bounds {
    /// Whether nothing of the stream is left out.
    fn is_whole(&self) -> bool {
        self.from_sequence.is_none_or(|from| from == 1)
            && self.since.is_none()
            && self.until.is_none()
            && self.filter.is_none()
    }
}

pub(super) async fn run(
    globals: &Globals,
    bounds: Bounds,
    otherwise: From,
    follow: bool,
) -> Result<(), Failed> {
    let whole = !follow && bounds.is_whole();
    let from = match (bounds.from_sequence, bounds.since) {
        (Some(position), _) => From::Position(position),
        (None, Some(since)) => From::Time(since),
        (None, None) => otherwise,
    };
    let mut range = Range { from, until: bounds.until, filter: bounds.filter, follow, ledger: None };
    let config = globals.load_to_reach(&bounds.nats)?.config;
    if whole {
        return Box::pin(replay_whole(&config, &mut range)).await;
    }
    passing::not_verified();
    let (mut begun, mut failures) = (false, 0);
    loop {
        let before = range.from;
        let done = read(&config, &mut range).await;
        let further = range.from != before;
        begun |= further;
        match done {
            // What never began is not taken up again.
            Err(failed) if follow && begun && failed.is_remote() && failures < ATTEMPTS => {
                failures = if further { 0 } else { failures + 1 };
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            done => return done,
        }
    }
}

async fn read(config: &Config, range: &mut Range) -> Result<(), Failed> {
    let connection = nats::connected(config).await?;
    let take = async |event: Published| print(&event);
    reading::read(&connection, &config.nats.events_stream, range, &reader(), take).await
}

/// From the first event to the last: what they come to is compared with the checkpoints beside them.
async fn replay_whole(config: &Config, range: &mut Range) -> Result<(), Failed> {
    let connection = nats::connected(config).await?;
    let passing = Passing::new(&connection, config);
    let (mut begun, mut tree) = (false, None);
    let take = async |event: Published| {
        print(&event)?;
        if !std::mem::replace(&mut begun, true) {
            tree = passing.begin(&event).await;
        }
        match &mut tree {
            Some(tree) => tree.see(&event).await,
            None => Ok(()),
        }
    };
    reading::read(&connection, &config.nats.events_stream, range, &reader(), take).await?;
    if let Some(tree) = tree {
        return tree.end();
    }
    passing::not_verified();
    Ok(())
}

fn print(event: &Published) -> Result<(), Failed> {
    let foreign = || Failed::from(ReadFailed::Foreign(event.position));
    let leaf: &RawValue = serde_json::from_slice(&event.leaf).map_err(|_| foreign())?;
    let line = Line { position: event.position, subject: &event.subject, event: leaf };
    let mut line = serde_json::to_vec(&line).map_err(|_| foreign())?;
    line.push(b'\n');
    out::raw(&line)
}
