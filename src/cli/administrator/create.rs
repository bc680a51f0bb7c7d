//! `mfa-ledger administrator create`

use mfa_ledger_schemas::RoleId;
use serde_json::{Value, json};

use crate::cli::exit::Failed;
use crate::cli::fields;
use crate::cli::globals::Globals;
use crate::cli::out::{self, Column, Single};
use crate::cli::reach::{Here, Reach, reach};
use crate::service::{Personal, SecretText, command};

const COLUMNS: &[Column] = &[("User name", "user_name"), ("Password", "password"), ("Id", "administrator")];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// User name
    #[arg(long, value_name = "NAME", value_parser = fields::user_name)]
    user_name: String,
    /// Display name [default: the user name]
    #[arg(long, value_name = "NAME", value_parser = fields::name)]
    display_name: Option<String>,
    /// E-mail address; may be given several times
    #[arg(long, required = true, value_name = "ADDRESS", value_parser = fields::email)]
    email: Vec<String>,
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
    fields::emails(&args.email)?;
    let display_name = args.display_name.clone().unwrap_or_else(|| args.user_name.clone());
    let shown = match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| create_here(here, &args, display_name).await).await?,
        Reach::There(remote) => {
            let body = json!({
                "user_name": args.user_name,
                "display_name": display_name,
                "emails": args.email,
                "role": args.role,
                "super_administrator": args.super_administrator,
            });
            remote.post("/v1/administrators", &body).await?
        }
    };
    out::single(args.output, COLUMNS, &shown)
}

async fn create_here(here: &Here, args: &Args, display_name: String) -> Result<Value, Failed> {
    let done = here
        .execute(command::RegisterAdministrator {
            user_name: args.user_name.clone(),
            role: args.role.clone(),
            super_administrator: args.super_administrator,
            personal: Personal { display_name, emails: args.email.clone() },
        })
        .await?;
    let password = done.shown.secret().map(SecretText::expose);
    Ok(json!({
        "administrator": done.event.administrator,
        "user_name": done.event.user_name,
        "role": args.role,
        "super_administrator": args.super_administrator,
        "password": password,
        "position": done.receipt.position,
        "at": done.receipt.at,
        "action": done.receipt.action,
    }))
}
