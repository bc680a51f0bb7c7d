//! `GET /v1/activity/{position}`: one entry.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::activity::Entry;
use mfa_ledger_ledger::service::{Caller, READ, command};
use mfa_ledger_schemas::Position;

use super::entry::kept;
use super::noted::noted;
use crate::{App, Meta, PathId, Problem, Signed};

/// The entry at a position.
#[utoipa::path(
    get, path = "/v1/activity/{position}", tag = "activity",
    params(("position" = Position, Path, description = "Where it stands in the log, from 1 on")),
    responses((status = 200, description = "The entry", body = Entry)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(position): PathId<Position>,
) -> Result<Response, Problem> {
    let position = found(&app, caller, &meta, position).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json(&app, position).await?).into_response())
}

/// The entry as it is sent.
pub(super) async fn json(app: &App, position: Position) -> Result<Vec<u8>, Problem> {
    let entries = kept(app, &[position]).await?;
    let mut json = Vec::new();
    entries.first().ok_or_else(|| Problem::new("not-found"))?.write(app, &mut json)?;
    Ok(json)
}

/// The position, once the reading is on record and something stands there.
pub(super) async fn found(
    app: &App,
    caller: Caller,
    meta: &Meta,
    position: Position,
) -> Result<Position, Problem> {
    let call = meta.call(app, caller.clone(), &[], false);
    noted(app, call, command::ReadActivity { query: format!("position={position}"), right: READ }).await?;
    let known = app.service.query(&caller, READ, |state, _| state.activity.at(position).is_some())?;
    if known { Ok(position) } else { Err(Problem::new("not-found")) }
}
