//! `GET /v1/activity/{position}/proof`: the receipt of a record.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_base::tlog::note::MEDIA_TYPE;
use mfa_ledger_ledger::service::READ;
use mfa_ledger_schemas::Position;

use super::leaf;
use crate::log::sealer;
use crate::{App, PathId, Problem, Signed};

/// The proof that a record is in the log, to be kept and checked without this server
/// (c2sp.org/tlog-proof). What it proves is the leaf, byte for byte: GET /v1/activity/{position}/leaf.
///
/// For those who may read the activity log, and for whoever caused the record. Waits for the next
/// checkpoint, which is due within a second, where none covers the record yet.
#[utoipa::path(
    get, path = "/v1/activity/{position}/proof", tag = "activity",
    params(("position" = Position, Path, description = "Where it stands in the log, from 1 on")),
    responses((status = 200, description = "The proof", body = String, content_type = "text/plain")),
)]
pub(crate) async fn proof(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(position): PathId<Position>,
) -> Result<Response, Problem> {
    let known = app.service.query(&caller, READ, |state, _| state.activity.at(position).is_some());
    let own = || app.service.is_own(&caller, position);
    match known {
        Ok(false) => return Err(Problem::new("not-found")),
        Err(denied) if !own() => return Err(denied.into()),
        _ => {}
    }
    let receipt = text(&app, position, &leaf::text(&app, position).await?).await?;
    let file = format!("attachment; filename=\"{position}.tlog-proof\"");
    let file = HeaderValue::from_str(&file).expect("digits and ASCII");
    let kind = HeaderValue::from_static(MEDIA_TYPE);
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)], receipt).into_response())
}

/// The receipt of a leaf; waits for a checkpoint that covers it.
pub(super) async fn text(app: &App, position: Position, leaf: &str) -> Result<String, Problem> {
    Ok(sealer(app)?.receipt(position.0, leaf.as_bytes()).await?.to_string())
}
