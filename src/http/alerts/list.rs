//! `GET /v1/alerts`: the alerts.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::alerts::{AlertBody, Stage};
use mfa_ledger_api::page::Page;
use mfa_ledger_ledger::service::Caller;
use mfa_ledger_schemas::{RuleId, Severity};

use super::{Raised, SEES_ALERTS};
use crate::administrators::named;
use crate::cursor::PositionCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

const COLUMNS: &[&str] = &[
    "id",
    "position",
    "at",
    "rule",
    "title",
    "severity",
    "group",
    "positions",
    "silenced",
    "stage",
    "acknowledged.actor",
    "acknowledged.at",
    "resolved.actor",
    "resolved.at",
    "false_positive",
];

list_params! {
    /// Which alerts.
    list Wanted by PositionCursor {
        /// At this stage.
        stage: Stage,
        /// Of this rule.
        rule: RuleId,
        /// This bad.
        severity: Severity,
    }
}

/// The alerts, newest first. As JSON, NDJSON or CSV, by `Accept`.
#[utoipa::path(
    get, path = "/v1/alerts", tag = "alerts", params(Wanted),
    responses((status = 200, description = "A page of alerts", content(
        (Page<AlertBody> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
    ))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    Ok(page.send(found(&app, &caller, &page)?, COLUMNS))
}

/// The page, for a caller who may see alerts.
pub(crate) fn found(
    app: &App,
    caller: &Caller,
    page: &ListQuery<Wanted>,
) -> Result<Page<AlertBody>, Problem> {
    let raised: Vec<_> = app.service.query(caller, SEES_ALERTS, |state, now| {
        let named = named(state, caller, now);
        let fits = state.alerts.newest_first(page.after).filter(|alert| {
            page.wanted.stage.is_none_or(|stage| super::stage(alert.stage) == stage)
                && page.wanted.rule.as_ref().is_none_or(|rule| alert.rule == *rule)
                && page.wanted.severity.is_none_or(|severity| alert.severity == severity)
        });
        fits.take(page.most()).map(|alert| Raised::of(alert, &named)).collect()
    })?;
    let data = raised.into_iter().map(|raised| raised.unseal(app)).collect();
    Ok(page.page(app, data, |last| last.position))
}
