//! `GET /v1/activity/{position}/with-proof`: one entry, and what it takes to check it.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::activity::{Entry, WithProof};
use mfa_ledger_schemas::Position;
use serde_json::value::RawValue;

use super::{leaf, proof, show};
use crate::log::{sealed, sealer};
use crate::problem::unless;
use crate::{App, Meta, PathId, Problem, Signed};

/// The entry at a position with its leaf, the keys and the newest checkpoint of the log, and the proof.
///
/// Does not wait for a checkpoint. Check the proof with a key that you were given another way than through this server.
#[utoipa::path(
    get, path = "/v1/activity/{position}/with-proof", tag = "activity",
    params(("position" = Position, Path, description = "Where it stands in the log, from 1 on")),
    responses((status = 200, description = "The entry, and what it takes to check it", body = WithProof<Entry>)),
)]
pub(crate) async fn with_proof(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(position): PathId<Position>,
) -> Result<Json<WithProof<Box<RawValue>>>, Problem> {
    let position = show::found(&app, caller, &meta, position).await?;
    let entry = serde_json::from_slice(&show::json(&app, position).await?);
    let entry = entry.map_err(|_| Problem::new("internal-error"))?;
    let leaf = leaf::text(&app, position).await?;
    let sealed = sealed(&app);
    let is_covered = sealer(&app).is_ok_and(|it| it.newest().signed.checkpoint.size >= position.0);
    let proof = if is_covered {
        unless(&["proof-unavailable"], proof::text(&app, position, &leaf).await)?
    } else {
        None
    };
    Ok(Json(WithProof { entry, leaf, sealed, proof }))
}
