//! `PUT /v1/me/password`: choose one's own password.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::me::{PasswordChange, PasswordChanged};
use mfa_ledger_ledger::service::command;

use crate::{App, Body, Meta, Problem, Signed, receipt};

/// Choose one's own password; every other session ends.
#[utoipa::path(
    put, path = "/v1/me/password", tag = "me", request_body = PasswordChange,
    responses((status = 200, description = "Changed", body = PasswordChanged)),
)]
pub(crate) async fn change(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<PasswordChange>,
) -> Result<(HeaderMap, Json<PasswordChanged>), Problem> {
    app.limiter.check(meta.address)?;
    let command = command::SetPassword { current: value.current_password.0, new: value.new_password.0 };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let body = PasswordChanged { sessions_ended: event.sessions_ended, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
