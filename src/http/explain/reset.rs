//! `GET /v1/explain/reset`: could somebody reset somebody's MFA, or have done so?

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use mfa_ledger_api::explain::Explanation;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::text::Name;
use mfa_ledger_ledger::service::{PAST, Question};

use crate::past::{incomplete, noted};
use crate::query::params;
use crate::{App, Meta, Params, Problem, Signed};

params! {
    /// Who, whom, and when.
    Wanted {
        /// Who would reset: the id, or the user name at that moment or now.
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
    let name = |name: Option<Name>, parameter| {
        let lacks = || incomplete(&app, &caller, parameter, "an id or a user name");
        name.map(Name::into_inner).ok_or_else(lacks)
    };
    let question = Question { actor: name(wanted.actor, "actor")?, target: name(wanted.target, "target")? };
    noted(&app, meta.call(&app, caller, &[], false), PAST, "explain", &uri).await?;
    let past = match wanted.as_of {
        Some(moment) => app.service.as_of(moment).await?,
        None => app.service.present(),
    };
    app.service.explain_reset(&past, &question).map(Json).ok_or_else(|| {
        Problem::new("not-found").detail("no administrator has, or had, one of these ids or user names")
    })
}
