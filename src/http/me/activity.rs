//! `GET /v1/me/activity`: what one did oneself.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::activity::ActivityPage;
use mfa_ledger_ledger::service::Right;
use mfa_ledger_projections::{ActivityFilter, Order};

use super::own;
use crate::activity::form::Form;
use crate::cursor::PositionCursor;
use crate::list::Format;
use crate::list_query::list_params;
use crate::{App, ListQuery, Problem, Signed};

list_params! {
    /// Which part of it.
    Wanted by PositionCursor {
        /// Entries of a page, 1 to 1000; 100 when not given.
        #[param(minimum = 1, maximum = 1000)]
        limit: u32,
        /// The cursor: `next` of the page before, or a position, behind which the page begins.
        #[param(inline)]
        after: PositionCursor,
    }
}

/// What one did oneself, newest first.
///
/// It takes no permission and is not recorded as reading. Log-ins are not among it: whoever logs in is nobody yet; the
/// sessions that they led to are in the profile. What others did, to oneself too, is in the activity log only:
/// an alert about somebody is none of their business.
#[utoipa::path(
    get, path = "/v1/me/activity", tag = "me", params(Wanted),
    responses((
        status = 200, description = "A page", body = ActivityPage,
        headers(("link" = String, description = "The next page, where there is one (RFC 8288)")),
    )),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    let actor = Some(own(&caller)?.to_string());
    let filter = ActivityFilter { actor, ..ActivityFilter::default() };
    let right = (&caller, Right::OwnProfile);
    let found = app.service.search(right, &filter, Order::Descending, page.after, page.limit).await?;
    Form::Entries(Format::Json).page(&app, &found, &page.uri).await
}
