//! `mfa-ledger administrator reset-password`

use mfa_ledger_api::text::UserName;
use serde_json::{Value, json};

use crate::cli::out::{self};
use crate::cli::reach::reach;
use crate::cli::{Column, Failed, Globals, Here, Reach, Single};
use crate::service::{SecretText, command};

const COLUMNS: &[Column] = &[("User name", "user_name"), ("Password", "password")];

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
    let user_name = args.user_name.as_str();
    let shown = match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| reset_here(here, user_name).await).await?,
        Reach::There(remote) => {
            let id = remote.administrator_id(user_name).await?;
            let path = format!("/v1/administrators/{id}/password-reset");
            let mut answer = remote.post(&path, &json!({})).await?;
            if let Some(answer) = answer.as_object_mut() {
                answer.insert("user_name".to_owned(), user_name.into());
            }
            answer
        }
    };
    out::single(args.output, COLUMNS, &shown)
}

async fn reset_here(here: &Here, user_name: &str) -> Result<Value, Failed> {
    let target = here.administrator(user_name)?;
    let done = here.execute(command::ResetPassword { administrator: target.id }).await?;
    let password = done.shown.secret().map(SecretText::expose);
    Ok(json!({ "user_name": target.user_name, "password": password, "position": done.receipt.position }))
}
