//! `POST /v1/administrators/{id}/password-reset`: give somebody a generated password.

use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::PasswordReset;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::{AdministratorId, Event};

use crate::App;
use crate::body::{Nothing, OptionalBody};
use crate::meta::Meta;
use crate::path::PathId;
use crate::problem::Problem;
use crate::receipt;

use crate::shown::Shown;
use crate::signed::Signed;

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
    let done = meta.execute(&app, caller, &bytes, Intent::ResetPassword { administrator }).await?;
    let Event::PasswordReset(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let body = PasswordReset {
        administrator,
        password: done.shown.password.clone().map(JsonSecret),
        password_shown: done.shown.password.is_some(),
        password_expires: event.expires,
        sessions_ended: event.sessions_ended,
        receipt: receipt::of(&done),
    };
    Ok((receipt::headers(&done), Shown(body)))
}
