//! `GET /v1/webhooks/{id}/deliveries`: what became of the last attempts.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::webhooks::{DeliveryAttempt, DeliveryOutcome};
use mfa_ledger_react::deliver::{Attempt, Outcome};
use mfa_ledger_schemas::WebhookId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::webhook;
use crate::App;
use crate::cursor::{PositionCursor, behind};
use crate::list::{Format, answer, limit};
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

const COLUMNS: &[&str] = &[
    "number",
    "delivery",
    "webhook_id",
    "attempt",
    "at",
    "outcome",
    "status",
    "failure",
    "answer",
    "latency_ms",
    "next_at",
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
    /// The cursor: `next` of the page before.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<PositionCursor>,
}

fn delivery_attempt(attempt: Attempt) -> DeliveryAttempt {
    let outcome = match attempt.outcome {
        Outcome::Delivered => DeliveryOutcome::Delivered,
        Outcome::ToBeRepeated => DeliveryOutcome::ToBeRepeated,
        Outcome::GivenUp => DeliveryOutcome::GivenUp,
        Outcome::Gone => DeliveryOutcome::Gone,
    };
    DeliveryAttempt {
        number: attempt.serial,
        delivery: attempt.position,
        webhook_id: attempt.id,
        attempt: attempt.number,
        at: attempt.at,
        outcome,
        status: attempt.status,
        failure: attempt.failure,
        answer: attempt.said,
        latency_ms: attempt.latency_ms,
        next_at: attempt.next_at,
    }
}

/// What became of the last 1,000 attempts at an endpoint, newest first.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The endpoint"), Wanted),
    responses((status = 200, description = "A page of attempts", content(
        (Page<DeliveryAttempt> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
    ))),
)]
pub(crate) async fn deliveries(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<WebhookId>,
    headers: HeaderMap,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit)?;
    let after = wanted.after.map(|cursor| cursor.mark(&app)).transpose()?;
    webhook(&app, &caller, id)?;
    let attempts = app.options.deliveries.as_ref().map_or_else(Vec::new, |it| it.attempts(id));
    let older = attempts.into_iter().filter(|it| after.is_none_or(|after| it.serial < after.0));
    let data: Vec<_> = older.take(limit + 1).map(delivery_attempt).collect();
    let page = Page::of(data, limit, |attempt| behind(&app, attempt.number));
    Ok(answer(Format::of(&headers), page, COLUMNS, &uri))
}
