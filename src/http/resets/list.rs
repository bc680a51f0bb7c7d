//! `GET /v1/resets`: the history of resets.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::resets::ResetInBrief;
use mfa_ledger_projections::Reset;
use mfa_ledger_schemas::AdministratorId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SEES_RESETS, reset_in_brief};
use crate::App;
use crate::cursor::{PositionCursor, behind};
use crate::list::{self, Format};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

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

/// Which resets.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Of this administrator.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    administrator: Option<AdministratorId>,
    /// Most entries of a page.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(minimum = 1, maximum = 1000, default = 100, nullable = false)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<PositionCursor>,
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
    Params(wanted): Params<Wanted>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = list::limit(wanted.limit)?;
    let after = wanted.after.clone().map(|cursor| cursor.mark(&app)).transpose()?;
    let data: Vec<_> = app.service.query(&caller, SEES_RESETS, |state, now| {
        let of_whom = |reset: &&Reset| wanted.administrator.is_none_or(|it| reset.event.administrator == it);
        let resets = state.resets.newest_first(after).filter(of_whom).take(limit + 1);
        resets.map(|reset| reset_in_brief(reset, now)).collect()
    })?;
    let page = Page::of(data, limit, |last| behind(&app, last.position));
    Ok(list::answer(Format::of(&headers), page, COLUMNS, &uri))
}
