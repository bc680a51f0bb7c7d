//! `POST /v1/service-accounts`: a token for a program.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::service_accounts::{Created, NewServiceAccount};
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::command;

use crate::{App, Body, Meta, Problem, Shown, Signed, receipt};

/// Create a service account.
///
/// Nobody hands out a scope whose permission they do not hold themselves.
#[utoipa::path(
    post, path = "/v1/service-accounts", tag = "service accounts",
    request_body = NewServiceAccount,
    responses((status = 201, description = "Created, with its token", body = Created)),
)]
pub(crate) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<NewServiceAccount>,
) -> Result<(StatusCode, HeaderMap, Shown<Created>), Problem> {
    let NewServiceAccount { name, scopes, expires } = value;
    if scopes.is_empty() {
        return Err(Problem::new("invalid-request").fault("#/scopes", "at least one scope"));
    }
    if expires.is_some_and(|expires| expires <= app.service.now()) {
        return Err(Problem::new("invalid-request").fault("#/expires", "a moment that is still to come"));
    }
    let scopes = scopes.into_iter().collect();
    let command = command::CreateServiceAccount { name: name.into_inner(), scopes, expires };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let token = done.shown.token.clone().map(JsonSecret);
    let body = Created {
        service_account: event.service_account,
        name: event.name.clone(),
        scopes: event.scopes.clone(),
        expires: event.expires,
        token_shown: token.is_some(),
        token,
        receipt: receipt::of(&done.receipt),
    };
    Ok((StatusCode::CREATED, receipt::headers(&done.receipt), Shown(body)))
}
