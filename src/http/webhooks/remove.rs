//! `DELETE /v1/webhooks/{id}`: nothing is delivered there any more.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_schemas::WebhookId;

use crate::http::App;
use crate::http::meta::Meta;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::receipt::Receipt;
use crate::http::signed::Signed;
use crate::service::Intent;

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
    let done = meta.execute(&app, caller, &[], Intent::RemoveWebhook { webhook }).await?;
    Ok((Receipt::headers(&done), Json(Receipt::of(&done))))
}
