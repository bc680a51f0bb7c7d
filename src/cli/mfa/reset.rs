//! `mfa-ledger mfa reset`

use std::io::{BufRead, IsTerminal, Write};

use mfa_ledger_api::nulls::without_nulls;
use mfa_ledger_schemas::{Instant, ResetReason, ResetRequestId, VerificationMethod};
use serde_json::{Value, json};

use crate::cli::exit::{Exit, Failed};
use crate::cli::globals::{Globals, clock};
use crate::cli::out::{self, Column, Single};
use crate::cli::reach::{Here, Reach, reach};
use crate::cli::{fields, remote::Remote};
use crate::service::Words;
use crate::service::command::{self, Documented};

const COLUMNS: &[Column] = &[
    ("Position", "position"),
    ("Time", "at"),
    ("Action", "action"),
    ("User name", "user_name"),
    ("Break glass", "break_glass"),
];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// User name of the administrator whose MFA is reset
    #[arg(long, value_name = "NAME", value_parser = fields::user_name)]
    user_name: String,
    /// Why
    #[arg(long, value_parser = fields::one_of!(ResetReason))]
    reason: Option<ResetReason>,
    /// The reason in words; needed when the reason is `other`
    #[arg(long, value_name = "TEXT", value_parser = fields::free_text)]
    reason_text: Option<String>,
    /// How identity was verified; the last four are not acceptable, and are refused and recorded
    #[arg(long, value_name = "METHOD", value_parser = fields::one_of!(VerificationMethod))]
    verification: Option<VerificationMethod>,
    /// Who asked for the reset
    #[arg(long, value_name = "NAME", value_parser = fields::name)]
    requester_name: Option<String>,
    /// Where they can be reached
    #[arg(long, value_name = "CONTACT", value_parser = fields::name)]
    requester_contact: Option<String>,
    /// When they asked [default: now]
    #[arg(long, value_name = "TIME", value_parser = fields::moment)]
    requested_at: Option<Instant>,
    /// The ticket
    #[arg(long, value_name = "REFERENCE", value_parser = fields::ticket)]
    ticket: Option<String>,
    /// The approved reset request that this carries out
    #[arg(long, value_name = "ID")]
    reset_request: Option<ResetRequestId>,
    /// The user name once more; asked for when it is not given
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, mut args: Args) -> Result<(), Failed> {
    // Asked before the data directory is taken: a person may need longer than a server should wait.
    if args.confirm.is_none() {
        args.confirm = Some(ask_for_confirmation(&args.user_name)?);
    }
    args.requested_at.get_or_insert_with(|| Instant::from_unix_ms(clock().unix_ms()));
    let shown = match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| reset_here(here, &args).await).await?,
        Reach::There(remote) => reset_there(&remote, &args).await?,
    };
    out::single(args.output, COLUMNS, &shown)
}

async fn reset_here(here: &Here, args: &Args) -> Result<Value, Failed> {
    let target = here.administrator(&args.user_name)?;
    let documented = Documented {
        reason: args.reason,
        verification: args.verification,
        requested_at: args.requested_at,
        ticket: args.ticket.clone(),
        words: Words {
            requester_name: args.requester_name.clone(),
            requester_contact: args.requester_contact.clone(),
            text: args.reason_text.clone(),
        },
        reset_request: args.reset_request,
    };
    let confirmation = args.confirm.clone();
    let done = here.execute(command::ResetMfa { administrator: target.id, documented, confirmation }).await?;
    Ok(json!({
        "position": done.receipt.position,
        "at": done.receipt.at,
        "action": done.receipt.action,
        "administrator": target.id,
        "user_name": target.user_name,
        "break_glass": done.event.break_glass,
    }))
}

async fn reset_there(remote: &Remote, args: &Args) -> Result<Value, Failed> {
    let id = remote.administrator_id(&args.user_name).await?;
    let body = json!({
        "reason": args.reason,
        "reason_text": args.reason_text,
        "verification": args.verification,
        "requester_name": args.requester_name,
        "requester_contact": args.requester_contact,
        "requested_at": args.requested_at,
        "ticket": args.ticket,
        "reset_request": args.reset_request,
        "confirmation": args.confirm,
    });
    let mut answer = remote.post(&format!("/v1/administrators/{id}/mfa/reset"), &without_nulls(body)).await?;
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("administrator".to_owned(), id.into());
        answer.insert("user_name".to_owned(), args.user_name.clone().into());
        answer.insert("break_glass".to_owned(), false.into());
    }
    Ok(answer)
}

/// A slip of the hand must not reset somebody: the name is typed, not nodded at.
fn ask_for_confirmation(user_name: &str) -> Result<String, Failed> {
    if !std::io::stdin().is_terminal() {
        return Err(Failed::with(
            Exit::Usage,
            format!("--confirm {user_name} is needed where nobody can be asked"),
        ));
    }
    eprint!("This ends the MFA and all sessions of {user_name}. Type the user name to go on: ");
    let mut typed = String::new();
    std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().lock().read_line(&mut typed))
        .map_err(|error| Failed::new("nothing could be read").because(&error))?;
    Ok(typed.trim().to_owned())
}
