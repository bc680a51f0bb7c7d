//! `POST /v1/webhooks/{id}/test`: see whether something arrives.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::WebhookId;

use crate::{App, Meta, PathId, Problem, Signed, receipt};

/// Have the record of this very request delivered, whatever the endpoint asked for.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/test", tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The endpoint")),
    responses((status = 202, description = "It goes out at once; see the deliveries of the endpoint", body = Receipt)),
)]
pub(crate) async fn test(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(webhook): PathId<WebhookId>,
    meta: Meta,
) -> Result<(StatusCode, HeaderMap, Json<Receipt>), Problem> {
    let done = meta.execute(&app, caller, &[], command::TestWebhook { webhook }).await?;
    Ok((StatusCode::ACCEPTED, receipt::headers(&done.receipt), Json(receipt::of(&done.receipt))))
}
