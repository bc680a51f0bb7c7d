//! `POST /v1/administrators`: register an administrator.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::administrators::{AdministratorCreated, NewAdministrator};
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::Personal;

use crate::{App, Body, Meta, Problem, Shown, Signed, receipt};

/// The command that a body stands for.
pub fn into_command(given: NewAdministrator) -> command::RegisterAdministrator {
    command::RegisterAdministrator {
        user_name: given.user_name.into_inner(),
        role: given.role,
        super_administrator: given.super_administrator,
        personal: Personal::new(given.display_name.into_inner(), given.emails.distinct()),
    }
}

/// Register an administrator with a generated password.
#[utoipa::path(
    post, path = "/v1/administrators", tag = "administrators", request_body = NewAdministrator,
    responses((status = 201, description = "Registered; the password is shown this once", body = AdministratorCreated)),
)]
pub(crate) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<NewAdministrator>,
) -> Result<(StatusCode, HeaderMap, Shown<AdministratorCreated>), Problem> {
    let done = meta.execute(&app, caller, &bytes, into_command(value)).await?;
    let event = &done.event;
    let headers = receipt::created(&done.receipt, &format!("/v1/administrators/{}", event.administrator));
    let body = AdministratorCreated {
        administrator: event.administrator,
        user_name: event.user_name.clone(),
        role: event.role.clone(),
        super_administrator: event.super_administrator,
        password_shown: done.shown.secret().is_some(),
        password: done.shown.secret().cloned().map(JsonSecret),
        password_expires: event.password_expires,
        receipt: receipt::of(&done.receipt),
    };
    Ok((StatusCode::CREATED, headers, Shown(body)))
}
