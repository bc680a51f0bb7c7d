//! `GET /v1/resets/graph`: who reset whom.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::resets::graph::ResetGraph;
use mfa_ledger_ledger::service::reset_graph::{CHAIN_HOURS, MAX_CHAIN_HOURS, reset_graph};
use mfa_ledger_schemas::Instant;

use super::SEES_RESETS;
use crate::query::params;
use crate::{App, Params, Problem, Signed};

params! {
    /// Which resets, and what makes a chain.
    Wanted {
        /// From this moment on.
        since: Instant,
        /// Up to this moment, without it.
        until: Instant,
        /// Longest time, in hours, from a reset of somebody to one that they perform, for both to be in a chain.
        #[param(minimum = 1, maximum = 720, default = 24)]
        chain_hours: u16,
    }
}

/// Who reset whom: how often, in which chains, and who reset each other; of the newest 10,000 resets in the span.
#[utoipa::path(
    get, path = "/v1/resets/graph", tag = "resets", params(Wanted),
    responses((status = 200, description = "The graph", body = ResetGraph)),
)]
pub(crate) async fn graph(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(wanted): Params<Wanted>,
) -> Result<Json<ResetGraph>, Problem> {
    let Wanted { since, until, chain_hours } = wanted;
    if since.zip(until).is_some_and(|(since, until)| until <= since) {
        return Err(Problem::parameter("until", "a moment after since"));
    }
    let hours = chain_hours.unwrap_or(CHAIN_HOURS);
    if !(1..=MAX_CHAIN_HOURS).contains(&hours) {
        return Err(Problem::parameter("chain_hours", "1 to 720"));
    }
    let graph = app
        .service
        .query(&caller, SEES_RESETS, |state, _| reset_graph(&state.resets, since, until, hours))?;
    Ok(Json(graph))
}
