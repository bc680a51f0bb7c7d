//! `POST /v1/administrators`: register an administrator.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use mfa_ledger_api::administrators::{AdministratorCreated, NewAdministrator};
use mfa_ledger_api::text::Email;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::{Personal, command};

use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt;

use crate::shown::Shown;
use crate::signed::Signed;

/// The command that a body stands for.
pub fn into_command(given: NewAdministrator) -> command::RegisterAdministrator {
    command::RegisterAdministrator {
        user_name: given.user_name.into_inner(),
        role: given.role,
        super_administrator: given.super_administrator,
        personal: Personal {
            display_name: given.display_name.into_inner(),
            emails: given.emails.0.into_iter().map(Email::into_inner).collect(),
        },
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
    let mut headers = receipt::headers(&done.receipt);
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/administrators/{}", event.administrator)) {
        headers.insert(header::LOCATION, location);
    }
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
