//! `mfa-ledger activity export`

use futures_util::StreamExt;
use mfa_ledger_projections::Order;

use super::entry::{COLUMNS, PAGE, note, page};
use super::filter::Filter;
use crate::cli::exit::Failed;
use crate::cli::globals::Globals;
use crate::cli::out::{Output, Rows};
use crate::cli::reach::{Here, Reach, reach};
use crate::cli::remote::Remote;
use crate::service::Intent;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    filter: Filter,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t = Output::Ndjson)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let mut rows = Rows::new(args.output, COLUMNS);
    match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| export_here(here, &args, &mut rows).await).await?,
        Reach::There(remote) => export_there(&remote, &args, &mut rows).await?,
    }
    rows.finish()
}

async fn export_here(here: &Here, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    let format = match args.output {
        Output::Csv => "text/csv",
        Output::Json => "application/json",
        Output::Ndjson | Output::Table => "application/x-ndjson",
    };
    note(here, Intent::ExportActivity { format: format.to_owned(), query: args.filter.recorded() }).await?;
    let mut after = None;
    loop {
        let (entries, next) = page(here, &args.filter, Order::Ascending, after, PAGE).await?;
        rows.write(&entries)?;
        if next.is_none() {
            return Ok(());
        }
        after = next;
    }
}

/// Without a limit the server gives everything in one answer.
async fn export_there(remote: &Remote, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    let mut query = args.filter.query();
    query.push(("order", "asc".to_owned()));
    let mut lines = Box::pin(remote.lines("/v1/activity", &query).await?);
    while let Some(entries) = lines.next().await {
        rows.write(&entries?)?;
    }
    Ok(())
}
