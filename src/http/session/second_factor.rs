//! `POST /v1/session/second-factor`: finish a log-in, or prove presence again.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::session::{SecondFactor, Verified};
use mfa_ledger_ledger::service::command::TypedFactor;
use mfa_ledger_ledger::service::{BACKUP_CODES_LOW, command};
use mfa_ledger_schemas::SessionStage;

use crate::{App, Body, Meta, Problem, Signed, receipt};

pub(super) fn into_factor(given: SecondFactor) -> Result<TypedFactor, Problem> {
    match (given.code, given.backup_code) {
        (Some(code), None) => Ok(TypedFactor::Code(code.0)),
        (None, Some(code)) => Ok(TypedFactor::BackupCode(code.0)),
        _ => Err(Problem::new("invalid-request").fault("#", "either code or backup_code")),
    }
}

/// Show a second factor: to finish a log-in, or, in a finished session, to step up.
#[utoipa::path(
    post, path = "/v1/session/second-factor", tag = "session",
    request_body = SecondFactor,
    responses((status = 200, description = "Accepted, once and for ever", body = Verified)),
)]
pub(crate) async fn verify(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<SecondFactor>,
) -> Result<(HeaderMap, Json<Verified>), Problem> {
    app.limiter.check(meta.address)?;
    let command = command::VerifySecondFactor { factor: into_factor(value)? };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let (expires, backup_codes_left) = match &done.event {
        command::Verified::Totp(event) => (event.expires, None),
        command::Verified::BackupCode(event) => (event.expires, Some(event.left)),
    };
    let body = Verified {
        next: SessionStage::Done,
        expires,
        backup_codes_left,
        backup_codes_low: backup_codes_left.is_some_and(|left| left <= BACKUP_CODES_LOW),
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
