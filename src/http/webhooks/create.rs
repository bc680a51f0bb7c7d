//! `POST /v1/webhooks`: have events delivered to an endpoint.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::webhooks::{DEFAULT, NewWebhook, WebhookCreated};
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::{WebhookForm, WebhookSigning};

use super::check_url;
use crate::{App, Body, Meta, Problem, Shown, Signed, receipt};

/// Have events delivered to an endpoint, signed after Standard Webhooks 1.0.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "webhooks", request_body = NewWebhook,
    responses((status = 201, description = "Created; its key is shown this once", body = WebhookCreated)),
)]
pub(crate) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<NewWebhook>,
) -> Result<(StatusCode, HeaderMap, Shown<WebhookCreated>), Problem> {
    let NewWebhook { url, actions, form, signing, description } = value;
    let url = url.into_inner();
    check_url(&app, &url)?;
    let actions = actions.map_or_else(
        || DEFAULT.iter().map(|action| (*action).to_owned()).collect(),
        |actions| actions.0.into_iter().map(|actions| actions.0).collect(),
    );
    let command = command::CreateWebhook {
        url,
        actions,
        form: form.unwrap_or(WebhookForm::CloudEvents),
        signing: signing.unwrap_or(WebhookSigning::Hmac),
        description: description.into_inner(),
    };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let headers = receipt::created(&done.receipt, &format!("/v1/webhooks/{}", event.webhook));
    let body = WebhookCreated {
        webhook: event.webhook,
        url: event.url.clone(),
        actions: event.actions.clone(),
        form: event.form,
        signing: event.signing,
        key: done.shown.secret().cloned().map(JsonSecret),
        key_shown: done.shown.secret().is_some(),
        receipt: receipt::of(&done.receipt),
    };
    Ok((StatusCode::CREATED, headers, Shown(body)))
}
