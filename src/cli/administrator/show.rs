//! `mfa-ledger administrator show`

use mfa_ledger_api::text::UserName;
use serde_json::Value;

use super::shown::{security, shown};
use crate::cli::out::{self};
use crate::cli::reach::reach;
use crate::cli::{Column, Failed, Globals, Reach, Single};

const COLUMNS: &[Column] = &[
    ("User name", "user_name"),
    ("Id", "id"),
    ("Display name", "display_name"),
    ("E-mail", "emails"),
    ("Role", "role.id"),
    ("Super administrator", "super_administrator"),
    ("Active", "active"),
    ("MFA", "mfa.status"),
    ("MFA required", "mfa.required"),
    ("Enrolled at", "security.enrolled_at"),
    ("Backup codes left", "security.backup_codes_left"),
    ("Last reset", "security.last_reset.at"),
    ("Last log-in", "last_log_in"),
];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// User name
    #[arg(value_name = "USER_NAME")]
    user_name: UserName,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let (mut account, section) = match reach(globals).await? {
        Reach::Here(here) => {
            here.work(async |here| {
                let it = here.administrator(args.user_name.as_str())?;
                Ok((shown(here, &it), security(here, &it)))
            })
            .await?
        }
        Reach::There(remote) => {
            let id = remote.administrator_id(args.user_name.as_str()).await?;
            let account = remote.get(&format!("/v1/administrators/{id}"), &[]).await?;
            // Not there for those who may not see it: the rest is shown all the same.
            let section = match remote.get(&format!("/v1/administrators/{id}/security"), &[]).await {
                Err(failed) if failed.is_not_found() => Value::Null,
                section => section?,
            };
            (account, section)
        }
    };
    if let Some(fields) = account.as_object_mut() {
        fields.insert("security".to_owned(), section);
    }
    out::single(args.output, COLUMNS, &account)
}
