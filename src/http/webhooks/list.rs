//! `GET /v1/webhooks`: the endpoints.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::webhooks::WebhookBody;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SEES_WEBHOOKS, webhook_body};
use crate::App;
use crate::cursor::{WebhookCursor, behind};
use crate::list::{Format, answer, limit};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

const COLUMNS: &[&str] = &[
    "id",
    "url",
    "actions",
    "form",
    "signing",
    "description",
    "active",
    "fault",
    "created_at",
    "created_by",
];

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Entries of a page, 1 to 1000; 100 when not given.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before, or the id of an entry.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<WebhookCursor>,
}

/// The endpoints that events are delivered to, the oldest first.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "webhooks", params(Wanted),
    responses((status = 200, description = "A page of endpoints", content(
        (Page<WebhookBody> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
    ))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    headers: HeaderMap,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit)?;
    let after = wanted.after.clone().map(|cursor| cursor.mark(&app)).transpose()?;
    let (found, now) = app.service.query(&caller, SEES_WEBHOOKS, |state, now| {
        let behind = state.webhooks.iter().filter(|it| after.is_none_or(|after| it.id > after));
        (behind.take(limit + 1).cloned().collect::<Vec<_>>(), now)
    })?;
    let data = found.iter().map(|webhook| webhook_body(&app, webhook, now)).collect();
    let page = Page::of(data, limit, |webhook| behind(&app, webhook.id));
    Ok(answer(Format::of(&headers), page, COLUMNS, &uri))
}
