//! `GET /v1/diff`: what differs between two moments.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use mfa_ledger_api::diff::Difference;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_ledger::service::{PAST, difference};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::administrators::sees_mfa;
use super::meta::Meta;
use super::past::{incomplete, noted};
use super::problem::Problem;
use super::query::{Params, params};
use super::signed::Signed;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(diff))
}

params! {
    /// Two moments.
    Wanted {
        /// The earlier moment: an RFC 3339 time, or a position in the log in digits.
        #[param(required = true, inline)]
        from: Moment,
        /// The later moment, likewise; now if it is left out.
        #[param(inline)]
        to: Moment,
    }
}

/// What differs between two moments: of accounts, roles and settings, each fact before and after.
///
/// Takes `manage-mfa` or `view-activity`, or the scope `view-mfa` or `view-activity`, and is recorded as reading.
#[utoipa::path(
    get, path = "/v1/diff", tag = "past", params(Wanted),
    responses((status = 200, description = "What differs", body = Difference)),
)]
pub(crate) async fn diff(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Difference>, Problem> {
    let Some(from) = wanted.from else {
        return Err(incomplete(&app, &caller, "from", "a time or a position"));
    };
    noted(&app, meta.call(&app, caller.clone(), &[], false), PAST, "diff", &uri).await?;
    let sees = app.service.query(&caller, PAST, |state, now| sees_mfa(state, &caller, now))?;
    let (before, after) = match wanted.to {
        Some(to) => app.service.between(from, to).await?,
        None => (app.service.as_of_everyone(from).await?, app.service.present()),
    };
    Ok(Json(difference(&before, &after, sees)))
}
