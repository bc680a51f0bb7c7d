//! `mfa-ledger init`

use serde_json::json;

use super::exit::Failed;
use super::globals::{Globals, chance, clock};
use super::out::{self, Single};
use super::{fields, operator, telemetry};
use crate::data_dir::{self, FirstAdministrator};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// User name of the first super administrator
    #[arg(long, value_name = "NAME", value_parser = fields::user_name)]
    user_name: String,
    /// Their display name [default: the user name]
    #[arg(long, value_name = "NAME", value_parser = fields::name)]
    display_name: Option<String>,
    /// Their e-mail address; may be given several times
    #[arg(long, value_name = "ADDRESS", value_parser = fields::email)]
    email: Vec<String>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let loaded = globals.load(None)?;
    telemetry::begin(&loaded, "info")?;
    fields::emails(&args.email)?;
    let first = FirstAdministrator {
        display_name: args.display_name.unwrap_or_else(|| args.user_name.clone()),
        user_name: args.user_name,
        emails: args.email,
        operator: operator::name(),
    };
    let begun = data_dir::init(&loaded.config, first, clock(), chance()).await?;
    // Shown once: this is the answer, and the log does not hold it.
    let shown = json!({ "user_name": begun.user_name, "password": begun.password.expose() });
    out::single(args.output, &[("User name", "user_name"), ("Password", "password")], &shown)
}
