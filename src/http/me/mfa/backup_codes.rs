//! `POST /v1/me/mfa/backup-codes`: new backup codes.

use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::me::{Code, NewBackupCodes};
use mfa_ledger_ledger::service::command::{self, TypedFactor};

use super::backup_codes;
use crate::{App, Body, Meta, Problem, Shown, Signed, receipt};

/// Make new backup codes, with a code of the authenticator app.
#[utoipa::path(
    post, path = "/v1/me/mfa/backup-codes", tag = "me", request_body = Code,
    responses((status = 200, description = "New codes, shown this once", body = NewBackupCodes)),
)]
pub(crate) async fn regenerate(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<Code>,
) -> Result<(HeaderMap, Shown<NewBackupCodes>), Problem> {
    app.limiter.check(meta.address)?;
    let command = command::RegenerateBackupCodes { factor: TypedFactor::Code(value.code.0) };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let replaced = event.replaced_left;
    let body =
        NewBackupCodes { codes: backup_codes(&done.shown), replaced, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Shown(body)))
}
