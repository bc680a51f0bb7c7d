//! `GET /v1/explain/change`: could somebody change somebody's account, or have done so?

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
        /// Whose account would be changed: the id, or the user name at that moment or now.
        #[param(required = true)]
        target: Name,
        /// The moment: an RFC 3339 time, or a position in the log in digits; now if it is left out.
        #[param(inline)]
        as_of: Moment,
    }
}

/// Whether somebody could change the names or addresses of an account, or could have at a moment of the past.
///
/// As `/v1/explain/reset`: the decision that the change would have been given.
#[utoipa::path(
    get, path = "/v1/explain/change", tag = "past", params(Wanted),
    responses((status = 200, description = "The answer, and what it rests on", body = Explanation)),
)]
pub(crate) async fn change(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Explanation>, Problem> {
    let actor = name(&app, &caller, wanted.actor, "actor")?;
    let deed = Deed::Change { target: name(&app, &caller, wanted.target, "target")? };
    explained(&app, (meta, caller), ("explain-change", &uri), &Question { actor, deed }, wanted.as_of).await
}
