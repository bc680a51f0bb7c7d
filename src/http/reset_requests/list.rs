//! `GET /v1/reset-requests`: the requests.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::reset_requests::{RequestStage, ResetRequestBody};
use mfa_ledger_ledger::service::Right;
use mfa_ledger_schemas::Permission;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Filed, stage};
use crate::App;
use crate::cursor::{PositionCursor, behind};
use crate::list::{self, Format};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

const COLUMNS: &[&str] = &[
    "id",
    "administrator",
    "user_name",
    "stage",
    "filed_by.name",
    "filed_at",
    "expires",
    "reason",
    "verification",
    "requested_at",
    "ticket",
    "approved_by",
    "reset",
];

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// At this stage.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    stage: Option<RequestStage>,
    /// Most entries of a page.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(minimum = 1, maximum = 1000, default = 100, nullable = false)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<PositionCursor>,
}

/// The requests, newest first. As JSON, NDJSON or CSV, by `Accept`.
#[utoipa::path(
    get, path = "/v1/reset-requests", tag = "resets", params(Wanted),
    responses((status = 200, description = "A page of requests", content(
        (Page<ResetRequestBody> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
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
    let right = Right::Permission(Permission::ManageMfa);
    let filed: Vec<_> = app.service.query(&caller, right, |state, now| {
        let fits = state.directory.reset_requests().filter(|request| {
            after.is_none_or(|after| request.position < after)
                && wanted.stage.is_none_or(|wanted| stage(request, now) == wanted)
        });
        // Ids made within one millisecond are in no order; positions are.
        let mut fits: Vec<_> = fits.collect();
        fits.sort_unstable_by_key(|request| std::cmp::Reverse(request.position));
        fits.into_iter().take(limit + 1).map(|request| Filed::of(state, request, now)).collect()
    })?;
    let data = filed.into_iter().map(|filed| filed.unseal(&app)).collect();
    let page = Page::of(data, limit, |last| behind(&app, last.position));
    Ok(list::answer(Format::of(&headers), page, COLUMNS, &uri))
}
