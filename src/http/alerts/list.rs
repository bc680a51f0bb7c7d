//! `GET /v1/alerts`: the alerts.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::alerts::{AlertBody, Stage};
use mfa_ledger_api::page::Page;
use mfa_ledger_schemas::{RuleId, Severity};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Raised, SEES_ALERTS};
use crate::App;
use crate::cursor::{PositionCursor, behind};
use crate::list::{self, Format};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

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

/// Which alerts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// At this stage.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    stage: Option<Stage>,
    /// Of this rule.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    rule: Option<RuleId>,
    /// This bad.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    severity: Option<Severity>,
    /// Most entries of a page.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(minimum = 1, maximum = 1000, default = 100, nullable = false)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<PositionCursor>,
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
    Params(wanted): Params<Wanted>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = list::limit(wanted.limit)?;
    let after = wanted.after.clone().map(|cursor| cursor.mark(&app)).transpose()?;
    let raised: Vec<_> = app.service.query(&caller, SEES_ALERTS, |state, _| {
        let fits = state.alerts.newest_first(after).filter(|alert| {
            wanted.stage.is_none_or(|stage| super::stage(alert.stage) == stage)
                && wanted.rule.as_ref().is_none_or(|rule| alert.rule == *rule)
                && wanted.severity.is_none_or(|severity| alert.severity == severity)
        });
        fits.take(limit + 1).map(Raised::of).collect()
    })?;
    let data = raised.into_iter().map(|raised| raised.unseal(&app)).collect();
    let page = Page::of(data, limit, |last| behind(&app, last.position));
    Ok(list::answer(Format::of(&headers), page, COLUMNS, &uri))
}
