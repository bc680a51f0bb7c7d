//! `GET /v1/resets`: the history of resets.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::resets::ResetInBrief;
use mfa_ledger_ledger::service::Caller;
use mfa_ledger_schemas::AdministratorId;

use super::{SEES_RESETS, reset_in_brief};
use crate::cursor::PositionCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

const COLUMNS: &[&str] = &[
    "position",
    "at",
    "performer.name",
    "performer.role",
    "performer.address",
    "administrator",
    "user_name",
    "role",
    "super_administrator",
    "reason",
    "verification",
    "requested_at",
    "ticket",
    "approved_by",
    "break_glass",
    "notified",
    "danger_window.open",
    "danger_window.until",
    "danger_window.hours",
    "repudiated_at",
];

list_params! {
    /// Which resets.
    list Wanted by PositionCursor {
        /// Of this administrator.
        administrator: AdministratorId,
    }
}

/// The resets, newest first. As JSON, NDJSON or CSV, by `Accept`.
#[utoipa::path(
    get, path = "/v1/resets", tag = "resets", params(Wanted),
    responses((status = 200, description = "A page of resets", content(
        (Page<ResetInBrief> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
    ))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    Ok(page.send(found(&app, &caller, &page)?, COLUMNS))
}

/// The page, for a caller who may see resets.
pub(crate) fn found(
    app: &App,
    caller: &Caller,
    page: &ListQuery<Wanted>,
) -> Result<Page<ResetInBrief>, Problem> {
    let data: Vec<_> = app.service.query(caller, SEES_RESETS, |state, now| {
        let brief = |reset| reset_in_brief(reset, now);
        match page.wanted.administrator {
            Some(whom) => state.resets.newest_of(whom, page.after).take(page.most()).map(brief).collect(),
            None => state.resets.newest_first(page.after).take(page.most()).map(brief).collect(),
        }
    })?;
    Ok(page.page(app, data, |last| last.position))
}
