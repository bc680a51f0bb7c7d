//! `DELETE /v1/webhooks/{id}`: nothing is delivered there any more.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::WebhookId;

use crate::{App, Meta, PathId, Problem, Signed, receipt};

/// Remove an endpoint: nothing is delivered there any more, and its secrets are destroyed.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The endpoint")),
    responses((status = 200, description = "Removed", body = Receipt)),
)]
pub(crate) async fn remove(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(webhook): PathId<WebhookId>,
    meta: Meta,
) -> Result<(HeaderMap, Json<Receipt>), Problem> {
    let done = meta.execute(&app, caller, &[], command::RemoveWebhook { webhook }).await?;
    Ok((receipt::headers(&done.receipt), Json(receipt::of(&done.receipt))))
}
