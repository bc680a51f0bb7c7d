//! `mfa-ledger administrator list`

use mfa_ledger_schemas::{MfaStatus, RoleId};
use serde_json::Value;

use super::shown::{COLUMNS, shown};
use crate::cli::reach::reach;
use crate::cli::{Failed, Globals, Here, Output, Reach, Remote, Rows, fields};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only where MFA stands so
    #[arg(long, value_name = "STATUS", value_parser = fields::one_of!(MfaStatus))]
    mfa: Option<MfaStatus>,
    /// Only with this role
    #[arg(long, value_name = "ID")]
    role: Option<RoleId>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let mut rows = Rows::new(args.output, COLUMNS);
    match reach(globals).await? {
        Reach::Here(here) => rows.write(&here.work(async |here| Ok(list_here(here, &args))).await?)?,
        Reach::There(remote) => list_there(&remote, &args, &mut rows).await?,
    }
    rows.finish()
}

fn list_here(here: &Here, args: &Args) -> Vec<Value> {
    let now = here.service().now();
    let mut wanted: Vec<_> = here.service().peek(|state| {
        let all = state.directory.administrators();
        let fits = all.filter(|it| {
            args.mfa.is_none_or(|status| it.mfa.status(now) == status)
                && args.role.as_ref().is_none_or(|role| it.role == *role)
        });
        fits.cloned().collect()
    });
    wanted.sort_by_key(|it| it.user_name.to_lowercase());
    wanted.iter().map(|it| shown(here, it)).collect()
}

async fn list_there(remote: &Remote, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    let mut query = vec![("limit", "1000".to_owned())];
    query.extend(args.mfa.map(|mfa| ("mfa", mfa.to_string())));
    query.extend(args.role.as_ref().map(|role| ("role", role.to_string())));
    let asked = query.len();
    loop {
        let page = remote.get("/v1/administrators", &query).await?;
        rows.write(page["data"].as_array().map_or(&[], Vec::as_slice))?;
        let Some(next) = page["next"].as_str() else { return Ok(()) };
        query.truncate(asked);
        query.push(("after", next.to_owned()));
    }
}
