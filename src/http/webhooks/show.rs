//! `GET /v1/webhooks/{id}`: one endpoint.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use mfa_ledger_api::webhooks::WebhookBody;
use mfa_ledger_schemas::WebhookId;

use super::{webhook, webhook_body};
use crate::receipt::etag;
use crate::{App, PathId, Problem, Signed};

/// One endpoint.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The endpoint")),
    responses((status = 200, description = "The endpoint; its version is the `ETag`", body = WebhookBody)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<WebhookId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<WebhookBody>), Problem> {
    let (webhook, now) = webhook(&app, &caller, id)?;
    Ok(([etag(webhook.version)], Json(webhook_body(&app, &webhook, now))))
}
