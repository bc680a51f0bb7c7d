//! `mfa-ledger administrator create`

use mfa_ledger_api::administrators::NewAdministrator;
use mfa_ledger_api::text::{Email, Name, UserName};
use mfa_ledger_schemas::RoleId;
use serde_json::{Value, json};

use crate::cli::out::{self};
use crate::cli::reach::reach;
use crate::cli::{Column, Failed, Globals, Here, Reach, Single, fields};
use crate::http::commands;
use crate::service::SecretText;

const COLUMNS: &[Column] = &[("User name", "user_name"), ("Password", "password"), ("Id", "administrator")];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// User name
    #[arg(long, value_name = "NAME")]
    user_name: UserName,
    /// Display name [default: the user name]
    #[arg(long, value_name = "NAME")]
    display_name: Option<Name>,
    /// E-mail address; may be given several times
    #[arg(long, required = true, value_name = "ADDRESS")]
    email: Vec<Email>,
    /// Id of the role
    #[arg(long, value_name = "ID", default_value = "general-staff")]
    role: RoleId,
    /// Make them a super administrator
    #[arg(long)]
    super_administrator: bool,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let new = NewAdministrator {
        display_name: args.display_name.unwrap_or_else(|| args.user_name.clone().into()),
        user_name: args.user_name,
        emails: fields::emails(args.email)?,
        role: args.role,
        super_administrator: args.super_administrator,
    };
    let shown = match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| create_here(here, new).await).await?,
        Reach::There(remote) => remote.post("/v1/administrators", &new).await?,
    };
    out::single(args.output, COLUMNS, &shown)
}

async fn create_here(here: &Here, new: NewAdministrator) -> Result<Value, Failed> {
    let done = here.execute(commands::register(new)).await?;
    let password = done.shown.secret().map(SecretText::expose);
    Ok(json!({
        "administrator": done.event.administrator,
        "user_name": done.event.user_name,
        "role": done.event.role,
        "super_administrator": done.event.super_administrator,
        "password": password,
        "position": done.receipt.position,
        "at": done.receipt.at,
        "action": done.receipt.action,
    }))
}
