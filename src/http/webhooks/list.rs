//! `GET /v1/webhooks`: the endpoints.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::webhooks::WebhookBody;

use super::{SEES_WEBHOOKS, webhook_body};
use crate::cursor::WebhookCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

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

list_params! {
    /// Which page.
    ids Wanted by WebhookCursor
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
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    let (found, now) = app.service.query(&caller, SEES_WEBHOOKS, |state, now| {
        let behind = state.webhooks.iter().filter(|it| page.is_behind(&it.id));
        (behind.take(page.most()).cloned().collect::<Vec<_>>(), now)
    })?;
    let data = found.iter().map(|webhook| webhook_body(&app, webhook, now)).collect();
    Ok(page.answer(&app, data, COLUMNS, |last| last.id))
}
