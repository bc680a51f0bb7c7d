//! `GET /v1/reset-requests`: the requests.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::reset_requests::{RequestStage, ResetRequestBody};
use mfa_ledger_ledger::service::{Caller, Right};
use mfa_ledger_schemas::Permission;

use super::{Filed, stage};
use crate::cursor::PositionCursor;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

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

list_params! {
    /// Which requests.
    list Wanted by PositionCursor {
        /// At this stage.
        stage: RequestStage,
    }
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
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    Ok(page.send(found(&app, &caller, &page)?, COLUMNS))
}

/// The page, for a caller who may see all requests.
pub(crate) fn found(
    app: &App,
    caller: &Caller,
    page: &ListQuery<Wanted>,
) -> Result<Page<ResetRequestBody>, Problem> {
    let right = Right::Permission(Permission::ManageMfa);
    let filed: Vec<_> = app.service.query(caller, right, |state, now| {
        let fits = state.directory.reset_requests().filter(|request| {
            page.after.is_none_or(|after| request.position < after)
                && page.wanted.stage.is_none_or(|wanted| stage(request, now) == wanted)
        });
        // Ids made within one millisecond are in no order; positions are.
        let mut fits: Vec<_> = fits.collect();
        fits.sort_unstable_by_key(|request| std::cmp::Reverse(request.position));
        fits.into_iter().take(page.most()).map(|request| Filed::of(state, request, now)).collect()
    })?;
    let data = filed.into_iter().map(|filed| filed.unseal(app)).collect();
    Ok(page.page(app, data, |last| last.position))
}
