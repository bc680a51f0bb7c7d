//! `GET /v1/webhooks/{id}/deliveries`: what became of the last attempts.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::webhooks::{DeliveryAttempt, DeliveryOutcome};
use mfa_ledger_react::deliver::{Attempt, Outcome};
use mfa_ledger_schemas::WebhookId;

use super::webhook;
use crate::cursor::PositionCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, PathId, Problem, Signed};

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

list_params! {
    /// Which page.
    Wanted by PositionCursor {
        /// Entries of a page, 1 to 1000; 100 when not given.
        #[param(minimum = 1, maximum = 1000)]
        limit: u32,
        /// The cursor: `next` of the page before.
        #[param(inline)]
        after: PositionCursor,
    }
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
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    webhook(&app, &caller, id)?;
    let attempts = app.options.deliveries.as_ref().map_or_else(Vec::new, |it| it.attempts(id));
    let older = attempts.into_iter().filter(|it| page.after.is_none_or(|after| it.serial < after.0));
    let data: Vec<_> = older.take(page.most()).map(delivery_attempt).collect();
    Ok(page.answer(&app, data, COLUMNS, |last| last.number))
}
