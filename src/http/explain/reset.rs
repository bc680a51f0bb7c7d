//! `GET /v1/explain/reset`: could somebody reset somebody's MFA, or have done so?

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use mfa_ledger_api::explain::Explanation;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::text::Name;
use mfa_ledger_ledger::service::{Deed, Question};

use super::{explained, name};
use crate::query::params;
use crate::{App, Meta, Params, Problem, Signed};

params! {
    /// Who, what, and when.
    Wanted {
        /// Who would do it: the id, or the user name at that moment or now.
        #[param(required = true)]
        actor: Name,
        /// Who would be reset: the id, or the user name at that moment or now.
        #[param(required = true)]
        target: Name,
        /// The moment: an RFC 3339 time, or a position in the log in digits; now if it is left out.
        #[param(inline)]
        as_of: Moment,
    }
}

/// Whether somebody could reset somebody's MFA, or could have at a moment of the past.
///
/// The answer is the decision that a reset would have been given, on the state of that moment; `assumed` says what
/// is supposed of the attempt. A system without MFA, a target without it, and all other rules answer with
/// `allowed: false` and the first rule that refuses. Nothing is done; the question is recorded as reading. Takes
/// `manage-mfa` or `view-activity`, or the scope `view-mfa` or `view-activity`.
#[utoipa::path(
    get, path = "/v1/explain/reset", tag = "past", params(Wanted),
    responses((status = 200, description = "The answer, and what it rests on", body = Explanation)),
)]
pub(crate) async fn reset(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Explanation>, Problem> {
    let actor = name(&app, &caller, wanted.actor, "actor")?;
    let deed = Deed::Reset { target: name(&app, &caller, wanted.target, "target")? };
    explained(&app, (meta, caller), ("explain", &uri), &Question { actor, deed }, wanted.as_of).await
}
