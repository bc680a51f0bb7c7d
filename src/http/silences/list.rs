//! `GET /v1/silences`: the silences.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::silences::SilenceBody;

use super::Begun;
use crate::alerts::SEES_ALERTS;
use crate::cursor::PositionCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

const COLUMNS: &[&str] =
    &["id", "position", "at", "author", "rule", "group", "until", "ended_at", "in_force", "note"];

list_params! {
    /// Which silences.
    list Wanted by PositionCursor {
        /// In force now, or over.
        in_force: bool,
    }
}

/// The silences, newest first. As JSON, NDJSON or CSV, by `Accept`.
#[utoipa::path(
    get, path = "/v1/silences", tag = "alerts", params(Wanted),
    responses((status = 200, description = "A page of silences", content(
        (Page<SilenceBody> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
    ))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    let begun: Vec<_> = app.service.query(&caller, SEES_ALERTS, |state, now| {
        let fits = state.alerts.silences().filter(|silence| {
            page.after.is_none_or(|after| silence.position < after)
                && page.wanted.in_force.is_none_or(|in_force| silence.is_in_force(now) == in_force)
        });
        let mut fits: Vec<_> = fits.collect();
        fits.sort_unstable_by_key(|silence| std::cmp::Reverse(silence.position));
        fits.into_iter().take(page.most()).map(|silence| Begun::of(silence, now)).collect()
    })?;
    let data = begun.into_iter().map(|begun| begun.unseal(&app)).collect();
    Ok(page.answer(&app, data, COLUMNS, |last| last.position))
}
