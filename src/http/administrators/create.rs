//! `POST /v1/administrators`: register an administrator.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::limits::EMAILS;
use mfa_ledger_schemas::{AdministratorId, Event, Instant, RoleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::several::Several;
use crate::shown::Shown;
use crate::signed::Signed;
use crate::text::{Email, Name, UserName};

/// Who is to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAdministrator {
    user_name: UserName,
    display_name: Name,
    /// All of them get notices.
    #[schema(value_type = Vec<Email>, min_items = 1, max_items = 5)]
    emails: Several<Email, EMAILS>,
    role: RoleId,
    /// For super administrators to give.
    #[serde(default)]
    super_administrator: bool,
}

/// Who was registered.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdministratorCreated {
    administrator: AdministratorId,
    user_name: String,
    role: RoleId,
    super_administrator: bool,
    /// The generated password: shown once, never again.
    #[schema(value_type = Option<String>)]
    password: Option<JsonSecret>,
    /// Whether this answer shows the password; a repeated one does not.
    password_shown: bool,
    /// To be changed before this moment.
    password_expires: Instant,
    #[serde(flatten)]
    receipt: Receipt,
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
    let intent = Intent::RegisterAdministrator {
        user_name: value.user_name.into_inner(),
        role: value.role,
        super_administrator: value.super_administrator,
        display_name: value.display_name.into_inner(),
        emails: value.emails.0.into_iter().map(Email::into_inner).collect(),
    };
    let done = meta.execute(&app, caller, &bytes, intent).await?;
    let Event::AdministratorRegistered(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let mut headers = Receipt::headers(&done);
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/administrators/{}", event.administrator)) {
        headers.insert(header::LOCATION, location);
    }
    let body = AdministratorCreated {
        administrator: event.administrator,
        user_name: event.user_name.clone(),
        role: event.role.clone(),
        super_administrator: event.super_administrator,
        password_shown: done.shown.password.is_some(),
        password: done.shown.password.clone().map(JsonSecret),
        password_expires: event.password_expires,
        receipt: Receipt::of(&done),
    };
    Ok((StatusCode::CREATED, headers, Shown(body)))
}
