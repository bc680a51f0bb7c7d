//! `POST /v1/me/mfa/enrollment/confirm`: confirm an enrollment with a first code.

use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::me::{Code, OwnMfaEnabled};
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::{MfaStatus, SessionStage};

use crate::me::mfa::backup_codes;
use crate::{App, Body, Meta, Problem, Shown, Signed, receipt};

/// Confirm an enrollment with a first code, which counts as used: MFA is on.
#[utoipa::path(
    post, path = "/v1/me/mfa/enrollment/confirm", tag = "me", request_body = Code,
    responses((status = 200, description = "Enabled; the backup codes are shown this once", body = OwnMfaEnabled)),
)]
pub(crate) async fn confirm(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<Code>,
) -> Result<(HeaderMap, Shown<OwnMfaEnabled>), Problem> {
    app.limiter.check(meta.address)?;
    let command = command::ConfirmMfaEnrollment { code: value.code.0 };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let body = OwnMfaEnabled {
        status: MfaStatus::Enabled,
        codes: backup_codes(&done.shown),
        next: SessionStage::Done,
        session_expires: event.expires,
        sessions_ended: event.sessions_ended,
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Shown(body)))
}
