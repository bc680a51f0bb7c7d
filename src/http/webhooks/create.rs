//! `POST /v1/webhooks`: have events delivered to an endpoint.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::limits::WEBHOOK_ACTIONS;
use mfa_ledger_schemas::{Event, WebhookForm, WebhookId, WebhookSigning};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions::{Actions, DEFAULT};
use super::check_url;
use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::several::Several;
use crate::shown::Shown;
use crate::signed::Signed;
use crate::text::{Name, WebhookUrl};

/// An endpoint, and what it is to be told of.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    url: WebhookUrl,
    /// Of which actions; of alerts and resets when absent.
    #[schema(value_type = Vec<Actions>, min_items = 1, max_items = 32, nullable = false)]
    actions: Option<Several<Actions, WEBHOOK_ACTIONS>>,
    /// In which form; `cloudevents` when absent.
    #[schema(nullable = false)]
    form: Option<WebhookForm>,
    /// How deliveries are signed; `hmac` when absent.
    #[schema(nullable = false)]
    signing: Option<WebhookSigning>,
    /// What it is for; in the log in clear.
    description: Name,
}

/// An endpoint, and what its deliveries are checked with.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookCreated {
    webhook: WebhookId,
    url: String,
    actions: Vec<String>,
    form: WebhookForm,
    signing: WebhookSigning,
    /// What the receiver checks deliveries with: `whsec_…` is a secret and shown once, `whpk_…` is a public key.
    #[schema(value_type = Option<String>)]
    key: Option<JsonSecret>,
    /// Whether this answer shows the key; a repeated one does not.
    key_shown: bool,
    #[serde(flatten)]
    receipt: Receipt,
}

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
    let intent = Intent::CreateWebhook {
        url,
        actions,
        form: form.unwrap_or(WebhookForm::CloudEvents),
        signing: signing.unwrap_or(WebhookSigning::Hmac),
        description: description.into_inner(),
    };
    let done = meta.execute(&app, caller, &bytes, intent).await?;
    let Event::WebhookCreated(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let mut headers = Receipt::headers(&done);
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/webhooks/{}", event.webhook)) {
        headers.insert(header::LOCATION, location);
    }
    let body = WebhookCreated {
        webhook: event.webhook,
        url: event.url.clone(),
        actions: event.actions.clone(),
        form: event.form,
        signing: event.signing,
        key: done.shown.webhook_key.clone().map(JsonSecret),
        key_shown: done.shown.webhook_key.is_some(),
        receipt: Receipt::of(&done),
    };
    Ok((StatusCode::CREATED, headers, Shown(body)))
}
