//! `GET /v1/log/consistency`: that an older log is the beginning of a newer one.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::log::ConsistencyProof;
use mfa_ledger_base::tlog::Hash;
use mfa_ledger_schemas::Position;
use serde::Deserialize;
use utoipa::IntoParams;

use super::sealer;
use crate::query::{given, position};
use crate::{App, Params, Problem};

/// Which two trees.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The size of the older tree, in records [default: 0].
    #[serde(deserialize_with = "position")]
    #[param(value_type = Position, required = false)]
    from: Option<Position>,
    /// The size of the newer tree, in records [default: that of the newest checkpoint].
    #[serde(deserialize_with = "given")]
    #[param(value_type = Position, required = false)]
    to: Option<Position>,
}

/// That the log of `from` records is the beginning of the log of `to`: nothing was changed or removed.
#[utoipa::path(
    get, path = "/v1/log/consistency", tag = "log", security(()), params(Wanted),
    responses((status = 200, description = "The proof", body = ConsistencyProof)),
)]
pub(crate) async fn consistency(
    State(app): State<App>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<ConsistencyProof>, Problem> {
    let sealer = sealer(&app)?;
    let from = wanted.from.unwrap_or_default();
    let to = wanted.to.unwrap_or(Position(sealer.newest().signed.checkpoint.size));
    if to > app.service.head().await? {
        return Err(Problem::new("not-found").detail("the log has not so many records"));
    }
    let proof = sealer.consistency(from.0, to.0).await?;
    Ok(Json(ConsistencyProof {
        from,
        to,
        from_root: proof.from_root.to_string(),
        to_root: proof.to_root.to_string(),
        hashes: proof.path.iter().map(Hash::to_string).collect(),
    }))
}
