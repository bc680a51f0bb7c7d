//! `/v1/explain`: why an answer is, or would have been, as it is.

mod approve;
mod change;
mod reset;

use axum::Json;
use axum::http::Uri;
use mfa_ledger_api::explain::Explanation;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::text::Name;
use mfa_ledger_ledger::service::{Caller, PAST, Question};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::past::{incomplete, noted};
use super::{App, Meta, Problem};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reset::reset))
        .routes(routes!(approve::approve))
        .routes(routes!(change::change))
}

/// A name that has to be given.
fn name(app: &App, caller: &Caller, given: Option<Name>, parameter: &str) -> Result<String, Problem> {
    given.map(Name::into_inner).ok_or_else(|| incomplete(app, caller, parameter, "an id or a user name"))
}

/// The answer; the question is on record before it, as reading `about` something.
async fn explained(
    app: &App,
    (meta, caller): (Meta, Caller),
    (about, uri): (&str, &Uri),
    question: &Question,
    as_of: Option<Moment>,
) -> Result<Json<Explanation>, Problem> {
    noted(app, meta.call(app, caller, &[], false), PAST, about, uri).await?;
    let past = match as_of {
        Some(moment) => app.service.as_of(moment).await?,
        None => app.service.present(),
    };
    app.service.explain(&past, question).map(Json).ok_or_else(|| {
        Problem::new("not-found")
            .detail("no administrator has, or had, one of these ids or user names, or no request that id")
    })
}
