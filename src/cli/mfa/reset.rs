//! `mfa-ledger mfa reset`

use std::io::{BufRead, IsTerminal, Write};

use mfa_ledger_api::administrators::ResetMfa;
use mfa_ledger_api::text::{Name, Text, Ticket, UserName};
use mfa_ledger_schemas::{Instant, ResetReason, ResetRequestId, VerificationMethod};
use serde_json::{Value, json};

use crate::cli::out::{self};
use crate::cli::reach::reach;
use crate::cli::{Column, Exit, Failed, Globals, Here, Reach, Single, clock};
use crate::cli::{fields, remote::Remote};
use crate::http::commands;

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
    #[arg(long, value_name = "NAME")]
    user_name: UserName,
    /// Why
    #[arg(long, value_parser = fields::one_of!(ResetReason))]
    reason: Option<ResetReason>,
    /// The reason in words; needed when the reason is `other`, or the requester's name is not the one on file: how the two are
    /// one
    #[arg(long, value_name = "TEXT")]
    reason_text: Option<Text>,
    /// How identity was verified; the last four are not acceptable, and are refused and recorded
    #[arg(long, value_name = "METHOD", value_parser = fields::one_of!(VerificationMethod))]
    verification: Option<VerificationMethod>,
    /// Who asked for the reset
    #[arg(long, value_name = "NAME")]
    requester_name: Option<Name>,
    /// Where they can be reached
    #[arg(long, value_name = "CONTACT")]
    requester_contact: Option<Name>,
    /// When they asked [default: now]
    #[arg(long, value_name = "TIME", value_parser = fields::moment)]
    requested_at: Option<Instant>,
    /// The ticket
    #[arg(long, value_name = "REFERENCE")]
    ticket: Option<Ticket>,
    /// The approved reset request that this carries out
    #[arg(long, value_name = "ID")]
    reset_request: Option<ResetRequestId>,
    /// The user name once more; asked for when it is not given
    #[arg(long, value_name = "NAME")]
    confirm: Option<Name>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let user_name = args.user_name.as_str();
    // Asked before the data directory is taken: a person may need longer than a server should wait.
    let confirmation = match args.confirm {
        Some(confirmation) => Some(confirmation),
        None => ask_for_confirmation(user_name)?,
    };
    let reset = ResetMfa {
        reason: args.reason,
        reason_text: args.reason_text,
        verification: args.verification,
        requester_name: args.requester_name,
        requester_contact: args.requester_contact,
        requested_at: Some(args.requested_at.unwrap_or_else(|| Instant::from_unix_ms(clock().unix_ms()))),
        ticket: args.ticket,
        confirmation,
        reset_request: args.reset_request,
    };
    let shown = match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| reset_here(here, user_name, reset).await).await?,
        Reach::There(remote) => reset_there(&remote, user_name, &reset).await?,
    };
    out::single(args.output, COLUMNS, &shown)
}

async fn reset_here(here: &Here, user_name: &str, reset: ResetMfa) -> Result<Value, Failed> {
    let target = here.administrator(user_name)?;
    let done = here.execute(commands::reset(reset, target.id)).await?;
    Ok(json!({
        "position": done.receipt.position,
        "at": done.receipt.at,
        "action": done.receipt.action,
        "administrator": target.id,
        "user_name": target.user_name,
        "break_glass": done.event.break_glass,
    }))
}

async fn reset_there(remote: &Remote, user_name: &str, reset: &ResetMfa) -> Result<Value, Failed> {
    let id = remote.administrator_id(user_name).await?;
    let mut answer = remote.post(&format!("/v1/administrators/{id}/mfa/reset"), reset).await?;
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("administrator".to_owned(), id.into());
        answer.insert("user_name".to_owned(), user_name.into());
        answer.insert("break_glass".to_owned(), false.into());
    }
    Ok(answer)
}

/// A slip of the hand must not reset somebody: the name is typed, not nodded at.
fn ask_for_confirmation(user_name: &str) -> Result<Option<Name>, Failed> {
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
    // What is no name is no confirmation: the rules refuse it, on record.
    Ok(typed.trim().parse().ok())
}
