//! `POST /v1/webhooks/{id}/rotate-secret`: sign with a new secret.

use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::webhooks::Rotated;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::WebhookId;

use crate::{App, Meta, PathId, Problem, Shown, Signed, receipt};

/// Sign deliveries with a new secret; the one before signs beside it for 24 hours, and is then destroyed.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/rotate-secret", tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The endpoint")),
    responses((status = 200, description = "Rotated; the new key is shown this once", body = Rotated)),
)]
pub(crate) async fn rotate_secret(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(webhook): PathId<WebhookId>,
    meta: Meta,
) -> Result<(HeaderMap, Shown<Rotated>), Problem> {
    let done = meta.execute(&app, caller, &[], command::RotateWebhookSecret { webhook }).await?;
    let event = &done.event;
    let body = Rotated {
        webhook,
        key: done.shown.secret().cloned().map(JsonSecret),
        key_shown: done.shown.secret().is_some(),
        replaced_signs_until: event.signs_until,
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Shown(body)))
}
