//! `POST /v1/webhooks/{id}/deliveries/{delivery}/resend`: deliver a record again.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::{Position, WebhookId};

use crate::path::PathIds;
use crate::{App, Meta, Problem, Signed, receipt};

/// Deliver a record to an endpoint again, or for the first time, under the same `webhook-id` as ever.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/deliveries/{delivery}/resend", tag = "webhooks",
    params(
        ("id" = WebhookId, Path, description = "The endpoint"),
        ("delivery" = u64, Path, minimum = 1, description = "The position of the record"),
    ),
    responses((status = 202, description = "It goes out at once; see the deliveries of the endpoint", body = Receipt)),
)]
pub(crate) async fn resend(
    State(app): State<App>,
    Signed(caller): Signed,
    PathIds(webhook, position): PathIds<WebhookId, Position>,
    meta: Meta,
) -> Result<(StatusCode, HeaderMap, Json<Receipt>), Problem> {
    let done = meta.execute(&app, caller, &[], command::ResendDelivery { webhook, position }).await?;
    Ok((StatusCode::ACCEPTED, receipt::headers(&done.receipt), Json(receipt::of(&done.receipt))))
}
