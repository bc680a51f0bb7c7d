//! `GET /v1/silences`: the silences.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::silences::SilenceBody;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Begun;
use crate::App;
use crate::alerts::SEES_ALERTS;
use crate::cursor::{PositionCursor, behind};
use crate::list::{self, Format};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

const COLUMNS: &[&str] =
    &["id", "position", "at", "author", "rule", "group", "until", "ended_at", "in_force", "note"];

/// Which silences.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// In force now, or over.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    in_force: Option<bool>,
    /// Most entries of a page.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(minimum = 1, maximum = 1000, default = 100, nullable = false)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<PositionCursor>,
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
    Params(wanted): Params<Wanted>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = list::limit(wanted.limit)?;
    let after = wanted.after.clone().map(|cursor| cursor.mark(&app)).transpose()?;
    let begun: Vec<_> = app.service.query(&caller, SEES_ALERTS, |state, now| {
        let fits = state.alerts.silences().filter(|silence| {
            after.is_none_or(|after| silence.position < after)
                && wanted.in_force.is_none_or(|in_force| silence.is_in_force(now) == in_force)
        });
        let mut fits: Vec<_> = fits.collect();
        fits.sort_unstable_by_key(|silence| std::cmp::Reverse(silence.position));
        fits.into_iter().take(limit + 1).map(|silence| Begun::of(silence, now)).collect()
    })?;
    let data = begun.into_iter().map(|begun| begun.unseal(&app)).collect();
    let page = Page::of(data, limit, |last| behind(&app, last.position));
    Ok(list::answer(Format::of(&headers), page, COLUMNS, &uri))
}
