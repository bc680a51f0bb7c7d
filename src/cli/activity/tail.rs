//! `mfa-ledger activity tail`

use std::time::Duration;

use futures_util::StreamExt;
use mfa_ledger_projections::Order;

use super::entry::{COLUMNS, note, page};
use super::filter::Filter;
use crate::cli::reach::reach;
use crate::cli::{Failed, Globals, Here, Output, Reach, Remote, Rows};
use crate::service::{READ, command};

/// Wait before a stream that broke off is taken up again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Attempts to take it up again: a server that restarts is back soon, one that is gone is gone.
const ATTEMPTS: u32 = 5;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    filter: Filter,
    /// Entries to begin with
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=1000))]
    lines: u16,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let mut rows = Rows::new(args.output, COLUMNS);
    match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| newest(here, &args, &mut rows).await).await?,
        Reach::There(remote) => follow(&remote, &args, &mut rows).await?,
    }
    rows.finish()
}

async fn newest(here: &Here, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    note(here, command::ReadActivity { query: args.filter.recorded(), right: READ }).await?;
    let (mut entries, _) = page(here, &args.filter, Order::Descending, None, args.lines.into()).await?;
    entries.reverse();
    rows.write(&entries)?;
    eprintln!("mfa-ledger: no server runs on this data directory, so nothing more will come");
    Ok(())
}

async fn follow(remote: &Remote, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    let filter = args.filter.query();
    let mut query = filter.clone();
    query.push(("limit", args.lines.max(1).to_string()));
    let first = remote.get("/v1/activity", &query).await?;
    let listed = first["data"].as_array().cloned();
    let mut entries = listed.ok_or_else(|| Failed::new("the server's answer holds no list of entries"))?;
    // Behind the newest that fits, so that what comes between the two requests is not lost.
    let mut after = entries.first().map_or("0".to_owned(), |entry| entry["position"].to_string());
    entries.truncate(args.lines.into());
    entries.reverse();
    rows.write(&entries)?;
    let mut failures = 0;
    loop {
        match remote.events("/v1/activity/stream", &filter, &after).await {
            Ok(stream) => {
                let mut stream = Box::pin(stream);
                while let Some(Ok(entry)) = stream.next().await {
                    failures = 0;
                    after = entry["position"].to_string();
                    rows.write(&[entry])?;
                }
            }
            Err(failed) if failures == ATTEMPTS => return Err(failed),
            Err(_) => {}
        }
        failures += 1;
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}
