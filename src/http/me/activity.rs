//! `GET /v1/me/activity`: what one did oneself.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use mfa_ledger_api::activity::ActivityPage;
use mfa_ledger_ledger::service::Right;
use mfa_ledger_projections::{ActivityFilter, Order};
use serde::Deserialize;
use utoipa::IntoParams;

use super::own;
use crate::App;
use crate::activity::form::Form;
use crate::cursor::PositionCursor;
use crate::list::{Format, limit};
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

/// Which part of it.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Entries of a page, 1 to 1000; 100 when not given.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before, or a position, behind which the page begins.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<PositionCursor>,
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
    uri: Uri,
    Params(Wanted { limit: most, after }): Params<Wanted>,
) -> Result<Response, Problem> {
    let actor = Some(own(&caller)?.to_string());
    let filter = ActivityFilter { actor, ..ActivityFilter::default() };
    let (most, after) = (limit(most)?, after.map(|cursor| cursor.mark(&app)).transpose()?);
    let right = (&caller, Right::OwnProfile);
    let found = app.service.search(right, &filter, Order::Descending, after, most).await?;
    Form::Entries(Format::Json).page(&app, &found, &uri).await
}
