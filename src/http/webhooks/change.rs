//! `PATCH /v1/webhooks/{id}`: change an endpoint, switch it off or on again.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_ledger::service::command::ChangeWebhook;
use mfa_ledger_schemas::limits::WEBHOOK_ACTIONS;
use mfa_ledger_schemas::{WebhookForm, WebhookId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::actions::Actions;
use super::check_url;
use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::path::PathId;
use crate::problem::Problem;
use crate::receipt::{Receipt, etag};
use crate::several::Several;
use crate::signed::Signed;
use crate::text::{Name, WebhookUrl};

/// What is to change; the rest stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub(crate) struct WebhookChange {
    #[schema(nullable = false)]
    url: Option<WebhookUrl>,
    #[schema(value_type = Vec<Actions>, min_items = 1, max_items = 32, nullable = false)]
    actions: Option<Several<Actions, WEBHOOK_ACTIONS>>,
    #[schema(nullable = false)]
    form: Option<WebhookForm>,
    #[schema(nullable = false)]
    description: Option<Name>,
    /// Whether anything is delivered to it; what happens while it is off is not delivered later.
    #[schema(nullable = false)]
    active: Option<bool>,
}

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
    let done = meta.execute(&app, caller, &bytes, Intent::ChangeWebhook(change)).await?;
    let mut headers = Receipt::headers(&done);
    headers.extend([etag(done.position)]);
    Ok((headers, Json(Receipt::of(&done))))
}
