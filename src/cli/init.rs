//! `mfa-ledger init`

use mfa_ledger_api::text::{Email, Name, UserName};
use serde_json::json;

use super::exit::Failed;
use super::globals::{Globals, chance, clock};
use super::out::{self, Single};
use super::{fields, operator, telemetry};
use crate::data_dir::{self, FirstAdministrator};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// User name of the first super administrator
    #[arg(long, value_name = "NAME")]
    user_name: UserName,
    /// Their display name [default: the user name]
    #[arg(long, value_name = "NAME")]
    display_name: Option<Name>,
    /// Their e-mail address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<Email>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let loaded = globals.load(None)?;
    telemetry::begin(&loaded, "info")?;
    let emails = fields::emails(args.email)?;
    let first = FirstAdministrator {
        display_name: args.display_name.unwrap_or_else(|| args.user_name.clone().into()).into_inner(),
        user_name: args.user_name.into_inner(),
        emails: emails.distinct(),
        operator: operator::name(),
    };
    let begun = data_dir::init(&loaded.config, first, clock(), chance()).await?;
    // Shown once: this is the answer, and the log does not hold it.
    let shown = json!({ "user_name": begun.user_name, "password": begun.password.expose() });
    out::single(args.output, &[("User name", "user_name"), ("Password", "password")], &shown)
}
