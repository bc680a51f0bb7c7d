//! `GET /v1/activity/{position}/leaf`: the public half of a record, byte for byte.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mfa_ledger_schemas::Position;

use super::show::found;
use crate::{App, Meta, PathId, Problem, Signed};

const MEDIA_TYPE: &str = "application/cloudevents+json";

/// The CloudEvent of a record, exactly as it was stored, published and hashed.
#[utoipa::path(
    get, path = "/v1/activity/{position}/leaf", tag = "activity",
    params(("position" = Position, Path, description = "Where it stands in the log, from 1 on")),
    responses((
        status = 200, description = "The bytes of the leaf",
        content_type = "application/cloudevents+json", body = Object,
    )),
)]
pub(crate) async fn leaf(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(position): PathId<Position>,
) -> Result<Response, Problem> {
    let position = found(&app, caller, &meta, position).await?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text(&app, position).await?).into_response())
}

/// The bytes, which are UTF-8.
pub(super) async fn text(app: &App, position: Position) -> Result<String, Problem> {
    let records = app.service.activity_records(&[position]).await?;
    Ok(records.into_iter().next().ok_or_else(|| Problem::new("not-found"))?.leaf)
}
