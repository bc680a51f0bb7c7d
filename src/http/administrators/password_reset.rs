//! `POST /v1/administrators/{id}/password-reset`: give somebody a generated password.

use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::PasswordReset;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use crate::{App, Meta, Nothing, OptionalBody, PathId, Problem, Shown, Signed, receipt};

/// Give somebody a generated password. MFA stays as it is; every session ends.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/password-reset", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "Reset; the password is shown this once", body = PasswordReset)),
)]
pub(crate) async fn reset_password(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(administrator): PathId<AdministratorId>,
    meta: Meta,
    OptionalBody { value: Nothing {}, bytes }: OptionalBody<Nothing>,
) -> Result<(HeaderMap, Shown<PasswordReset>), Problem> {
    let done = meta.execute(&app, caller, &bytes, command::ResetPassword { administrator }).await?;
    let event = &done.event;
    let body = PasswordReset {
        administrator,
        password: done.shown.secret().cloned().map(JsonSecret),
        password_shown: done.shown.secret().is_some(),
        password_expires: event.expires,
        sessions_ended: event.sessions_ended,
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Shown(body)))
}
