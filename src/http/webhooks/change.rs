//! `PATCH /v1/webhooks/{id}`: change an endpoint, switch it off or on again.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_api::text::{Name, WebhookUrl};
use mfa_ledger_api::webhooks::WebhookChange;
use mfa_ledger_ledger::service::command::ChangeWebhook;
use mfa_ledger_schemas::WebhookId;

use super::check_url;
use crate::receipt::{self, etag};
use crate::{App, Body, Meta, PathId, Problem, Signed};

/// Change an endpoint; switch it off, or on again.
#[utoipa::path(
    patch, path = "/v1/webhooks/{id}", tag = "webhooks", request_body = WebhookChange,
    params(
        ("id" = WebhookId, Path, description = "The endpoint"),
        (
            "if-match" = Option<String>, Header, nullable = false, pattern = "^(\"[0-9]{1,18}\"|[*])$",
            description = "The version that the caller saw",
        ),
    ),
    responses((
        status = 200, description = "Changed", body = Receipt,
        headers(("etag" = String, description = "Its version")),
    )),
)]
pub(crate) async fn change(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(webhook): PathId<WebhookId>,
    meta: Meta,
    Body { value, bytes }: Body<WebhookChange>,
) -> Result<(HeaderMap, Json<Receipt>), Problem> {
    let actions = value.actions.map(|all| all.0.into_iter().map(|actions| actions.0).collect());
    let change = ChangeWebhook {
        webhook,
        url: value.url.map(WebhookUrl::into_inner),
        actions,
        form: value.form,
        description: value.description.map(Name::into_inner),
        active: value.active,
    };
    let nothing =
        ChangeWebhook { webhook, url: None, actions: None, form: None, description: None, active: None };
    if change == nothing {
        return Err(Problem::new("invalid-request").fault("#", "at least one thing to change"));
    }
    if let Some(url) = &change.url {
        check_url(&app, url)?;
    }
    let done = meta.execute(&app, caller, &bytes, change).await?;
    let mut headers = receipt::headers(&done.receipt);
    headers.extend([etag(done.receipt.position)]);
    Ok((headers, Json(receipt::of(&done.receipt))))
}
