//! `mfa-ledger administrator show`

use super::shown::shown;
use crate::cli::exit::Failed;
use crate::cli::fields;
use crate::cli::globals::Globals;
use crate::cli::out::{self, Column, Single};
use crate::cli::reach::{Reach, reach};

const COLUMNS: &[Column] = &[
    ("User name", "user_name"),
    ("Id", "id"),
    ("Display name", "display_name"),
    ("E-mail", "emails"),
    ("Role", "role"),
    ("Super administrator", "super_administrator"),
    ("Active", "active"),
    ("MFA", "mfa.status"),
    ("MFA required", "mfa.required"),
    ("Enrolled at", "mfa.enrolled_at"),
    ("Backup codes left", "mfa.backup_codes_left"),
    ("Last reset", "mfa.last_reset"),
    ("Last log-in", "last_log_in"),
];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// User name
    #[arg(value_name = "USER_NAME", value_parser = fields::user_name)]
    user_name: String,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let value = match reach(globals).await? {
        Reach::Here(here) => {
            here.work(async |here| shown(here, &here.administrator(&args.user_name)?)).await?
        }
        Reach::There(remote) => {
            let id = remote.administrator_id(&args.user_name).await?;
            remote.get(&format!("/v1/administrators/{id}"), &[]).await?
        }
    };
    out::single(args.output, COLUMNS, &value)
}
