//! `mfa-ledger activity export`

use futures_util::StreamExt;
use mfa_ledger_projections::Order;
use mfa_ledger_schemas::Position;
use mfa_ledger_schemas::ocsf;
use serde_json::Value;

use super::entry::{PAGE, note, page};
use super::filter::Filter;
use super::form::{Form, Sheet};
use crate::cli::reach::reach;
use crate::cli::{Failed, Globals, Here, Reach, Remote};
use crate::service::{EXPORT, command};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    filter: Filter,
    /// Form of what is printed
    #[arg(long, visible_alias = "format", value_enum, default_value_t)]
    output: Form,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    // First of all: what cannot be printed is not recorded as exported.
    let mut sheet = Sheet::begin(args.output)?;
    match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| export_here(here, &args, &mut sheet).await).await?,
        Reach::There(remote) => export_there(&remote, &args, &mut sheet).await?,
    }
    sheet.finish()
}

async fn export_here(here: &Here, args: &Args, sheet: &mut Sheet) -> Result<(), Failed> {
    let format = args.output.media_type().to_owned();
    note(here, command::ExportActivity { format, query: args.filter.recorded() }).await?;
    let mut after = None;
    loop {
        let (rows, next) = match args.output {
            Form::Ocsf => events(here, &args.filter, after).await?,
            _ => page(here, &args.filter, Order::Ascending, after, PAGE).await?,
        };
        sheet.write(&rows)?;
        if next.is_none() {
            return Ok(());
        }
        after = next;
    }
}

/// The entries behind a cursor as events of OCSF, and whether more follow.
async fn events(
    here: &Here,
    filter: &Filter,
    after: Option<Position>,
) -> Result<(Vec<Value>, Option<Position>), Failed> {
    let (caller, filter) = (here.call().caller, filter.projected());
    let found = here.service().search((&caller, EXPORT), &filter, Order::Ascending, after, PAGE).await?;
    let leaves = here.service().leaves_at(&found.positions).await?;
    let event = |leaf: &crate::service::Leaf| {
        ocsf::recorded(leaf.position, &leaf.text, leaf.void).map_err(|error| {
            Failed::new(format!("the public half of position {} is none", leaf.position)).because(&error)
        })
    };
    Ok((leaves.iter().map(event).collect::<Result<_, _>>()?, found.next()))
}

/// Without a limit the server gives everything in one answer.
async fn export_there(remote: &Remote, args: &Args, sheet: &mut Sheet) -> Result<(), Failed> {
    let mut query = args.filter.query();
    query.push(("order", "asc".to_owned()));
    let mut lines = Box::pin(remote.lines(args.output.asked(), "/v1/activity", &query).await?);
    while let Some(rows) = lines.next().await {
        sheet.write(&rows?)?;
    }
    Ok(())
}
