//! `GET /v1/explain/approve`: could somebody approve a request, or have done so?

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use mfa_ledger_api::explain::Explanation;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::text::Name;
use mfa_ledger_ledger::service::{Deed, Question};
use mfa_ledger_schemas::ResetRequestId;

use super::{explained, name};
use crate::past::incomplete;
use crate::query::params;
use crate::{App, Meta, Params, Problem, Signed};

params! {
    /// Who, what, and when.
    Wanted {
        /// Who would do it: the id, or the user name at that moment or now.
        #[param(required = true)]
        actor: Name,
        /// The request.
        #[param(required = true)]
        reset_request: ResetRequestId,
        /// The moment: an RFC 3339 time, or a position in the log in digits; now if it is left out.
        #[param(inline)]
        as_of: Moment,
    }
}

/// Whether somebody could approve a request for a reset, or could have at a moment of the past.
///
/// As `/v1/explain/reset`: the decision that the approval would have been given. `target` is whom the request is about.
#[utoipa::path(
    get, path = "/v1/explain/approve", tag = "past", params(Wanted),
    responses((status = 200, description = "The answer, and what it rests on", body = Explanation)),
)]
pub(crate) async fn approve(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Explanation>, Problem> {
    let actor = name(&app, &caller, wanted.actor, "actor")?;
    let reset_request = wanted.reset_request;
    let reset_request =
        reset_request.ok_or_else(|| incomplete(&app, &caller, "reset_request", "the id of a request"))?;
    let deed = Deed::Approve { reset_request };
    explained(&app, (meta, caller), ("explain-approve", &uri), &Question { actor, deed }, wanted.as_of).await
}
