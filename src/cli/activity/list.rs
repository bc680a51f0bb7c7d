//! `mfa-ledger activity list`

use mfa_ledger_projections::Order;

use super::entry::{COLUMNS, PAGE, note, page};
use super::filter::Filter;
use crate::cli::reach::reach;
use crate::cli::{Failed, Globals, Here, Output, Reach, Remote, Rows};
use crate::service::{READ, command};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    filter: Filter,
    /// Most entries
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Oldest first
    #[arg(long)]
    oldest_first: bool,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let mut rows = Rows::new(args.output, COLUMNS);
    match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| list_here(here, &args, &mut rows).await).await?,
        Reach::There(remote) => list_there(&remote, &args, &mut rows).await?,
    }
    rows.finish()
}

async fn list_here(here: &Here, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    note(here, command::ReadActivity { query: args.filter.recorded(), right: READ }).await?;
    let order = if args.oldest_first { Order::Ascending } else { Order::Descending };
    let (mut left, mut after) = (args.limit, None);
    while left > 0 {
        let (entries, next) = page(here, &args.filter, order, after, left.min(PAGE)).await?;
        left -= entries.len();
        rows.write(&entries)?;
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(())
}

async fn list_there(remote: &Remote, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    let mut query = args.filter.query();
    query.push(("order", if args.oldest_first { "asc" } else { "desc" }.to_owned()));
    let asked = query.len();
    let mut left = args.limit;
    while left > 0 {
        query.push(("limit", left.min(PAGE).to_string()));
        let page = remote.get("/v1/activity", &query).await?;
        let entries = page["data"].as_array().map_or(&[][..], Vec::as_slice);
        left -= entries.len().min(left);
        rows.write(entries)?;
        let Some(next) = page["next"].as_str() else { break };
        query.truncate(asked);
        query.push(("after", next.to_owned()));
    }
    Ok(())
}
