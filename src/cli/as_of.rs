//! `mfa-ledger as-of`

use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::text::UserName;
use serde_json::Value;

use super::activity::entry::note;
use super::administrator::shown::{COLUMNS, security_in, shown_in};
use super::exit::Failed;
use super::fields;
use super::globals::Globals;
use super::out::{Column, Output, Rows};
use super::reach::{Here, Reach, no_such, reach};
use super::remote::Remote;
use crate::service::{PAST, command};

const AFTER_HELP: &str = "\
Everything that is shown is folded from the log up to the moment. Names and e-mail addresses are shown as far as
they still exist: those that were replaced or erased since are gone.

Exit codes: 5 when the log had not begun then, or the administrator was not there yet; 1 when the moment has not come.";

/// Of one administrator.
const ONE: &[Column] = &[
    ("User name", "user_name"),
    ("Display name", "display_name"),
    ("Role", "role.id"),
    ("Super", "super_administrator"),
    ("Active", "active"),
    ("MFA", "mfa.status"),
    ("Required", "mfa.required"),
    ("Enrolled at", "security.enrolled_at"),
    ("Codes left", "security.backup_codes_left"),
    ("Last reset", "security.last_reset.at"),
    ("Id", "id"),
];

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// A position in the log in digits, an RFC 3339 time, or so long ago: 90m, 24h, 7d
    #[arg(value_name = "MOMENT", value_parser = fields::past_moment)]
    moment: Moment,
    /// Only this one, by the user name of that moment, and with more detail
    #[arg(long, value_name = "USER_NAME")]
    administrator: Option<UserName>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let columns = if args.administrator.is_some() { ONE } else { COLUMNS };
    let mut rows = Rows::new(args.output, columns);
    match reach(globals).await? {
        Reach::Here(here) => rows.write(&here.work(async |here| shown_here(here, &args).await).await?)?,
        Reach::There(remote) => match &args.administrator {
            Some(user_name) => rows.write(&[one_there(&remote, &args, user_name.as_str()).await?])?,
            None => list_there(&remote, &args, &mut rows).await?,
        },
    }
    rows.finish()
}

async fn shown_here(here: &Here, args: &Args) -> Result<Vec<Value>, Failed> {
    let about = args.administrator.as_ref().map(|name| format!("&administrator={name}")).unwrap_or_default();
    let query = format!("past=administrators&as_of={}{about}", args.moment);
    note(here, command::ReadActivity { query, right: PAST }).await?;
    let past = here.service().as_of_everyone(args.moment).await?;
    let directory = &past.state.directory;
    if let Some(user_name) = &args.administrator {
        let it = directory.by_user_name(user_name.as_str()).ok_or_else(|| no_such(user_name.as_str()))?;
        let mut account = shown_in(here, &past.state, it, past.at);
        add(&mut account, security_in(&past.state, it));
        return Ok(vec![account]);
    }
    Ok(directory.administrators().map(|it| shown_in(here, &past.state, it, past.at)).collect())
}

async fn list_there(remote: &Remote, args: &Args, rows: &mut Rows) -> Result<(), Failed> {
    let mut after = None;
    loop {
        let page = page(remote, args, after).await?;
        rows.write(page["data"].as_array().map_or(&[], Vec::as_slice))?;
        let Some(next) = page["next"].as_str() else { return Ok(()) };
        after = Some(next.to_owned());
    }
}

async fn one_there(remote: &Remote, args: &Args, user_name: &str) -> Result<Value, Failed> {
    let mut after = None;
    let mut account = loop {
        let page = page(remote, args, after).await?;
        let is_it =
            |it: &&Value| it["user_name"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(user_name));
        if let Some(found) = page["data"].as_array().into_iter().flatten().find(is_it) {
            break found.clone();
        }
        let Some(next) = page["next"].as_str() else { return Err(no_such(user_name)) };
        after = Some(next.to_owned());
    };
    let path = format!("/v1/administrators/{}/security", account["id"].as_str().unwrap_or_default());
    // Not there for those who may not see it: the rest is shown all the same.
    let section = match remote.get(&path, &[("as_of", args.moment.to_string())]).await {
        Err(failed) if failed.is_not_found() => Value::Null,
        section => section?,
    };
    add(&mut account, section);
    Ok(account)
}

async fn page(remote: &Remote, args: &Args, after: Option<String>) -> Result<Value, Failed> {
    let mut query = vec![("as_of", args.moment.to_string()), ("limit", "1000".to_owned())];
    query.extend(args.administrator.iter().map(|name| ("q", name.to_string())));
    query.extend(after.map(|after| ("after", after)));
    remote.get("/v1/administrators", &query).await
}

fn add(account: &mut Value, section: Value) {
    if let Some(fields) = account.as_object_mut() {
        fields.insert("security".to_owned(), section);
    }
}
